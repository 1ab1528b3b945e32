/**
 * Tells a table from a directory among targets, without loading anything of tables.
 *
 * Invariant: a target with a database, an application or a table is a table, however wrong the rest is.
 */
import type { TableDescription } from './description.js';

const keys = ['database', 'app', 'table'] as const;

export function isTableTarget(target: unknown): target is TableDescription {
  return (
    typeof target === 'object' &&
    target !== null &&
    !('savePath' in target) &&
    keys.some((key) => key in target)
  );
}
