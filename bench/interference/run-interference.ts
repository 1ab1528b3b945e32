/**
 * The interference trial: php-fpm serves requests whose sessions lie in a directory from which a
 * driver removes expired ones.
 *
 * Requests come at a fixed rate, found once so that they alone use about a third of the processors;
 * in the saturated case each processor has a busy loop besides. `none` is the same for some seconds
 * without a driver.
 *
 * Invariant: what the driver removed is checked: all expired sessions are gone, every live one and
 * every one that was created meanwhile is there, and no request found its session empty.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver } from '../drivers/driver.js';
import { type Description, FileSystem, type FileSystemName } from '../file-systems.js';
import { type Measurement, measure } from '../measure.js';
import { quantile } from '../statistics.js';
import { formatSeconds } from '../table.js';
import { countTree, fillTree, lifetimeSeconds, type Tree } from '../tree.js';
import { Load, type LoadResult } from './load.js';
import { findPhpFpm, PhpFpm } from './php-fpm.js';
import { BusyLoops, processorTimes, useBetween } from './processor-use.js';
import type { InterferenceCell, Latencies, Pressure } from './result.js';

export interface InterferenceSettings {
  /** `none` is added by itself. */
  readonly drivers: readonly Driver[];
  readonly expired: number;
  readonly samples: number;
  readonly bytesEach: number;
  /** Undefined: as many as use about a third of the processors. */
  readonly requestsPerSecond: number | undefined;
  readonly timeLimitSeconds: number;
  readonly workplace: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** Called with all drivers' cells when they are done under one pressure. */
  readonly record: (cells: readonly InterferenceCell[]) => void;
}

/** Requests go to these. */
const liveSessions = 10_000;
const expiredSeed = 1;
const liveSeed = 2;
const newSeed = 3;
/** Of a hundred requests, those that begin a session. */
const newPercent = 20;

const processorShare = 0.35;
const probeRate = 200;
const probeMs = 4000;
const warmUpMs = 1500;
const undisturbedMs = 10_000;
/** ext4 and btrfs write what was changed within 5 and 30 seconds; the first of it is what hurts. */
const aftermathMs = 3000;

const pressures: readonly Pressure[] = ['half-idle', 'saturated'];

interface Sample {
  readonly measured: Measurement | undefined;
  readonly load: LoadResult;
  readonly wrong: string | undefined;
}

/** Why the trial cannot be run here; undefined if it can. */
export function whyNoInterference(): string | undefined {
  return findPhpFpm() === undefined ? 'php-fpm is not installed' : undefined;
}

export async function runInterference(
  name: FileSystemName,
  settings: InterferenceSettings,
): Promise<Description> {
  const { workplace, expired, bytesEach } = settings;
  // Room for the sessions that requests create: a thousand a second for a minute.
  const files = expired + liveSessions + 60_000;
  await using fileSystem = new FileSystem(name, workplace, files, bytesEach);
  const trial = new Interference(fileSystem, settings);
  await trial.run();
  return fileSystem.describe();
}

class Interference {
  constructor(
    private readonly fileSystem: FileSystem,
    private readonly settings: InterferenceSettings,
  ) {}

  async run(): Promise<void> {
    const rate = this.settings.requestsPerSecond ?? (await this.findRate());
    for (const pressure of pressures) {
      this.settings.record(await this.runUnder(pressure, rate));
    }
  }

  /** The rate at which requests alone use about a third of the processors. */
  private async findRate(): Promise<number> {
    return this.inScratch(async (scratch) => {
      const tree = await this.fillBoth(0);
      await using fpm = await this.startFpm(scratch, tree);
      const idleBefore = processorTimes();
      await sleep(probeMs / 2);
      const idle = useBetween(idleBefore, processorTimes());
      await using load = this.startLoad(scratch, fpm, probeRate);
      await sleep(warmUpMs);
      const before = processorTimes();
      await sleep(probeMs);
      const use = useBetween(before, processorTimes());
      await load.end();
      const share = Math.max(use - idle, 0.005);
      const rate = Math.max(20, Math.round((probeRate * processorShare) / share));
      this.settings.progress(
        `${this.fileSystem.name} interference: ${probeRate} requests a second use ` +
          `${(share * 100).toFixed(1)}% of the processors; taking ${rate} a second`,
      );
      return rate;
    });
  }

  private async runUnder(pressure: Pressure, rate: number): Promise<InterferenceCell[]> {
    const { drivers, samples: count, expired } = this.settings;
    const entries = [undefined, ...drivers].map((driver) => ({
      driver,
      name: driver?.name ?? 'none',
      skipped: driver?.missing(),
      samples: [] as Sample[],
    }));
    const able = entries.filter(({ skipped }) => skipped === undefined);
    for (let round = 0; round < count; round++) {
      const first = round % able.length;
      for (const entry of [...able.slice(first), ...able.slice(0, first)]) {
        const sample = await this.sample(entry.driver, pressure, rate);
        entry.samples.push(sample);
        this.tell(pressure, round, entry.name, sample);
      }
    }
    return entries.map(({ name, skipped, samples }): InterferenceCell => {
      const wrong = samples.find((sample) => sample.wrong !== undefined)?.wrong;
      const during = pool(samples, 1);
      const after = pool(samples, 2);
      return {
        fileSystem: this.fileSystem.name,
        pressure,
        expired,
        rate,
        driver: name,
        wallMs: samples.flatMap(({ measured }) => measured?.wallMs ?? []),
        failed: samples.reduce((sum, { load }) => sum + load.failed, 0),
        ...(skipped === undefined ? {} : { skipped }),
        ...(during === undefined ? {} : { during }),
        ...(after === undefined ? {} : { after }),
        ...(wrong === undefined ? {} : { wrong }),
      };
    });
  }

  private sample(driver: Driver | undefined, pressure: Pressure, rate: number): Promise<Sample> {
    const { expired, timeLimitSeconds, signal } = this.settings;
    return this.inScratch(async (scratch) => {
      const tree = await this.fillBoth(expired);
      await using fpm = await this.startFpm(scratch, tree);
      await using _busy = new BusyLoops(pressure === 'saturated' ? undefined : 0);
      await using load = this.startLoad(scratch, fpm, rate);
      await sleep(warmUpMs, undefined, { signal });
      const command = await driver?.command({ tree, lifetimeSeconds, scratch });
      load.nextPhase();
      const measured = command && (await measure(command, { scratch, timeLimitSeconds, signal }));
      if (measured === undefined) await sleep(undisturbedMs, undefined, { signal });
      load.nextPhase();
      await sleep(aftermathMs, undefined, { signal });
      const result = await load.end();
      const wrong = measured?.problem ?? (await this.whatIsWrong(tree, driver, result));
      return { measured, load: result, wrong };
    });
  }

  /** Expired sessions, and in the same directory the live ones that requests ask for. */
  private async fillBoth(expired: number): Promise<Tree> {
    const { bytesEach: bytes, signal } = this.settings;
    await this.fileSystem.renew();
    const root = path.join(this.fileSystem.mountPoint, 'sessions');
    const flat = { depth: 0, directories: 0 };
    await fillTree(root, { ...flat, live: 0, expired }, { bytes, signal, seed: expiredSeed });
    const live = { ...flat, live: liveSessions, expired: 0 };
    const tree = await fillTree(root, live, { bytes, signal, seed: liveSeed });
    await this.fileSystem.settle();
    await countTree(root, tree.mtimeCutoff, { signal });
    return { ...tree, expired };
  }

  private async whatIsWrong(
    tree: Tree,
    driver: Driver | undefined,
    { lost, created }: LoadResult,
  ): Promise<string | undefined> {
    const found = await countTree(tree.root, tree.mtimeCutoff);
    const problems: string[] = [];
    const expiredLeft = driver === undefined ? tree.expired : 0;
    if (found.expired !== expiredLeft) problems.push(`left ${found.expired} expired`);
    const missing = liveSessions + created - found.live;
    if (missing !== 0) problems.push(`${missing} live sessions are missing`);
    if (lost > 0) problems.push(`${lost} requests found their session empty`);
    return problems.length > 0 ? problems.join(', ') : undefined;
  }

  private startFpm(scratch: string, tree: Tree): Promise<PhpFpm> {
    const program = findPhpFpm();
    if (program === undefined) throw new Error('there is no php-fpm');
    return PhpFpm.start(program, scratch, tree.root);
  }

  private startLoad(scratch: string, { socket }: PhpFpm, requestsPerSecond: number): Load {
    const sessions = { existing: liveSessions, existingSeed: liveSeed, newSeed, newPercent };
    return Load.start({ socket, scratch, requestsPerSecond, ...sessions });
  }

  private async inScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
    const scratch = mkdtempSync(path.join(this.settings.workplace, 'scratch-'));
    try {
      return await work(scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  private tell(pressure: Pressure, round: number, name: string, sample: Sample): void {
    const took = sample.measured ? formatSeconds(sample.measured.wallMs) : '';
    const p99 = pool([sample], 1)?.p99Us ?? 0;
    const result = sample.wrong === undefined ? '' : ` WRONG: ${sample.wrong}`;
    this.settings.progress(
      `${this.fileSystem.name} interference ${pressure} ${round + 1}/${this.settings.samples} ` +
        `${name}: ${took} p99 ${(p99 / 1000).toFixed(2)} ms${result}`,
    );
  }
}

/** The latencies of one phase of all samples; undefined where there are none. */
function pool(samples: readonly Sample[], phase: number): Latencies | undefined {
  const all = Float64Array.from(samples.flatMap(({ load }) => load.latencies[phase] ?? [])).sort();
  if (all.length === 0) return undefined;
  return {
    requests: all.length,
    p50Us: quantile(all, 0.5),
    p99Us: quantile(all, 0.99),
    p999Us: quantile(all, 0.999),
    maxUs: quantile(all, 1),
  };
}
