/**
 * What the lifecycle tests run in processes and workers of their own: the built library, by its URL.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

export const libraryUrl = pathToFileURL(path.join(import.meta.dirname, '../../dist/index.js')).href;

/** A store of expired sessions. */
export function expiredStore(sessions: number): string {
  const store = tempDir();
  for (let i = 0; i < sessions; i++) writeSession(store, `id${i}`, { ageSeconds: 100_000 });
  return store;
}

/** What may be under way when the environment goes, each surely unfinished by then. */
const unfinishedSweeps = {
  'a sweep that waits for its rate': { maxRemovalsPerSecond: 1 },
  'a sweep at full speed': { dryRun: true },
  'a sweep that lists every file': { dryRun: true, listVerdicts: ['would_remove'] },
} as const;

/**
 * Tests that an environment ends at once, whatever is under way in it and however far that is.
 *
 * @param end starts a sweep and ends its environment after `delayMs`
 */
export function itEndsWithinASecond(
  end: (store: string, options: object, delayMs: number) => Promise<{ readonly tookMs: number }>,
): void {
  let store: string;
  beforeAll(() => {
    store = expiredStore(30_000);
  });

  it.each(Object.entries(unfinishedSweeps))(
    'ends %s within a second, 50 times',
    async (_, options) => {
      for (let round = 0; round < 50; round++) {
        const { tookMs } = await end(store, options, round % 10);
        expect(tookMs).toBeLessThan(1000);
      }
    },
  );
}
