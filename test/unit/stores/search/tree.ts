/**
 * Trees with sessions of many kinds, for the search to find.
 *
 * Invariant: the same calls make the same names.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchResult } from '../../../../lib/stores/search-stores.js';
import { Random } from '../../../support/random.js';

const random = new Random(7);
export const hex = '0123456789abcdef';
export const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Writes files with these names, as many bytes long as they say. */
export function fill(directory: string, names: readonly string[], bytes = 6): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) writeFileSync(join(directory, name), Buffer.alloc(bytes));
}

export function names(count: number, prefix: string, alphabet: string, length: number): string[] {
  return Array.from({ length: count }, () => prefix + random.text(alphabet, length));
}

export function told({ warnings }: SearchResult): string {
  return warnings.map(({ message }) => message).join('\n');
}
