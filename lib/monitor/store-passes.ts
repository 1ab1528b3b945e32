/**
 * The passes over one store, by the policy that holds when each begins.
 *
 * Invariant: after cancel() no pass that was begun before goes on removing. A pass that stands still for
 * too long is given up, with the thread that hangs in it: its store can be tried again. A pass that waits
 * for our own limits does not stand still.
 */
import type { Clock } from '../clock/clock.js';
import type { ClockReading } from '../clock/reading.js';
import type {
  EngineStore,
  Pass,
  PassOrder,
  PassResult,
  PlannedStore,
  RunningPass,
  SessionsByTime,
  ShapeQuestion,
  StoreStatus,
} from '../engine/engine.js';
import { policyAt } from '../engine/policy.js';
import type { Jobs } from '../sweep/jobs.js';
import { type AllLeftBehind, LeftBehind } from './left-behind.js';

/** What all stores of a monitor share. */
export interface PassTools extends Pick<PassOrder, 'dryRun' | 'strict' | 'threads'> {
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
  readonly nice: boolean;
  readonly leftBehind: AllLeftBehind;
}

/** Who is told how the passes get on. */
export interface PassWatcher {
  /** A pass has not moved for half a minute, or moves again. */
  readonly onStill: (pass: Pass, isStill: boolean) => void;
  /** A thread that was left behind has come back: the file system answers. */
  readonly onComeBack: () => void;
}

interface PassUnderWay {
  readonly running: RunningPass;
  /** Since when it has been at work; null: it waits for its turn. */
  begunAtMs: number | null;
}

/** How often a pass is looked after, when it counts as standing still, and when it is given up. */
const lookMs = 10_000;
const looksUntilStill = 3;
const looksUntilGivenUp = 60;

export class StorePasses {
  readonly #tools: PassTools;
  readonly #store: EngineStore;
  readonly #planned: () => PlannedStore;
  readonly #watcher: PassWatcher;
  readonly #leftBehind: LeftBehind;
  /** Null: there are none, as most of the time, and in most of ten thousand stores. */
  #running: Map<Pass, PassUnderWay> | null = null;
  #hasEnded = false;

  /** @param planned as it is now */
  constructor(
    tools: PassTools,
    store: EngineStore,
    planned: () => PlannedStore,
    watcher: PassWatcher,
  ) {
    this.#tools = tools;
    this.#store = store;
    this.#planned = planned;
    this.#watcher = watcher;
    this.#leftBehind = new LeftBehind(tools.leftBehind);
  }

  /**
   * @param aheadSeconds see PassOrder
   * @returns null if it ended before it was begun
   * @throws SescleError where the store cannot be used
   */
  async run(pass: Pass, aheadSeconds = 0): Promise<PassResult | null> {
    let stopLooking = () => {};
    try {
      return await this.#jobsOf(pass).run(
        this.#store,
        () => this.#order(pass, aheadSeconds),
        (running) => {
          stopLooking();
          this.#running ??= new Map();
          this.#running.set(pass, { running, begunAtMs: null });
          stopLooking = this.#lookAfter(pass, running);
        },
      );
    } finally {
      stopLooking();
      this.#running?.delete(pass);
      if (this.#running?.size === 0) this.#running = null;
    }
  }

  #jobsOf(pass: Pass): Jobs {
    const { scans, collections, looks } = this.#tools;
    if (pass === 'look') return looks;
    return pass === 'scan' ? scans : collections;
  }

  #order(pass: Pass, aheadSeconds: number): PassOrder | null {
    if (this.#hasEnded) return null;
    const { readClock, dryRun, strict, threads } = this.#tools;
    const reading = readClock();
    return {
      pass,
      reading,
      aheadSeconds,
      policy: policyAt(this.#planned(), reading),
      dryRun,
      strict,
      threads,
      nice: this.#tools.nice && pass === 'scan',
      list: [],
    };
  }

  /** Ends the passes under way after the files in hand. */
  cancel(): void {
    for (const { running } of this.#running?.values() ?? []) running.cancel();
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
  begunAtMs(pass: Pass): number | null {
    return this.#running?.get(pass)?.begunAtMs ?? null;
  }

  /** Forgets all sessions. */
  forget(): void {
    this.#store.forget();
  }

  /** Gives the memory back; nothing is to be run any more. */
  close(): void {
    this.#store.close();
  }

  status(): StoreStatus {
    return this.#store.status(this.#policy());
  }

  shape(asked: ShapeQuestion): SessionsByTime {
    return this.#store.shape(this.#policy(), asked);
  }

  #policy() {
    return policyAt(this.#planned(), this.#tools.lastReading());
  }

  /** @returns what ends the looking */
  #lookAfter(pass: Pass, running: RunningPass): () => void {
    const { clock } = this.#tools;
    let last = Number.NaN;
    let looksStill = 0;
    let stop = () => {};
    const look = () => {
      const { steps: now, isWaiting } = running.progress();
      const hasBegun = running.hasBegun();
      const underWay = this.#running?.get(pass);
      if (hasBegun && underWay !== undefined) underWay.begunAtMs ??= clock.now();
      const wasStill = looksStill >= looksUntilStill;
      looksStill = now === last && hasBegun && !isWaiting ? looksStill + 1 : 0;
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
