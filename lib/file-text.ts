/**
 * The text of a small file, for callers to whom an empty, a missing and an unreadable file are the same.
 *
 * Invariant: nothing is thrown. For files that never hang their reader: those of /proc, and of /etc.
 */
import { readFileSync } from 'node:fs';

/** @returns '' where it cannot be read */
export function fileText(file: string, encoding: 'latin1' | 'utf8' = 'latin1'): string {
  try {
    return readFileSync(file, encoding);
  } catch {
    return '';
  }
}
