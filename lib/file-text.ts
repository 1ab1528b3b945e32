/**
 * What a small file holds, where it is all the same whether it is empty, missing or kept from us.
 *
 * Invariant: nothing is thrown. For files that cannot hang whoever reads them: those of /proc, and of /etc.
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
