/**
 * How late the monitor removes what is due, as a bystander sees it and as the monitor says, while PHP
 * touches some of the sessions just before they would be due, and creates others.
 *
 * Invariant: the store is looked at afterwards: each session that was ever in it was either seen to be
 * deleted or is still there, and each of both rightly.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { latenessLines, type Told } from './lateness-report.js';
import { judge } from './lateness-verdict.js';
import { isScanned, Monitor } from './monitor.js';
import { Observer } from './observer.js';
import {
  type Filled,
  fillSpread,
  floodSeconds,
  floodSpread,
  scanSeconds,
  visitorUid,
} from './spread.js';
import { histogramQuantile, type Status } from './status.js';
import { requireFileSystem } from './trial.js';
import { Visitors, whyNoVisitors } from './visitors.js';

export interface LatenessSettings {
  readonly size: number;
  readonly eachSecond: number;
  readonly seconds: number;
  readonly lifetime: number;
  readonly lead?: number;
  readonly picks: number;
  /** So many sessions of another user are due in one second. */
  readonly flood?: number;
  readonly fs: FileSystemName;
  /** What the monitor is told, in place of the truth. */
  readonly toldLifetime?: number;
}

/** What PHP does besides, of both processes together. */
const createPerSecond = 40;
/** Whoever is this late counts as not removed. */
const patienceSeconds = 15;
const touchBeforeSeconds = [1, 10] as const;

export function latenessTrial(settings: LatenessSettings): Trial {
  return { name: 'lateness', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: LatenessSettings, surroundings: Surroundings): Promise<Outcome> {
  const { size, eachSecond, seconds, lifetime, fs, picks, flood = 0 } = settings;
  requireFileSystem(fs);
  if (flood > 0 && visitorUid === undefined)
    throw new Error('only root can make a flood of another user');
  const reason = whyNoVisitors();
  if (reason !== undefined) throw new Error(reason);
  const { workplace, signal, progress } = surroundings;
  const room = createPerSecond * (seconds + 120);
  await using fileSystem = new FileSystem(fs, workplace, size + flood + room, 200);
  await fileSystem.renew();
  progress(`filling ${fs} with ${size} sessions`);
  const leadSeconds =
    (settings.lead ?? scanSeconds(size + flood) + touchBeforeSeconds[1]) + floodSeconds(flood);
  const store = await fillSpread(
    path.join(fileSystem.mountPoint, 'sessions'),
    { size, eachSecond, seconds, lifetimeSeconds: lifetime, leadSeconds, picks },
    { signal },
  );
  if (flood > 0) {
    progress(`filling it with ${flood} sessions of another user`);
    await floodSpread(store, flood, { signal });
  }
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch, { mode: 0o755 });
  return await watched(store, settings, { ...surroundings, workplace: scratch });
}

async function watched(
  store: Filled,
  { lifetime, toldLifetime, flood = 0 }: LatenessSettings,
  { workplace: scratch, signal, progress }: Surroundings,
): Promise<Outcome> {
  await using observer = await Observer.start(store.root, scratch);
  await using monitor = await Monitor.start({
    argv: ['-l', String(toldLifetime ?? lifetime), store.root],
    scratch,
  });
  const seconds = scanSeconds(store.size + flood) * 10;
  const ready = await monitor.until(isScanned, { signal, seconds });
  const scanMs = ready.stores[0]?.lastScanDurationMs ?? 0;
  const aheadMs = store.first * 1000 - Date.now();
  progress(
    `first scan: ${scanMs.toFixed(0)} ms; ${(aheadMs / 1000).toFixed(1)} s until the first is due`,
  );
  if (aheadMs < 0) throw new Error('the first scan took too long: give a longer --lead');
  await using visitors = await Visitors.start(
    {
      savePath: store.root,
      lifetimeSeconds: lifetime,
      picks: store.picked,
      touchBeforeSeconds,
      touchEverySeconds: Math.max(0.5, lifetime / 3),
      createPerSecond,
      keepShare: 1,
    },
    scratch,
  );
  await sleep((store.first + store.seconds) * 1000 - Date.now(), undefined, { signal });
  progress('the last are due');
  const status = await untilDone(monitor, store, flood, signal);
  visitors.requireRunning();
  const visits = await visitors.end();
  const endedAtMs = Date.now();
  await monitor.stop();
  const observed = await observer.end();
  const verdict = judge({ store, flood, visits, observed, endedAtMs });
  const told = toldBy(status);
  return {
    lines: latenessLines({ verdict, told, scanMs }),
    figures: { ...verdict.figures, told, scanMs, store: status.stores[0] },
    problems: verdict.problems,
  };
}

/** Until nothing of the window can be left, or it is late enough to say that something was. */
async function untilDone(
  monitor: Monitor,
  store: Filled,
  flood: number,
  signal: AbortSignal,
): Promise<Status> {
  const end = store.first + store.seconds;
  const patience = patienceSeconds + floodSeconds(flood);
  for (;;) {
    const status = await monitor.status();
    const isDone = status.stores.every(
      ({ state, nextExpiryAt }) => state !== 'removing' && (nextExpiryAt ?? Infinity) > end,
    );
    // Counts are told half a second late at the most.
    if (isDone || Date.now() / 1000 > end + patience) {
      await sleep(1000, undefined, { signal });
      return monitor.status();
    }
    await sleep(500, undefined, { signal });
  }
}

function toldBy({ stores: [store] }: Status): Told {
  if (store === undefined) throw new Error('the monitor watches nothing');
  const { lateness, maxLatenessSeconds: maxSeconds } = store;
  // Between two bounds of the histogram anything may be, but nothing beyond the latest.
  const at = (share: number): number | null => {
    const seconds = histogramQuantile(lateness, share);
    return seconds === null ? null : Math.min(seconds, maxSeconds ?? Infinity);
  };
  return {
    removed: store.removed,
    p50Seconds: at(0.5),
    p99Seconds: at(0.99),
    p999Seconds: at(0.999),
    maxSeconds,
  };
}
