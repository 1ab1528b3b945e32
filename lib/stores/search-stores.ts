/**
 * `searchStores()`: the public door to the search for directories that nobody configured.
 *
 * Invariant: what does the work is loaded when it is called, since most commands never search. Where a mount
 * may not answer it is done in a process of its own, which can be left behind.
 */
import type { ByteString } from '../php/byte-string.js';
import type { SearchOptions, SearchResult } from './search/walk.js';
import { mountsThatMayHang } from './silent-mounts.js';

export type { SearchOptions, SearchResult } from './search/walk.js';

/** What that process is asked. */
export interface SearchQuestion {
  readonly directories: readonly ByteString[];
  readonly leftMs: number;
  readonly limits: SearchOptions['limits'];
}

const usualMs = 30_000;
/** Behind the search's own deadline. */
const graceMs = 5000;

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
  const { deadline, limits, clock } = options;
  if (clock !== undefined || mountsThatMayHang().length === 0) {
    const { search } = await import('./search/walk.js');
    return search(directories, options);
  }
  const leftMs = deadline === undefined ? usualMs : Math.max(0, deadline - performance.now());
  return searchApart({ directories, leftMs, limits });
}

async function searchApart(question: SearchQuestion): Promise<SearchResult> {
  const { Apart } = await import('../apart/apart.js');
  const unanswered = new Error('a file system does not answer (findmnt lists them)');
  const apart = new Apart<SearchQuestion, SearchResult>({
    program: 'stores/search-child.js',
    deadlineMs: question.leftMs + graceMs,
    mostLeftBehind: 1,
    /** Each silent mount keeps one of them. */
    threads: 32,
    notAnswering: () => unanswered,
    failed: (reason) => new Error(reason),
  });
  try {
    return await apart.ask(question);
  } catch (error) {
    const message = `the search did not end: ${error instanceof Error ? error.message : error}`;
    return { found: [], applications: [], warnings: [{ message }] };
  }
}
