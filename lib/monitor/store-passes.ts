/**
 * The passes over one store, by the policy that holds when each begins, and the index that they share.
 *
 * Invariant: behind cancel() no pass that was begun before goes on removing. A pass that stands still for
 * too long is given up, with whatever thread hangs in it: its store can be tried again. To wait for
 * our own limits is not to stand still.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.js';
import type { ClockReading } from '../clock/reading.js';
import type {
  NativeAddon,
  NativeIndex,
  NativeIndexStatus,
  NativePass,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';
import { type RunningPass, stepsOf } from '../sweep/crew.js';
import type { Jobs } from '../sweep/jobs.js';
import { type PassSettings, type PlacedStore, passRequest } from '../sweep/request.js';
import { type PlannedStore, policyAt } from '../sweep/target.js';
import { type AllLeftBehind, LeftBehind } from './left-behind.js';

/** What all stores of a monitor share. */
export interface PassTools extends PassSettings {
  readonly addon: NativeAddon;
  readonly scans: Jobs;
  /** Apart, so that what is due waits for no scan. */
  readonly collections: Jobs;
  readonly looks: Jobs;
  /** For timers alone; what a pass goes by comes from readClock. */
  readonly clock: Clock;
  /** To be called before every pass: the one reading that it goes by. */
  readonly readClock: () => ClockReading;
  /** The reading that was made last, by any store. */
  readonly lastReading: () => ClockReading;
  readonly isCourteous: boolean;
  /** Sessions that one store's index holds at most. */
  readonly indexLimit: number;
  readonly leftBehind: AllLeftBehind;
}

/** Who is told how the passes get on. */
export interface PassWatcher {
  /** A pass has not moved for half a minute, or moves again. */
  readonly onStill: (pass: NativePass, isStill: boolean) => void;
  /** A thread that was left behind has come back: the file system answers. */
  readonly onComeBack: () => void;
}

/** How often a pass is looked after, when it counts as standing still, and when it is given up. */
const lookMs = 10_000;
const looksUntilStill = 3;
const looksUntilGivenUp = 60;

export class StorePasses {
  readonly #tools: PassTools;
  readonly #placed: PlacedStore;
  readonly #planned: () => PlannedStore;
  readonly #watcher: PassWatcher;
  readonly #leftBehind: LeftBehind;
  readonly #running = new Map<NativePass, RunningPass>();
  /** Since when those are at work that are no longer waiting for their turn. */
  readonly #begunAtMs = new Map<NativePass, number>();
  #index: NativeIndex;
  #hasEnded = false;

  /** @param planned as it is now */
  constructor(
    tools: PassTools,
    placed: PlacedStore,
    planned: () => PlannedStore,
    watcher: PassWatcher,
  ) {
    this.#tools = tools;
    this.#placed = placed;
    this.#planned = planned;
    this.#watcher = watcher;
    this.#leftBehind = new LeftBehind(tools.leftBehind);
    this.#index = this.#newIndex();
  }

  /**
   * @returns null if it ended before it was begun
   * @throws the addon's NativeRootError
   */
  async run(pass: NativePass): Promise<NativeSweepResult | null> {
    let stopLooking = () => {};
    try {
      return await this.#jobsOf(pass).run(
        () => this.#request(pass),
        (running) => {
          stopLooking();
          this.#running.set(pass, running);
          stopLooking = this.#lookAfter(pass, running);
        },
      );
    } finally {
      stopLooking();
      this.#running.delete(pass);
      this.#begunAtMs.delete(pass);
    }
  }

  #jobsOf(pass: NativePass): Jobs {
    const { scans, collections, looks } = this.#tools;
    if (pass === 'look') return looks;
    return pass === 'scan' ? scans : collections;
  }

  #request(pass: NativePass): NativeSweepRequest | null {
    if (this.#hasEnded) return null;
    const { isCourteous, readClock } = this.#tools;
    return passRequest(this.#placed, this.#planned(), readClock(), this.#tools, {
      pass,
      index: pass === 'look' ? null : this.#index,
      isCourteous: isCourteous && pass === 'scan',
      list: [],
    });
  }

  /** Ends the passes under way after the files in hand. */
  cancel(): void {
    for (const running of this.#running.values()) running.cancel();
  }

  /** The same, and none is begun any more. */
  end(): void {
    this.#hasEnded = true;
    this.cancel();
  }

  /** False while so many threads hang in the store that no more may. */
  mayBegin(): boolean {
    return this.#leftBehind.mayBegin();
  }

  /** Since when it has been at work, within some seconds; null: it waits for its turn. */
  begunAtMs(pass: NativePass): number | null {
    return this.#begunAtMs.get(pass) ?? null;
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

  #policy() {
    return policyAt(this.#planned(), this.#tools.lastReading());
  }

  #newIndex(): NativeIndex {
    const { addon, indexLimit } = this.#tools;
    return addon.createIndex({ limit: indexLimit, seed: randomBytes(16) });
  }

  /** @returns what ends the looking */
  #lookAfter(pass: NativePass, running: RunningPass): () => void {
    const { clock } = this.#tools;
    let last = Number.NaN;
    let looksStill = 0;
    let stop = () => {};
    this.#begunAtMs.delete(pass);
    const look = () => {
      const counters = running.progress();
      const now = stepsOf(counters);
      const hasBegun = running.hasBegun();
      if (hasBegun && !this.#begunAtMs.has(pass)) this.#begunAtMs.set(pass, clock.now());
      const wasStill = looksStill >= looksUntilStill;
      looksStill = now === last && hasBegun && !counters.isWaiting ? looksStill + 1 : 0;
      last = now;
      const isStill = looksStill >= looksUntilStill;
      if (isStill !== wasStill) this.#watcher.onStill(pass, isStill);
      if (looksStill >= looksUntilGivenUp) this.#giveUp(running);
      else stop = clock.after(lookMs, look);
    };
    look();
    return () => stop();
  }

  #giveUp(running: RunningPass): void {
    this.#leftBehind.add(running.whenLeft()).then(this.#watcher.onComeBack);
    running.abandon();
  }
}
