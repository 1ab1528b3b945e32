/**
 * The passes over one store, by the policy that holds when each begins, and the index that they share.
 *
 * Invariant: behind cancel() no pass that was begun before goes on removing. A pass that stands still for
 * too long is given up, with whatever thread hangs in it: its store can be tried again.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.js';
import type {
  NativeAddon,
  NativeCounters,
  NativeIndex,
  NativeIndexStatus,
  NativeLimits,
  NativePass,
  NativePolicy,
  NativeSweepResult,
} from '../native/boundary.js';
import type { Jobs, RunningJob } from '../sweep/jobs.js';
import type { PlacedStore } from '../sweep/request.js';
import { verdictSecond } from './schedule.js';

/** What all stores of a monitor share. */
export interface PassTools {
  readonly addon: NativeAddon;
  readonly jobs: Jobs;
  readonly limits: NativeLimits;
  readonly clock: Clock;
  readonly threads: number;
  readonly isCourteous: boolean;
  readonly dryRun: boolean;
  readonly strict: boolean;
  /** Sessions that one store's index holds at most. */
  readonly indexLimit: number;
}

/** How often a pass is looked after, and how long it may stand still. */
const lookMs = 60_000;
const mostLooksStill = 10;

export class StorePasses {
  readonly #tools: PassTools;
  readonly #placed: PlacedStore;
  readonly #policy: () => NativePolicy;
  readonly #running = new Map<NativePass, RunningJob>();
  readonly #standingStill = new Set<NativePass>();
  #index: NativeIndex;

  /** @param policy the one that holds now */
  constructor(tools: PassTools, placed: PlacedStore, policy: () => NativePolicy) {
    this.#tools = tools;
    this.#placed = placed;
    this.#policy = policy;
    this.#index = this.#newIndex();
  }

  /** @throws the addon's NativeRootError */
  async run(pass: NativePass): Promise<NativeSweepResult> {
    const { jobs, clock, limits, threads, isCourteous, dryRun, strict } = this.#tools;
    const nowMs = clock.now();
    const request = {
      ...this.#placed.place,
      ...this.#policy(),
      nowSeconds: verdictSecond(nowMs),
      nowMs: Math.round(nowMs),
      dryRun,
      strict,
      limits,
      threads,
      isCourteous: isCourteous && pass === 'scan',
      pass,
      index: this.#index,
      list: [],
    };
    let stopLooking = () => {};
    try {
      return await jobs.run(request, (job) => {
        this.#running.set(pass, job);
        stopLooking = this.#lookAfter(pass, job);
      });
    } finally {
      stopLooking();
      this.#running.delete(pass);
      this.#standingStill.delete(pass);
    }
  }

  /** Ends the passes under way after the files in hand. */
  cancel(): void {
    for (const job of this.#running.values()) job.cancel();
  }

  /** How far a pass is: a number that changes as it goes on. */
  progress(pass: NativePass): number {
    const job = this.#running.get(pass);
    return job === undefined ? 0 : stepsOf(job.progress());
  }

  /** Whether a pass has not moved for a minute. */
  isStandingStill(pass: NativePass): boolean {
    return this.#standingStill.has(pass);
  }

  /** Forgets all sessions. */
  forget(): void {
    const { addon } = this.#tools;
    addon.dropIndex(this.#index);
    this.#index = this.#newIndex();
  }

  /** Gives the memory back; nothing is to be run any more. */
  close(): void {
    this.#tools.addon.dropIndex(this.#index);
  }

  indexStatus(): NativeIndexStatus {
    return this.#tools.addon.indexStatus(this.#index, this.#policy());
  }

  /** @see NativeAddon.indexShape */
  indexShape(asked: Parameters<NativeAddon['indexShape']>[2]) {
    return this.#tools.addon.indexShape(this.#index, this.#policy(), asked);
  }

  #newIndex(): NativeIndex {
    const { addon, indexLimit } = this.#tools;
    return addon.createIndex({ limit: indexLimit, seed: randomBytes(16) });
  }

  /** @returns what ends the looking */
  #lookAfter(pass: NativePass, job: RunningJob): () => void {
    const { clock } = this.#tools;
    let last = Number.NaN;
    let looksStill = 0;
    let stop = () => {};
    const look = () => {
      const now = stepsOf(job.progress());
      looksStill = now === last ? looksStill + 1 : 0;
      last = now;
      if (looksStill > 0) this.#standingStill.add(pass);
      else this.#standingStill.delete(pass);
      if (looksStill >= mostLooksStill) job.abandon();
      else stop = clock.after(lookMs, look);
    };
    look();
    return () => stop();
  }
}

function stepsOf({ verdicts, held, directories }: NativeCounters): number {
  return verdicts.reduce((sum, count) => sum + count, held + directories);
}
