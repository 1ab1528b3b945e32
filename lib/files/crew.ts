/**
 * One crew under way: a native call, and the passes that it makes in turn.
 *
 * Invariant: each pass is settled once, or given back; once `settled` is, none is left.
 */
import type {
  NativeAddon,
  NativeCounters,
  NativeCrew,
  NativeListing,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';
import { stepsOf } from './counts.js';

/** A pass under way, as its owner sees it. */
export interface RunningPass {
  progress(): NativeCounters;
  /** Whether its crew has come to it. */
  hasBegun(): boolean;
  /** Ends it after the files in hand. */
  cancel(): void;
  /** Ends it, and waits for it no longer. */
  abandon(): void;
  /** Settles once its thread has let go of the store, also after abandon(). */
  whenLeft(): Promise<void>;
}

/** A pass that somebody waits for. */
export interface WaitingPass {
  /**
   * The request, by the clock and the policy of the moment at which its crew begins; null: nobody wants
   * it any more.
   */
  readonly make: () => NativeSweepRequest | null;
  readonly onStarted: ((pass: RunningPass) => void) | undefined;
  readonly resolve: (result: NativeSweepResult | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly pass: WaitingPass;
  readonly request: NativeSweepRequest;
  isSettled: boolean;
}

/** For so many looks a store may keep others waiting behind it; */
const looksBeforeOthersGo = 3;
/** after so many without a step the crew is stuck. */
const looksUntilStuck = 10;

export class Crew {
  readonly #members: readonly Member[];
  readonly #native: NativeCrew;
  readonly #onGivenBack: (pass: WaitingPass) => void;
  readonly #settled: Promise<void>;
  #end = () => {};
  #unsettled: number;
  #listed: Promise<void> = Promise.resolve();
  #pendingListings = 0;
  #inHand = -1;
  #looks = 0;
  #looksStill = 0;
  #steps = Number.NaN;
  #isStuck = false;

  /** @throws what the addon throws */
  constructor(
    addon: NativeAddon,
    members: readonly Pick<Member, 'pass' | 'request'>[],
    onListing: (batch: NativeListing) => Promise<void>,
    onGivenBack: (pass: WaitingPass) => void,
  ) {
    this.#members = members.map((member) => ({ ...member, isSettled: false }));
    this.#unsettled = members.length;
    this.#onGivenBack = onGivenBack;
    this.#settled = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#native = addon.startCrew(
      members.map(({ request }) => request),
      (batch) => {
        this.#pendingListings += 1;
        this.#listed = this.#listed
          .then(() => onListing(batch))
          .then(() => {
            this.#pendingListings -= 1;
            this.#native.release(batch.length);
          });
      },
    );
    for (const [index, result] of this.#native.results.entries()) this.#await(result, index);
    this.#members.forEach(({ pass }, index) => {
      pass.onStarted?.({
        progress: () => this.#native.progress(index),
        hasBegun: () => this.#native.inHand() === index,
        cancel: () => this.#native.cancelStore(index),
        abandon: () => this.#abandon(index),
        whenLeft: () => this.#whenLeft(index),
      });
    });
  }

  /** Whether it has stood still for a second, for none of our own reasons. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Settles once every pass has its end, or was given back. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Of the passes that are not settled. */
  progress(): NativeCounters[] {
    return this.#members.flatMap(({ isSettled }, index) =>
      isSettled ? [] : [this.#native.progress(index)],
    );
  }

  cancel(): void {
    this.#native.cancel();
  }

  abandon(): void {
    for (const index of this.#members.keys()) this.#abandon(index);
  }

  /** To be called ten times a second: lets those go that wait behind a store for long. */
  look(): void {
    const inHand = this.#native.inHand();
    const isAnother = inHand !== this.#inHand;
    if (isAnother) {
      this.#inHand = inHand;
      this.#looks = 0;
    }
    // It waits for a place among the threads: so would whoever took its stores.
    if (inHand < 0) return;
    this.#looks += 1;
    if (this.#looks === looksBeforeOthersGo) this.#native.giveBackRest();
    const counters = this.#native.progress(inHand);
    const steps = stepsOf(counters);
    const moves =
      isAnother || steps !== this.#steps || counters.isWaiting || this.#pendingListings > 0;
    this.#steps = steps;
    this.#looksStill = moves ? 0 : this.#looksStill + 1;
    if (!this.#isStuck && this.#looksStill >= looksUntilStuck) this.#native.forfeitSlots();
    this.#isStuck = this.#looksStill >= looksUntilStuck;
  }

  async #await(result: Promise<NativeSweepResult | null>, index: number): Promise<void> {
    try {
      const end = await result;
      await this.#listed;
      this.#settle(index, (pass) => (end === null ? this.#onGivenBack(pass) : pass.resolve(end)));
    } catch (error) {
      await this.#listed;
      this.#settle(index, ({ reject }) => reject(error));
    }
  }

  async #whenLeft(index: number): Promise<void> {
    await Promise.allSettled([this.#native.results[index]]);
  }

  #abandon(index: number): void {
    this.#native.cancelStore(index);
    const counters = this.#native.progress(index);
    this.#settle(index, ({ resolve }) => resolve(this.#notAnswering(index, counters)));
  }

  #settle(index: number, how: (pass: WaitingPass) => void): void {
    const member = this.#members[index];
    if (member === undefined || member.isSettled) return;
    member.isSettled = true;
    how(member.pass);
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#end();
  }

  #notAnswering(index: number, counters: NativeCounters): NativeSweepResult {
    const path = this.#members[index]?.request.place.path ?? Buffer.alloc(0);
    return {
      counters,
      oldestAgeSeconds: -1,
      directory: null,
      inodesFreeRatio: -1,
      oversized: null,
      durationMs: 0,
      failures: [{ code: 'ERR_NOT_ANSWERING', errno: 0, syscall: '', path, count: 1 }],
      unlistedFailures: 0,
      complete: false,
      clockWasSet: false,
    };
  }
}
