/**
 * What the monitor uses over one lifetime of its sessions, beside a find that is run once a minute.
 *
 * Both work on equally filled stores, one after the other. The monitor is watched from the end of its
 * first scan to the end of its next, or for as long as is asked for.
 *
 * Invariant: the monitor's figures contain what our own asking for its status costs it; how often it
 * was asked, and what that costs, is told beside them. While it says that nothing will happen it is
 * not asked.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { measureFind } from './cost-find.js';
import { Periods } from './cost-periods.js';
import { costLines, type MonitorCost } from './cost-report.js';
import { isScanned, Monitor } from './monitor.js';
import { fillSpread, scanSeconds } from './spread.js';
import type { Status } from './status.js';
import { secondsOf } from './syscalls.js';
import { requireFileSystem } from './trial.js';
import { cpuMs } from './usage.js';

export interface CostSettings {
  readonly size: number;
  readonly eachSecond: number;
  readonly seconds: number;
  readonly lifetime: number;
  readonly lead?: number;
  readonly minutes?: number;
  readonly fs: FileSystemName;
}

/** It is asked again so long before it says that something will happen. */
const aheadMs = 3000;
/** So many answers tell what one costs; the monitor makes a new one every half second. */
const probes = 10;
const probeMs = 600;

export function costTrial(settings: CostSettings): Trial {
  return { name: 'cost', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: CostSettings, surroundings: Surroundings): Promise<Outcome> {
  const { size, eachSecond, seconds, lifetime, fs } = settings;
  requireFileSystem(fs);
  const { workplace, signal, progress } = surroundings;
  await using fileSystem = new FileSystem(fs, workplace, size, 200);
  const root = path.join(fileSystem.mountPoint, 'sessions');
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch, { mode: 0o755 });
  const spread = { size, eachSecond, seconds, lifetimeSeconds: lifetime };

  await fileSystem.renew();
  progress(`filling ${fs} with ${size} sessions, for the monitor`);
  const leadSeconds = settings.lead ?? scanSeconds(size) + 5;
  const store = await fillSpread(root, { ...spread, leadSeconds }, { signal });
  const monitor = await measureMonitor(root, settings, { ...surroundings, workplace: scratch });
  const problems: string[] = [];
  const left = size - monitor.removed - readdirSync(root).length;
  if (left !== 0)
    problems.push(`the monitor says that it removed ${monitor.removed}, not ${left} more`);
  const isOver = store.first + seconds < Date.now() / 1000;
  if (isOver && monitor.removed !== eachSecond * seconds) {
    problems.push(
      `the monitor removed ${monitor.removed} of ${eachSecond * seconds} that were due`,
    );
  }

  await fileSystem.renew();
  progress(`filling ${fs} with ${size} sessions, for find`);
  const inAMinute = Math.min(size, eachSecond * 60);
  const share = { ...spread, eachSecond: inAMinute, seconds: 1, leadSeconds: -60 };
  await fillSpread(root, share, { signal });
  progress('find');
  const find = await measureFind(root, { lifetime, scratch, signal });
  if (find.removed !== inAMinute) problems.push(`find removed ${find.removed} of ${inAMinute}`);
  return { lines: costLines({ monitor, find }), figures: { monitor, find }, problems };
}

async function measureMonitor(
  root: string,
  { size, lifetime, minutes }: CostSettings,
  { workplace: scratch, signal, progress }: Surroundings,
): Promise<MonitorCost> {
  await using monitor = await Monitor.start({ argv: ['-l', String(lifetime), root], scratch });
  const ready = await monitor.until(isScanned, { signal, seconds: scanSeconds(size) * 10 });
  const firstScanMs = ready.stores[0]?.lastScanDurationMs ?? 0;
  const firstScanCpuMs = cpuMs(monitor.pid);
  progress(`first scan: ${firstScanMs.toFixed(0)} ms`);
  const periods = new Periods();
  let status = ready;
  let used = firstScanCpuMs;
  // What comes first was counted from a moment that nobody knows.
  let seconds = -1;
  let asked = 0;
  for await (const syscalls of secondsOf(monitor.pid, { scratch, signal })) {
    const before = status;
    const usedBefore = used;
    if (!isQuiet(status, aheadMs)) status = await monitor.status();
    used = cpuMs(monitor.pid);
    seconds++;
    if (seconds === 0) continue;
    if (status !== before) asked++;
    periods.add({ before, after: status, cpuMs: used - usedBefore, syscalls });
    if (minutes !== undefined && seconds >= minutes * 60) break;
    if (minutes === undefined && (status.stores[0]?.scans ?? 0) > 1) break;
  }
  const cpuMsEachAsked = await costOfAsking(monitor, signal);
  await monitor.stop();
  const removed = (status.stores[0]?.removed ?? 0) - (ready.stores[0]?.removed ?? 0);
  return {
    periods: periods.all(),
    seconds,
    removed,
    firstScanMs,
    firstScanCpuMs,
    asked,
    cpuMsEachAsked,
  };
}

async function costOfAsking(monitor: Monitor, signal: AbortSignal): Promise<number | null> {
  if (!isQuiet(await monitor.status(), 2 * probes * probeMs)) return null;
  const before = cpuMs(monitor.pid);
  for (let i = 0; i < probes; i++) {
    await sleep(probeMs, undefined, { signal });
    await monitor.status();
  }
  return (cpuMs(monitor.pid) - before) / probes;
}

/** Whether the monitor has said that nothing will happen for so long. */
function isQuiet({ stores }: Status, forMs: number): boolean {
  const soonMs = Date.now() + forMs;
  return stores.every(
    ({ state, nextScanAtMs, nextExpiryAt }) =>
      state === 'waiting' &&
      (nextScanAtMs ?? 0) > soonMs &&
      (nextExpiryAt ?? Infinity) * 1000 > soonMs,
  );
}
