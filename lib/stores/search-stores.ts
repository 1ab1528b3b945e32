/**
 * `searchStores()`: the public door to the search for directories that nobody configured.
 *
 * Invariant: what does the work is loaded when it is called, since most commands never search.
 */
import type { ByteString } from '../php/byte-string.js';
import type { SearchOptions, SearchResult } from './search/walk.js';

export type { SearchOptions, SearchResult } from './search/walk.js';

/**
 * Looks for directories that are full of session-like files.
 *
 * @param directories absolute; links on the way to them, and they themselves, are followed
 * @returns what was found, the largest first, and what was not searched
 */
export async function searchStores(
  directories: readonly ByteString[],
  options: SearchOptions = {},
): Promise<SearchResult> {
  const { search } = await import('./search/walk.js');
  return search(directories, options);
}
