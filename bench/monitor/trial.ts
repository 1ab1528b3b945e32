/**
 * What several trials of the monitor need.
 */
import { type FileSystemName, whyUnavailable } from '../file-systems.js';

/** @throws Error where a file system cannot be had here */
export function requireFileSystem(name: FileSystemName): void {
  const reason = whyUnavailable(name);
  if (reason !== undefined) throw new Error(`${name}: ${reason}`);
}

/** What was wrong several times as one problem; none where it never was. */
export function problemOf(what: string, cases: readonly string[]): string[] {
  if (cases.length === 0) return [];
  const named = cases.slice(0, 3).join('; ');
  return [`${cases.length} ${what}, as ${named}`];
}
