/**
 * What is to be known of tables without removing anything, for the doctor: whether each can be collected, what
 * finds its expired rows, how late they are, and how its clock differs.
 *
 * Invariant: one look a table, of a bounded number of rows; a database that does not answer is given up.
 */
import type { PlannedStore } from '../engine/engine.js';
import { loadAddon } from '../native/load.js';
import type { TableDescription } from './description.js';
import { TableEngine } from './engine.js';
import { notAnswering, TableError, type TableFailure } from './failure.js';
import { tables } from './kind.js';
import type { TableStore } from './store.js';

export interface TableExamination {
  /** Why it cannot be collected; null: it can. */
  readonly failure: TableFailure | null;
  /** As `MariaDB 10.11.6`; null: not known. */
  readonly server: string | null;
  readonly hasIndex: boolean;
  /** The CREATE INDEX that would help; null: none would, or there is one. */
  readonly helpfulIndex: string | null;
  /** By how much its clock is ahead of this machine's. */
  readonly clockAheadMs: number;
  /** For how long the row that the index finds first has been due; 0: none is, or that is not known. */
  readonly overdueSeconds: number;
}

/** More of the first rows may be in hand, or kept for another reason. */
const mostLooked = 100;

const nothing: Omit<TableExamination, 'failure'> = {
  server: null,
  hasIndex: true,
  helpfulIndex: null,
  clockAheadMs: 0,
  overdueSeconds: 0,
};

const given = { maxLifetimeSeconds: undefined, graceSeconds: 0, lifetimesByUid: [], shard: null };

/** In their order. */
export async function examineTables(
  targets: readonly TableDescription[],
  patienceMs: number,
): Promise<TableExamination[]> {
  const addon = loadAddon();
  const limits = addon.createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond: 0 });
  const engine = new TableEngine(addon, { limits, indexLimit: 0, latenessBoundsMs: [] });
  try {
    return await Promise.all(
      targets.map((target) => {
        const planned = tables.plan(target, given);
        return examined(engine.store(planned), planned, patienceMs);
      }),
    );
  } finally {
    await engine.close();
  }
}

async function examined(
  store: TableStore,
  planned: PlannedStore,
  patienceMs: number,
): Promise<TableExamination> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(notAnswering(store.place.text)), patienceMs);
  });
  try {
    return await Promise.race([look(store, planned), late]);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { ...nothing, server: store.server, failure: error.failure };
  } finally {
    clearTimeout(timer);
    store.close();
  }
}

async function look(store: TableStore, { policy }: PlannedStore): Promise<TableExamination> {
  const begun = await store.begin({ ...policy, isUncertain: false, uncertainUids: [] });
  const { hasIndex, helpfulIndex, clockAheadMs, nowMs } = begun;
  // Along an index what has been due for the longest comes first; else all rows would have to be looked at.
  const asked = { mostLooked, mostTaken: mostLooked, dryRun: true, isListed: false };
  const dues = hasIndex ? (await store.ask('bite', asked)).dues : [];
  const firstSeconds = dues.reduce((first, [seconds]) => Math.min(first, seconds), nowMs / 1000);
  return {
    failure: null,
    server: store.server,
    hasIndex,
    helpfulIndex,
    clockAheadMs,
    overdueSeconds: Math.floor(nowMs / 1000 - firstSeconds),
  };
}
