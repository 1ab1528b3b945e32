/**
 * Every trial with every driver, on every file system and size.
 *
 * A fresh process for every sample, and a fresh tree wherever something is removed; the drivers take
 * turns, each round beginning with another one, so that whatever changes with time (a warming
 * processor, a neighbour) falls on all of them.
 *
 * Invariant: a sample is measured on a tree that was checked to be what the trial says, and is
 * judged by a look at every file that is left.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Driver } from './drivers/driver.js';
import { type Description, FileSystem, type FileSystemName } from './file-systems.js';
import { measure } from './measure.js';
import type { Cell, Sample } from './results.js';
import { formatSeconds } from './table.js';
import { countTree, fillTree, flatStore, lifetimeSeconds, type Tree, whatIsWrong } from './tree.js';
import type { Trial } from './trials/trial.js';

export interface TrialSettings {
  readonly trials: readonly Trial[];
  readonly drivers: readonly Driver[];
  readonly sizes: readonly number[];
  readonly samples: number;
  readonly isColdToo: boolean;
  readonly bytesEach: number;
  readonly timeLimitSeconds: number;
  /** Holds images, mount points and configuration files. */
  readonly workplace: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** Called with each trial's cells when it is done. */
  readonly record: (cells: readonly Cell[]) => void;
}

interface Case {
  readonly trial: Trial;
  readonly size: number;
  readonly cache: 'warm' | 'cold';
}

/** All trials on one file system. */
export async function runTrials(
  name: FileSystemName,
  settings: TrialSettings,
): Promise<Description> {
  const { workplace, sizes, bytesEach, record } = settings;
  await using fileSystem = new FileSystem(name, workplace, Math.max(...sizes), bytesEach);
  await fileSystem.renew();
  for (const size of sizes) {
    for (const trial of settings.trials) {
      for (const cache of ['warm', 'cold'] as const) {
        if (cache === 'cold' && (!settings.isColdToo || !fileSystem.canBeCold)) continue;
        record(await new Round(fileSystem, { trial, size, cache }, settings).run());
      }
    }
  }
  return fileSystem.describe();
}

/** One trial on one file system: all its drivers and samples. */
class Round {
  /** What the last driver left, where the next one may have it. */
  private tree: Tree | undefined;

  constructor(
    private readonly fileSystem: FileSystem,
    private readonly which: Case,
    private readonly settings: TrialSettings,
  ) {}

  async run(): Promise<Cell[]> {
    const { drivers, samples: count } = this.settings;
    const shape = this.which.trial.shape(this.which.size);
    const samples = new Map<Driver, Sample[]>();
    const skipped = new Map<Driver, string>();
    for (const driver of drivers) {
      const reason = driver.missing() ?? driver.unsuitable?.(shape);
      if (reason === undefined) samples.set(driver, []);
      else skipped.set(driver, reason);
    }
    const able = [...samples.keys()];
    for (let round = 0; round < count; round++) {
      for (const driver of [
        ...able.slice(round % able.length),
        ...able.slice(0, round % able.length),
      ]) {
        const sample = await this.sample(driver);
        samples.get(driver)?.push(sample);
        this.tell(round, driver, sample);
      }
    }
    return drivers.map((driver) => ({
      trial: this.which.trial.name,
      fileSystem: this.fileSystem.name,
      size: this.which.size,
      cache: this.which.cache,
      driver: driver.name,
      ...(driver.family === undefined ? {} : { family: driver.family }),
      ...(skipped.has(driver) ? { skipped: skipped.get(driver) ?? '' } : {}),
      samples: samples.get(driver) ?? [],
    }));
  }

  private async sample(driver: Driver): Promise<Sample> {
    const { signal, timeLimitSeconds, workplace } = this.settings;
    const scratch = mkdtempSync(path.join(workplace, 'scratch-'));
    try {
      const tree = await this.freshTree(driver);
      const command = await driver.command({ tree, lifetimeSeconds, scratch });
      if (this.which.cache === 'cold') {
        await this.fileSystem.makeCold();
        await this.warmProgram(driver);
      }
      signal.throwIfAborted();
      const { problem, ...measured } = await measure(command, {
        scratch,
        timeLimitSeconds,
        signal,
      });
      const found = await countTree(tree.root, tree.mtimeCutoff, { signal });
      const wrong = problem ?? whatIsWrong(tree, found);
      if (tree.expired > 0 || wrong !== undefined) this.tree = undefined;
      return wrong === undefined ? measured : { ...measured, wrong };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  /** A tree as the trial wants it, all of it just looked at. */
  private async freshTree(driver: Driver): Promise<Tree> {
    const { bytesEach, signal } = this.settings;
    if (this.tree === undefined) {
      await this.fileSystem.renew();
      const root = path.join(this.fileSystem.mountPoint, 'sessions');
      const shape = this.which.trial.shape(this.which.size);
      const isJudgedByCtime = driver.judgesByCtime ?? false;
      this.tree = await fillTree(root, shape, { bytes: bytesEach, isJudgedByCtime, signal });
      await this.fileSystem.settle();
    }
    const { tree } = this;
    const found = await countTree(tree.root, tree.mtimeCutoff, { signal });
    if (JSON.stringify(found) !== JSON.stringify(tree.contents)) {
      throw new Error(
        `the tree is not what was filled: ${JSON.stringify(found)}, not ${JSON.stringify(tree.contents)}`,
      );
    }
    return tree;
  }

  /** What is to be cold are the sessions, not the driver's own files: it looks at nothing once. */
  private async warmProgram(driver: Driver): Promise<void> {
    const { signal, timeLimitSeconds, workplace } = this.settings;
    const scratch = mkdtempSync(path.join(workplace, 'scratch-'));
    try {
      const root = path.join(scratch, 'empty');
      mkdirSync(root, 0o755);
      const command = await driver.command({ tree: flatStore(root), lifetimeSeconds, scratch });
      await measure(command, { scratch, timeLimitSeconds, signal });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  private tell(round: number, driver: Driver, { wallMs, wrong }: Sample): void {
    const { trial, size, cache } = this.which;
    const what = `${this.fileSystem.name} ${trial.name} ${size} ${cache}`;
    const result = wrong === undefined ? formatSeconds(wallMs) : `WRONG: ${wrong}`;
    this.settings.progress(
      `${what} ${round + 1}/${this.settings.samples} ${driver.name}: ${result}`,
    );
  }
}
