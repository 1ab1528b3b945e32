/**
 * The stores for programs.
 *
 * Invariant: one object of version 1; all texts are printable, and nothing that only the engine needs
 * is in it.
 */
import { escapePath, type SearchResult, type Store } from '../index.js';
import { foundPath, sameStore } from './search-report.js';

export interface StoresToTell {
  readonly stores: readonly Store[];
  /** Undefined where nobody searched. */
  readonly searched: SearchResult | undefined;
  readonly warnings: readonly string[];
}

/** One line, without its end. */
export function storesJson({ stores, searched, warnings }: StoresToTell): string {
  return JSON.stringify({
    version: 1,
    stores: stores.map(({ target: _, ...store }) => store),
    ...(searched === undefined
      ? {}
      : {
          found: searched.found.map((directory) => ({
            ...directory,
            path: foundPath(directory),
            store: sameStore(directory, stores)?.id ?? null,
          })),
          applications: searched.applications.map((application) => ({
            ...application,
            path: escapePath(Buffer.from(application.path, 'latin1')),
          })),
        }),
    warnings,
  });
}
