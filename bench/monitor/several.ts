/**
 * Several monitors of one store, of which one at random is killed each minute, beside one monitor that has an
 * equal store to itself at the same time.
 *
 * Invariant: each session's name says when it is due; the bystander says when it went. What is early, or still
 * there at the end, is a problem, whoever was killed when.
 */
import { closeSync, futimesSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { quantile } from '../statistics.js';
import { isScanned, Monitor } from './monitor.js';
import { Observer } from './observer.js';
import { problemOf, requireFileSystem } from './trial.js';
import { cpuMs } from './usage.js';

export interface SeveralSettings {
  readonly monitors: number;
  readonly minutes: number;
  /** Sessions created a second. */
  readonly rate: number;
  readonly lifetime: number;
  readonly fs: FileSystemName;
  /** Whether the one that removes is killed each time, and not any of them. */
  readonly killRemoving?: boolean;
  /** What the monitors are told, in place of the truth. */
  readonly toldLifetime?: number;
}

const writeEveryMs = 20;
/** As a service manager starts it again. */
const restartAfterMs = 5000;
const bestP99Ms = 1000;
const longestMs = 5000;
const mostOfOne = 1.5;
const patienceSeconds = 10;

export function severalTrial(settings: SeveralSettings): Trial {
  return { name: 'several', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(settings: SeveralSettings, surroundings: Surroundings): Promise<Outcome> {
  const { fs, rate, lifetime, minutes } = settings;
  requireFileSystem(fs);
  const { workplace, signal, progress } = surroundings;
  await using fileSystem = new FileSystem(fs, workplace, rate * (lifetime + 60) * 2, 64);
  await fileSystem.renew();
  const at = (name: string) => path.join(workplace, name);
  const root = (name: string) => path.join(fileSystem.mountPoint, name);
  for (const directory of [at('bystander'), at('bystander-of-one'), root('shared'), root('own')]) {
    mkdirSync(directory, { recursive: true });
  }
  await using observer = await Observer.start(root('shared'), at('bystander'));
  await using observerOfOne = await Observer.start(root('own'), at('bystander-of-one'));
  await using group = new Group(settings, root('shared'), workplace);
  await using alone = new Group({ ...settings, monitors: 1 }, root('own'), workplace);
  await group.start(signal);
  await alone.start(signal);

  const writer = new Writer([root('shared'), root('own')], settings);
  const writing = writer.write(signal);
  progress(`sessions are written; the first are due in ${lifetime} s`);
  await sleep((lifetime + 10) * 1000, undefined, { signal });
  // What the start cost is not what is compared.
  const begin = { all: group.cpuMs(), one: alone.cpuMs() };
  for (let minute = 1; minute <= minutes; minute += 1) {
    const killAfterMs = Math.random() * (60_000 - restartAfterMs - 1000);
    await sleep(killAfterMs, undefined, { signal });
    progress(
      `minute ${minute}: ${await group.killOne(settings.killRemoving === true)}; ${await group.whoRemoves()}`,
    );
    await sleep(restartAfterMs, undefined, { signal });
    await group.start(signal);
    await sleep(60_000 - killAfterMs - restartAfterMs, undefined, { signal });
  }
  const used = { all: group.cpuMs() - begin.all, one: alone.cpuMs() - begin.one };
  // What is started in place of one that was killed looks at everything once.
  const restarts = group.restartsMs;
  const statuses = await group.statuses();
  writer.end();
  await writing;
  await sleep((lifetime + patienceSeconds) * 1000, undefined, { signal });
  await group.stop();
  await alone.stop();
  const shared = judge(await observer.end(), root('shared'), writer.written, group.killedAtMs);
  const own = judge(await observerOfOne.end(), root('own'), writer.written, []);
  const ratio = used.all / used.one;
  const ratioWithoutRestarts = (used.all - restarts) / used.one;
  const { p99Ms, maxMs } = shared.lateness;
  return {
    lines: [
      `${settings.monitors} monitors: ${lateText(shared)}`,
      `one monitor: ${lateText(own)}`,
      `processor time: ${(used.all / 1000).toFixed(1)} s together, ${(used.one / 1000).toFixed(1)} s of one: ${ratio.toFixed(2)}`,
      `without the ${(restarts / 1000).toFixed(1)} s until those that were started again had scanned: ${ratioWithoutRestarts.toFixed(2)}`,
      `killed: ${group.killed.join(', ')}`,
    ],
    figures: {
      shared,
      own,
      used,
      restarts,
      ratio,
      ratioWithoutRestarts,
      killed: group.killed,
      statuses,
    },
    problems: [
      ...shared.problems,
      ...own.problems.map((problem) => `one monitor: ${problem}`),
      ...(p99Ms > bestP99Ms ? [`one in a hundred is over ${p99Ms.toFixed(0)} ms late`] : []),
      ...(maxMs > longestMs ? [`one was ${maxMs.toFixed(0)} ms late`] : []),
      ...(ratio > mostOfOne ? [`together ${ratio.toFixed(2)} of one monitor's time`] : []),
    ],
  };
}

/** Monitors of one store. */
class Group implements AsyncDisposable {
  readonly killed: string[] = [];
  readonly killedAtMs: number[] = [];
  readonly #places: { readonly scratch: string; monitor: Monitor | null }[];
  readonly #argv: readonly string[];
  /** Of those that are gone. */
  #spentMs = 0;
  /** Until those that were started again had scanned the store. */
  restartsMs = 0;

  constructor(settings: SeveralSettings, store: string, workplace: string) {
    const { monitors, lifetime, toldLifetime } = settings;
    this.#argv = ['-l', String(toldLifetime ?? lifetime), store];
    this.#places = Array.from({ length: monitors }, (_, at) => {
      const scratch = path.join(workplace, `${path.basename(store)}-${at}`);
      mkdirSync(scratch);
      return { scratch, monitor: null };
    });
  }

  /** Those that do not run. */
  async start(signal: AbortSignal): Promise<void> {
    for (const place of this.#places) {
      if (place.monitor !== null) continue;
      place.monitor = await Monitor.start({ argv: this.#argv, scratch: place.scratch });
      if (this.killed.length === 0) continue;
      await place.monitor.until(isScanned, { signal, seconds: 60 });
      this.restartsMs += cpuMs(place.monitor.pid);
    }
  }

  cpuMs(): number {
    return this.#running().reduce((sum, { pid }) => sum + cpuMs(pid), this.#spentMs);
  }

  /** @returns which */
  async killOne(mustRemove: boolean): Promise<string> {
    const at = mustRemove
      ? await this.#removing()
      : Math.floor(Math.random() * this.#places.length);
    const place = this.#places[at];
    if (place?.monitor == null) throw new Error('none runs');
    const isChecking = (await standbys(place.monitor)) > 0;
    const text = `${isChecking ? 'one that checks' : 'the one that removes'} (${at})`;
    this.#spentMs += cpuMs(place.monitor.pid);
    this.killedAtMs.push(Date.now());
    await place.monitor.kill();
    place.monitor = null;
    this.killed.push(isChecking ? 'checking' : 'removing');
    return `killed ${text}`;
  }

  async whoRemoves(): Promise<string> {
    const counts = await Promise.all(this.#running().map(standbys));
    return `${counts.filter((count) => count === 0).length} of ${counts.length} removed then`;
  }

  statuses(): Promise<unknown[]> {
    return Promise.all(this.#running().map(async (monitor) => (await monitor.status()).stores[0]));
  }

  async stop(): Promise<void> {
    for (const monitor of this.#running()) await monitor.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const monitor of this.#running()) await monitor[Symbol.asyncDispose]();
  }

  async #removing(): Promise<number> {
    const counts = await Promise.all(
      this.#places.map(({ monitor }) => (monitor === null ? 1 : standbys(monitor))),
    );
    return counts.indexOf(0);
  }

  #running(): Monitor[] {
    return this.#places.flatMap(({ monitor }) => (monitor === null ? [] : [monitor]));
  }
}

/** In how many stores it only checks. */
async function standbys(monitor: Monitor): Promise<number> {
  const { stores } = await monitor.status();
  return stores.filter(({ leftToOthersSinceMs }) => leftToOthersSinceMs !== null).length;
}

/** Creates sessions in each of the stores; a name begins with the second in which it is due. */
class Writer {
  written = 0;
  #isEnded = false;

  constructor(
    private readonly stores: readonly string[],
    private readonly settings: SeveralSettings,
  ) {}

  async write(signal: AbortSignal): Promise<void> {
    const { rate, lifetime } = this.settings;
    const beganMs = performance.now();
    while (!this.#isEnded) {
      const wanted = Math.floor(((performance.now() - beganMs) / 1000) * rate);
      for (; this.written < wanted; this.written += 1) {
        const second = Math.floor(Date.now() / 1000);
        const name = `sess_${second + lifetime + 1}x${String(this.written).padStart(20, '0')}`;
        for (const store of this.stores) writeSession(path.join(store, name), second);
      }
      await sleep(writeEveryMs, undefined, { signal });
    }
  }

  end(): void {
    this.#isEnded = true;
  }
}

function writeSession(file: string, second: number): void {
  const descriptor = openSync(file, 'wx', 0o600);
  writeSync(descriptor, 'a|i:1;');
  futimesSync(descriptor, second, second);
  closeSync(descriptor);
}

interface Verdict {
  readonly lateness: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly removed: number;
  /** Seconds that had sessions over a second late. */
  readonly lateSeconds: readonly string[];
  readonly problems: readonly string[];
}

function judge(
  { deletions, overflows }: Awaited<ReturnType<Observer['end']>>,
  store: string,
  written: number,
  killedAtMs: readonly number[],
): Verdict {
  const early: string[] = [];
  const lateMs: number[] = [];
  /** Of those that were not due while a monitor that was killed may have been missed. */
  const quietMs: number[] = [];
  const worst = new Map<number, number>();
  for (const { name, atMs } of deletions) {
    const due = Number(/^sess_([0-9]+)x/.exec(name)?.[1]);
    const late = atMs - due * 1000;
    if (!(late >= 0)) early.push(name);
    lateMs.push(late);
    const sinceKills = killedAtMs.map((killed) => due * 1000 - killed);
    if (!sinceKills.some((ms) => ms > -1000 && ms < longestMs)) quietMs.push(late);
    if (late > bestP99Ms) worst.set(due, Math.max(worst.get(due) ?? 0, late));
  }
  const left = readdirSync(store);
  const sorted = lateMs.toSorted((a, b) => a - b);
  const quiet = quietMs.toSorted((a, b) => a - b);
  return {
    lateness: {
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(quiet, 0.99),
      maxMs: quantile(sorted, 1),
    },
    removed: deletions.length,
    lateSeconds: [...worst].map(([due, ms]) => `${due}: ${ms.toFixed(0)} ms`),
    problems: [
      ...problemOf('sessions were removed early', early),
      ...problemOf('sessions are left', left),
      ...(overflows > 0 ? [`${overflows} times events were lost`] : []),
      ...(deletions.length + left.length === written
        ? []
        : [`${written} were written, ${deletions.length} seen to be removed`]),
    ],
  };
}

function lateText({ lateness: { p50Ms, p99Ms, maxMs }, removed }: Verdict): string {
  const [half, most, max] = [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(0));
  return `${removed} sessions, late by ${half} ms (p50), ${most} ms (p99 but for ${longestMs / 1000} s after a kill), ${max} ms (max)`;
}
