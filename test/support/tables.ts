/**
 * Passes over real tables, as the sweep and the monitor order them.
 *
 * Invariant: the processes that a test has started for its tables end with it.
 */
import { onTestFinished } from 'vitest';
import type { SweepCounts } from '../../lib/engine/counts.js';
import type { PassOrder, PassResult, RunningPass } from '../../lib/engine/engine.js';
import type { Shard } from '../../lib/engine/shard.js';
import type { Verdict } from '../../lib/native/boundary.js';
import { loadAddon } from '../../lib/native/load.js';
import { parseAddress } from '../../lib/tables/address.js';
import { TableEngine } from '../../lib/tables/engine.js';
import { tables } from '../../lib/tables/kind.js';
import type { PlannedTable } from '../../lib/tables/planned.js';
import type { TableProfile } from '../../lib/tables/profile.js';
import type { SecretSource } from '../../lib/tables/secrets.js';
import type { TableStore } from '../../lib/tables/store.js';
import { until } from './until.js';

const source = { at: 'this test', says: '' };

/** A table (id, t, data) with the time of the last write in t. */
export const plainProfile: TableProfile = {
  name: 'plain',
  title: 'Plain',
  servers: ['mysql', 'postgresql', 'sqlite'],
  table: 'sessions',
  columns: { id: 'id', time: 't' },
  idRoles: ['id'],
  timeTypes: ['number'],
  unit: 'seconds',
  readings: [
    {
      rows: [],
      rules: [{ role: 'time', comparison: '<', means: 'last-write', lifetime: 'store', source }],
    },
  ],
  only: [],
  locksRows: false,
  advisory: null,
  index: ['time'],
  lifetimeSource: null,
};

export const lifetime = 1440;

export interface Asked extends Partial<Omit<PassOrder, 'policy'>> {
  readonly lifetimeSeconds?: number;
  readonly graceSeconds?: number;
  readonly isUncertain?: boolean;
  readonly maxRemovalsPerSecond?: number;
}

export function planned(
  database: string,
  {
    profile = plainProfile,
    table = null,
    columns = {},
    secret = { kind: 'none' },
    shard = null,
  }: {
    profile?: TableProfile;
    table?: string | null;
    columns?: Record<string, string>;
    secret?: SecretSource;
    shard?: Shard | null;
  } = {},
): PlannedTable {
  return {
    kind: tables,
    shard,
    policy: { maxLifetimeSeconds: lifetime, lifetimesByUid: [], graceSeconds: 0, doubt: null },
    target: {
      source: { kind: 'address', address: parseAddress(database), secret },
      profile,
      table,
      columns,
    },
  };
}

export function orderOf(asked: Asked = {}): PassOrder {
  const { lifetimeSeconds = lifetime, graceSeconds = 0, isUncertain = false, ...rest } = asked;
  const nowMs = Date.now();
  return {
    pass: 'sweep',
    reading: { nowMs, nowSeconds: Math.floor(nowMs / 1000), leadMs: 0, graceSeconds: 0 },
    aheadSeconds: 0,
    policy: {
      maxLifetimeSeconds: lifetimeSeconds,
      graceSeconds,
      lifetimesByUid: [],
      isUncertain,
      uncertainUids: [],
    },
    dryRun: false,
    strict: false,
    threads: 1,
    nice: false,
    list: [],
    ...rest,
  };
}

/** @param maxRemovalsPerSecond 0: no limit */
export function tableEngine(maxRemovalsPerSecond = 0): TableEngine {
  const addon = loadAddon();
  return new TableEngine(addon, {
    limits: addon.createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond }),
    indexLimit: 0,
    latenessBoundsMs: [100, 1000, 10_000],
  });
}

/** Keeps one store over several passes, as the monitor does. */
export class Collector {
  readonly engine: TableEngine;
  readonly store: TableStore;
  readonly listed: [Verdict, string][] = [];
  running: RunningPass | undefined;

  constructor(table: PlannedTable, maxRemovalsPerSecond = 0) {
    this.engine = tableEngine(maxRemovalsPerSecond);
    onTestFinished(() => this.engine.close());
    this.store = this.engine.store(table) as TableStore;
  }

  /** Resolves in the middle of a pass. */
  hasRemoved(): Promise<void> {
    return until(() => (this.running?.progress().counts.removed ?? 0) > 0);
  }

  async pass(asked: Asked = {}): Promise<PassResult> {
    const queue = this.engine.queue({
      lanes: 1,
      onListing: (batch) =>
        batch((verdict, path) =>
          this.listed.push([verdict, path.toString().split('/').at(-1) ?? '']),
        ),
    });
    const result = await queue.run(
      this.store,
      () => orderOf(asked),
      (pass) => {
        this.running = pass;
      },
    );
    if (result === null) throw new Error('the pass was not begun');
    return result;
  }
}

/** One pass over a table. */
export function passOver(table: PlannedTable, asked: Asked = {}): Promise<PassResult> {
  return new Collector(table, asked.maxRemovalsPerSecond).pass(asked);
}

/** Counts that are not 0. */
export function told(counts: SweepCounts): Record<string, number> {
  const { skipped, scanned: _sum, ...rest } = counts;
  return Object.fromEntries(
    Object.entries({ ...rest, ...skipped }).filter(([, count]) => count !== 0),
  );
}
