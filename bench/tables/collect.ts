/**
 * What is measured: passes over one table, by the engine that sweep() and watch() use, in a process of
 * its own, so that its memory is its own too. Prints one line of JSON a pass.
 */
import type { RunningPass } from '../../lib/engine/engine.js';
import { loadAddon } from '../../lib/native/load.js';
import type { TableDescription } from '../../lib/tables/description.js';
import { TableEngine } from '../../lib/tables/engine.js';
import { tables } from '../../lib/tables/kind.js';
import type { TablePass } from '../../lib/tables/pass.js';

export interface CollectOrder {
  readonly table: TableDescription;
  readonly lifetimeSeconds: number;
  readonly graceSeconds: number;
  /** For how long to go on collecting what comes to be due; 0: one pass. */
  readonly forMs: number;
}

export interface CollectReport {
  readonly removed: number;
  readonly inUse: number;
  readonly longestStatementMs: number;
  readonly passes: number;
  readonly latenessMaxMs: number;
  readonly failures: readonly string[];
}

export async function collect({
  table,
  lifetimeSeconds,
  graceSeconds,
  forMs,
}: CollectOrder): Promise<CollectReport> {
  const policy = {
    maxLifetimeSeconds: lifetimeSeconds,
    graceSeconds,
    lifetimesByUid: [],
    isUncertain: false,
    uncertainUids: [],
  };
  const addon = loadAddon();
  const engine = new TableEngine(addon, {
    limits: addon.createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond: 0 }),
    indexLimit: 0,
    latenessBoundsMs: [],
  });
  const store = engine.store(tables.plan(table, { ...policy, shard: null }));
  const queue = engine.queue({ lanes: 1, onListing: async () => {} });
  const endMs = Date.now() + forMs;
  const sums = {
    removed: 0,
    inUse: 0,
    longestStatementMs: 0,
    passes: 0,
    latenessMaxMs: 0,
    failures: [] as string[],
  };
  do {
    let running: RunningPass | undefined;
    const nowMs = Date.now();
    const reading = { nowMs, nowSeconds: Math.floor(nowMs / 1000), leadMs: 0, graceSeconds };
    const order = {
      pass: 'collect' as const,
      reading,
      aheadSeconds: 0,
      policy,
      dryRun: false,
      strict: false,
      threads: 1,
      nice: false,
      list: [],
    };
    const result = await queue.run(
      store,
      () => order,
      (pass) => {
        running = pass;
      },
    );
    sums.passes += 1;
    sums.removed += result?.counts.removed ?? 0;
    sums.inUse += result?.counts.skipped.in_use ?? 0;
    sums.latenessMaxMs = Math.max(sums.latenessMaxMs, result?.lateness.maxMs ?? 0);
    sums.failures.push(...(result?.failures ?? []).map(({ message }) => message));
    sums.longestStatementMs = Math.max(
      sums.longestStatementMs,
      (running as TablePass | undefined)?.longestStatementMs ?? 0,
    );
    const { nextDueSeconds } = store.status(policy);
    // As the monitor's schedule has it: a tick behind the due second. A table that was empty is looked at again.
    const nextMs = Math.min((nextDueSeconds ?? Infinity) * 1000 + 12, Date.now() + 1000, endMs);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - Date.now())));
  } while (Date.now() < endMs);
  await engine.close();
  return sums;
}
