/**
 * Many stores in one monitor: how long until all are known, what that takes, and what it uses when
 * nothing happens.
 *
 * Invariant: nothing is due while it is idle, and no scan falls into that time: both are checked.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { formatCount, formatTable } from '../table.js';
import { isScanned, Monitor } from './monitor.js';
import { fillSpread } from './spread.js';
import type { Status } from './status.js';
import { secondsOf } from './syscalls.js';
import { requireFileSystem } from './trial.js';
import { cpuMs, type Holdings, holdings } from './usage.js';

export interface StoresSettings {
  readonly count: number;
  /** Seconds. */
  readonly idle: number;
  readonly fs: FileSystemName;
}

const sessionsEach = 10;
const lifetimeSeconds = 1440;
/** Node gives memory back, and compiles what was used often, in the first seconds of rest. */
const restMs = 15_000;
const patienceSeconds = 900;

interface Figures {
  readonly stores: number;
  /** From the start of the process to the end of the last first scan. */
  readonly readyMs: number;
  readonly readyCpuMs: number;
  readonly atReady: Holdings;
  readonly atEnd: Holdings;
  readonly idleSeconds: number;
  readonly idleCpuMs: number;
  /** Null where they cannot be counted. */
  readonly idleSyscalls: number | null;
}

export function storesTrial(settings: StoresSettings): Trial {
  return { name: 'stores', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: StoresSettings, surroundings: Surroundings): Promise<Outcome> {
  const { count, idle, fs } = settings;
  requireFileSystem(fs);
  const { workplace, signal, progress } = surroundings;
  await using fileSystem = new FileSystem(fs, workplace, count * (sessionsEach + 1), 200);
  await fileSystem.renew();
  progress(`filling ${count} stores`);
  const root = path.join(fileSystem.mountPoint, 's');
  const size = count * sessionsEach;
  const shape = { size, eachSecond: 0, seconds: 1, lifetimeSeconds, directories: count };
  await fillSpread(root, { ...shape, leadSeconds: 0 }, { signal });
  const stores = Array.from({ length: count }, (_, i) =>
    path.join(root, `d${String(i).padStart(5, '0')}`),
  );
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch);

  await using monitor = await Monitor.start({
    argv: ['-q', '-l', `${lifetimeSeconds / 60}m`, ...stores],
    scratch,
  });
  const ready = await monitor.until(isScanned, { signal, seconds: patienceSeconds });
  const readyMs = lastScanEnd(ready) - monitor.startedAtMs;
  const readyCpuMs = cpuMs(monitor.pid);
  const atReady = holdings(monitor.pid);
  progress(`all scanned after ${readyMs.toFixed(0)} ms`);
  await sleep(restMs, undefined, { signal });

  const before = cpuMs(monitor.pid);
  let seconds = -1;
  let idleSyscalls: number | null = 0;
  let used = before;
  for await (const syscalls of secondsOf(monitor.pid, { scratch, signal })) {
    seconds++;
    if (seconds === 0) used = cpuMs(monitor.pid);
    else idleSyscalls = syscalls === null || idleSyscalls === null ? null : idleSyscalls + syscalls;
    if (seconds >= idle) break;
  }
  const idleCpuMs = cpuMs(monitor.pid) - used;
  const atEnd = holdings(monitor.pid);
  const after = await monitor.status();
  await monitor.stop();
  const figures: Figures = {
    stores: count,
    readyMs,
    readyCpuMs,
    atReady,
    atEnd,
    idleSeconds: seconds,
    idleCpuMs,
    idleSyscalls,
  };
  return {
    lines: linesOf(figures),
    figures: { ...figures },
    problems: problemsOf(settings, ready, after),
  };
}

function problemsOf({ count }: StoresSettings, ready: Status, after: Status): string[] {
  const problems: string[] = [];
  if (ready.stores.length !== count) problems.push(`${ready.stores.length} stores are watched`);
  const known = sum(ready, ({ sessions }) => sessions ?? 0);
  if (known !== count * sessionsEach) problems.push(`${known} sessions are known`);
  const removed = sum(after, (store) => store.removed);
  if (removed > 0) problems.push(`${removed} sessions were removed, none of which was due`);
  const scans = sum(after, (store) => store.scans) - sum(ready, (store) => store.scans);
  if (scans > 0) problems.push(`${scans} scans fell into the idle time: its figures are too high`);
  return problems;
}

function linesOf(figures: Figures): string[] {
  const { readyMs, readyCpuMs, atReady, atEnd, idleSeconds, idleCpuMs, idleSyscalls } = figures;
  const mib = (kib: number): string => `${(kib / 1024).toFixed(1)} MiB`;
  return [
    ...formatTable<{ readonly when: string; readonly at: Holdings }>(
      [
        { heading: '', cell: ({ when }) => when, isText: true },
        { heading: 'resident', cell: ({ at }) => mib(at.residentKiB) },
        { heading: 'of it anonymous', cell: ({ at }) => mib(at.anonymousKiB) },
        { heading: 'at most', cell: ({ at }) => mib(at.peakKiB) },
        { heading: 'descriptors', cell: ({ at }) => String(at.descriptors) },
        { heading: 'threads', cell: ({ at }) => String(at.threads) },
      ],
      [
        { when: 'all scanned', at: atReady },
        { when: 'after the idle time', at: atEnd },
      ],
    ),
    '',
    `all ${formatCount(figures.stores)} stores scanned after ${(readyMs / 1000).toFixed(2)} s, with ${(readyCpuMs / 1000).toFixed(2)} s of processor time`,
    `idle for ${idleSeconds} s: ${idleCpuMs} ms of processor time, ${idleSyscalls === null ? 'system calls not counted' : `${formatCount(idleSyscalls)} system calls`}`,
  ];
}

function lastScanEnd({ stores }: Status): number {
  return stores.reduce(
    (latest, { lastScanAtMs, lastScanDurationMs }) =>
      Math.max(latest, (lastScanAtMs ?? 0) + (lastScanDurationMs ?? 0)),
    0,
  );
}

function sum({ stores }: Status, of: (store: Status['stores'][number]) => number): number {
  return stores.reduce((all, store) => all + of(store), 0);
}
