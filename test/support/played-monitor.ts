/**
 * A monitor of one real directory, whose clock and lifetime the test sets.
 *
 * Invariant: it is ended with the test.
 */
import { utimesSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../lib/clock/clock.js';
import { KeptClockGuard } from '../../lib/clock/kept-guard.js';
import type { MonitorEvent } from '../../lib/monitor/events.js';
import { Monitor, type MonitorOptions } from '../../lib/monitor/monitor.js';
import type { NativeAddon } from '../../lib/native/boundary.js';
import { loadAddon } from '../../lib/native/load.js';
import type { Doubt } from '../../lib/stores/store.js';
import { checkOptions } from '../../lib/sweep/options.js';
import { planStores } from '../../lib/sweep/target.js';
import { writeSession } from './sessions.js';

/** @param lifetime in seconds, until it is set */
export async function playedMonitor(
  directory: string,
  lifetime: number,
  options: Partial<MonitorOptions> = {},
) {
  const loaded = loadAddon();
  const real = systemClock(loaded);
  let aheadMs = 0;
  // The engine compares the system's clocks: for it nothing was set.
  const addon: NativeAddon = {
    ...loaded,
    startCrew: (requests, onListing) =>
      loaded.startCrew(
        requests.map(({ order, ...rest }) => ({
          ...rest,
          order: { ...order, clockLeadMs: order.clockLeadMs - aheadMs },
        })),
        onListing,
      ),
  };
  let lifetimeNow: number | null = lifetime;
  let doubt: Doubt | null = null;
  const clock: Clock = { ...real, now: () => real.now() + aheadMs };
  const events: MonitorEvent[] = [];
  const stores = () => {
    if (lifetimeNow === null) return [];
    const checked = checkOptions({ maxLifetimeSeconds: lifetimeNow });
    const planned = planStores([directory], checked);
    return planned.map((store) => ({
      id: directory,
      planned: { ...store, policy: { ...store.policy, doubt } },
      usedBy: [],
    }));
  };
  const monitor = new Monitor(addon, {
    find: async () => ({
      stores: stores(),
      notCollected: [],
      warnings: [],
      problem: null,
      hasChanged: async () => false,
    }),
    threads: 1,
    waitingThreads: 0,
    maxRemovalsPerSecond: 0,
    nice: true,
    dryRun: false,
    strict: false,
    indexLimit: 100_000,
    clock,
    guard: new KeptClockGuard(clock, null, null),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const ended = monitor.run();
  const end = async () => {
    monitor.stop();
    await ended;
  };
  onTestFinished(end);
  return {
    events,
    end,
    status: () => monitor.status().stores[0],
    whole: () => monitor.status(),
    setClock(bySeconds: number) {
      aheadMs += bySeconds * 1000;
      monitor.reload();
    },
    /** @param seconds null: the store is none any more */
    setLifetime(seconds: number | null) {
      lifetimeNow = seconds;
      monitor.reload();
    },
    /** @param next whose lifetimes may be longer; null: nobody's */
    setDoubt(next: Doubt | null) {
      doubt = next;
      monitor.reload();
    },
    /** Writes a session whose time stamp is the clock's. */
    write(name: string): string {
      const path = writeSession(directory, name, { ageSeconds: 0 });
      utimesSync(path, clock.now() / 1000, clock.now() / 1000);
      return path;
    },
    has: (kind: MonitorEvent['kind']) => events.some((event) => event.kind === kind),
    scans: () => events.filter(({ kind }) => kind === 'scanned').length,
  };
}
