/**
 * One pass over one table: bite after bite, with pauses in between.
 *
 * Invariant: a pass that was cancelled ends after the bite in hand. Between two bites nothing is held in the
 * database. What ends a pass early is a failure of its result, and everything until then counts.
 */
import {
  type Listing,
  noDirectories,
  type PassOrder,
  type PassProgress,
  type PassResult,
  type RunningPass,
  type SweepFailure,
} from '../engine/engine.js';
import { BiteSize } from './bite-size.js';
import { notAnswering, TableError, type TableFailure, type TableFailureCode } from './failure.js';
import type { Begun, Bitten } from './messages.js';
import { PassCounts } from './pass-counts.js';
import type { Removals } from './removals.js';
import { storeError, type TableStore } from './store.js';

export interface PassTools {
  readonly removals: Removals;
  readonly latenessBoundsMs: readonly number[];
  readonly onListing: (batch: Listing) => Promise<void>;
}

/** What may go on by itself after a while: the server is started anew, or a writer is done. */
const passing: readonly TableFailureCode[] = [
  'ERR_TABLE_BUSY',
  'ERR_TABLE_UNREACHABLE',
  'ERR_TABLE_NOT_ANSWERING',
];
const retriesMs = [1000, 2000, 4000, 8000];
/** Where everybody else goes first, a bite is followed by so many times its own time of rest. */
const restOfCourteous = 3;

export class TablePass implements RunningPass {
  readonly #store: TableStore;
  readonly #order: PassOrder;
  readonly #tools: PassTools;
  readonly #counts: PassCounts;
  readonly #size = new BiteSize();
  readonly #beganAt = performance.now();
  readonly #result: Promise<PassResult>;
  readonly #left: Promise<void>;
  #abandoned: () => void = () => {};
  #longestMs = 0;
  #isCancelled = false;
  #isWaiting = false;
  #hasBegun = false;
  #wake = () => {};
  #begun: Begun | null = null;

  constructor(store: TableStore, order: PassOrder, tools: PassTools) {
    this.#store = store;
    this.#order = order;
    this.#tools = tools;
    this.#counts = new PassCounts(order, tools.latenessBoundsMs, store.overdueBeforeMs);
    const work = this.#work();
    this.#left = work.then(
      () => {},
      () => {},
    );
    const abandoned = new Promise<PassResult>((resolve) => {
      this.#abandoned = () =>
        resolve(this.#resultOf(false, [notAnswering(store.place.text).failure]));
    });
    this.#result = Promise.race([work, abandoned]);
  }

  /** @throws SescleError where the table cannot be collected at all */
  result(): Promise<PassResult> {
    return this.#result;
  }

  progress(): PassProgress {
    return { counts: this.#counts.counts(), steps: this.#counts.steps, isWaiting: this.#isWaiting };
  }

  /** Of all statements so far. */
  get longestStatementMs(): number {
    return this.#longestMs;
  }

  hasBegun(): boolean {
    return this.#hasBegun;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#wake();
  }

  abandon(): void {
    this.cancel();
    this.#abandoned();
    this.#store.kill();
  }

  whenLeft(): Promise<void> {
    return this.#left;
  }

  async #work(): Promise<PassResult> {
    try {
      this.#begun = await this.#store.begin(this.#order.policy);
      this.#hasBegun = true;
      // That the table is there, and may be collected, is all that a look asks.
      if (this.#order.pass === 'look') return this.#resultOf(true, []);
      return await this.#bites(this.#begun);
    } catch (error) {
      throw storeError(this.#store.place.text, error);
    } finally {
      this.#store.letGo();
    }
  }

  async #bites(first: Begun): Promise<PassResult> {
    let begun = first;
    for (let failed = 0; !this.#isCancelled; ) {
      try {
        if (failed > 0 && this.#begun === null)
          begun = this.#begun = await this.#store.begin(this.#order.policy);
        const last = await this.#bite(begun);
        failed = 0;
        if (last?.isDone !== true) continue;
        this.#note(begun, last);
        return this.#resultOf(true, []);
      } catch (error) {
        if (!(error instanceof TableError)) throw error;
        const pause = retriesMs[failed];
        const canPass = passing.includes(error.code);
        // Whatever it was, the table is opened anew before the next bite.
        if (error.code !== 'ERR_TABLE_BUSY') this.#forgetConnection();
        if (!canPass || pause === undefined) return this.#resultOf(false, [error.failure]);
        failed += 1;
        this.#counts.addFailed();
        await this.#wait(pause);
      }
    }
    return this.#resultOf(false, []);
  }

  #forgetConnection(): void {
    this.#begun = null;
    this.#store.drop();
  }

  /** @returns null: it was cancelled before the rate allowed it */
  async #bite(begun: Begun): Promise<Bitten | null> {
    const { removals, onListing } = this.#tools;
    const { nice, list } = this.#order;
    const mostLooked = this.#size.rows;
    const isRemoving = this.#counts.takenAs === 'removed';
    const granted = isRemoving ? removals.take(mostLooked) : null;
    let used = 0;
    let beganAt = performance.now();
    let bitten: Bitten;
    try {
      if (granted !== null && granted.waitMs > 0) {
        await this.#wait(granted.waitMs);
        if (this.#isCancelled) return null;
        beganAt = performance.now();
      }
      bitten = await this.#store.ask('bite', {
        mostLooked,
        mostTaken: granted?.count ?? mostLooked,
        dryRun: !isRemoving,
        isListed: list.includes(this.#counts.takenAs) || list.includes('in_use'),
      });
      used = bitten.removed;
    } finally {
      granted?.used(used);
    }
    const { removed, inUse, changed, live } = bitten;
    this.#longestMs = Math.max(this.#longestMs, bitten.longestMs);
    this.#size.note(bitten.longestMs, removed + inUse + changed + live);
    this.#counts.add(bitten, Date.now() + begun.clockAheadMs);
    if (bitten.removedIds.length + bitten.inUseIds.length > 0)
      await onListing(this.#listingOf(bitten));
    if (nice && !bitten.isDone) await this.#wait(restOfCourteous * (performance.now() - beganAt));
    return bitten;
  }

  #listingOf({ removedIds, inUseIds }: Bitten): Listing {
    const { list } = this.#order;
    const verdicts = [
      [this.#counts.takenAs, removedIds],
      ['in_use', inUseIds],
    ] as const;
    return async (tell) => {
      for (const [verdict, ids] of verdicts) {
        if (!list.includes(verdict)) continue;
        for (const id of ids) await tell(verdict, Buffer.from(`${this.#store.place.text}/${id}`));
      }
    };
  }

  #note(begun: Begun, last: Bitten): void {
    const { policy, reading } = this.#order;
    const kept = this.#counts.of('in_use');
    const durationMs = performance.now() - this.#beganAt;
    const nowSeconds = reading.nowMs / 1000 + durationMs / 1000;
    this.#store.note({ policy, begun, last, kept, durationMs, nowSeconds });
  }

  /** Until the time limit was reached, or the pass is cancelled. */
  #wait(ms: number): Promise<void> {
    if (this.#isCancelled) return Promise.resolve();
    this.#isWaiting = true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#isWaiting = false;
        this.#wake = () => {};
        resolve();
      };
    });
  }

  #resultOf(complete: boolean, failures: readonly TableFailure[]): PassResult {
    const { text, key } = this.#store.place;
    return {
      counts: this.#counts.counts(),
      directories: noDirectories,
      protocol: 'row-lock',
      lateness: this.#counts.lateness(),
      oldestAgeSeconds: null,
      identity: key,
      inodesFreeRatio: null,
      hugeDirectory: null,
      durationMs: Math.round(performance.now() - this.#beganAt),
      failures: failures.map((failure) => failureOf(text, failure)),
      unlistedFailures: 0,
      complete,
      clockWasSet: false,
      clockAheadMs: this.#begun?.clockAheadMs ?? null,
      warnings: this.#store.warnings,
    };
  }
}

function failureOf(path: string, { code, message, remedy }: TableFailure): SweepFailure {
  return { code, errno: 0, syscall: '', path, count: 1, message, remedy };
}
