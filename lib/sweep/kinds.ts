/**
 * The kinds of stores that there are.
 *
 * Invariant: a kind is loaded when a target is of it: a sweep of directories loads nothing of tables.
 */
import type { Kind } from '../engine/engine.js';
import { filesKind } from '../files/files-engine.js';
import { isTableTarget } from '../tables/is-table-target.js';

const others: readonly {
  readonly takes: (target: unknown) => boolean;
  readonly load: () => Promise<Kind>;
}[] = [
  {
    takes: isTableTarget,
    load: async () => (await import('../tables/kind.js')).tables,
  },
];

/** Those of these targets, and of anything else: the first is whose mistake an unknown target is. */
export async function kindsOf(targets: readonly unknown[]): Promise<readonly [Kind, ...Kind[]]> {
  const needed = others.filter(({ takes }) => targets.some(takes));
  return [filesKind, ...(await Promise.all(needed.map(({ load }) => load())))];
}
