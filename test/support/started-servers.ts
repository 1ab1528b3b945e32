/**
 * The database servers of a test file: one of each kind that is installed, for all of its tests.
 *
 * Invariant: they are started side by side before the first test, and have ended behind the last.
 */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type Request, type TableServer, tableServers } from './table-server.js';
import { tempDir } from './temp-dir.js';

export interface StartedServer {
  readonly name: string;
  readonly isThere: boolean;
  readonly server: TableServer;
  readonly directory: string;
}

/** Enough for a machine that does many other things. */
const startMs = 180_000;

export function startedServers(): StartedServer[] {
  const all = tableServers.map(({ name, isThere, make }) => {
    const directory = tempDir();
    return { name, isThere, directory, server: make(directory) };
  });
  const there = all.filter(({ isThere }) => isThere);
  beforeAll(() => Promise.all(there.map(({ server }) => server.start())).then(() => {}), startMs);
  afterAll(() => Promise.all(there.map(({ server }) => server.stop())).then(() => {}));
  return all;
}

/** A connection of the test's own, as a request's. */
export async function requestTo(server: TableServer): Promise<Request> {
  const one = await server.request();
  onTestFinished(() => one.end().catch(() => {}));
  return one;
}
