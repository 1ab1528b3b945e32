/**
 * Passes over stores, put together into crews: stores that one native call works on in turn, so that
 * a thread and its sandbox are paid for once.
 *
 * Stores that wait behind one that takes long (it is large, or its file system does not answer) go
 * back to the front of the queue: a slow store has its crew to itself. A crew that does not move any
 * more takes no lane from others.
 *
 * Invariant: a request is made when its crew begins, so that no reading of a clock waits in the queue.
 */
import type { NativeAddon, NativeCounters, NativeListing } from '../native/boundary.js';
import { Crew, type WaitingPass } from './crew.js';

export interface CrewsOptions {
  /** How many crews work at a time. */
  readonly lanes: number;
  readonly onListing: (batch: NativeListing) => Promise<void>;
}

/** Each has a descriptor open. */
const mostStoresInACrew = 256;
/** So that crews end at about the same time. */
const crewsALane = 4;
const lookMs = 100;

export class Crews {
  readonly #addon: NativeAddon;
  readonly #options: CrewsOptions;
  readonly #waiting: WaitingPass[] = [];
  readonly #crews = new Set<Crew>();
  #looking: NodeJS.Timeout | undefined;
  #isStarting = false;
  #hasEnded = false;

  constructor(addon: NativeAddon, options: CrewsOptions) {
    this.#addon = addon;
    this.#options = options;
  }

  /** Passes that are added at the same time may come into one crew. */
  add(pass: WaitingPass): void {
    this.#waiting.push(pass);
    this.#startSoon();
  }

  /** What the passes under way have done. */
  progress(): NativeCounters[] {
    return Array.from(this.#crews).flatMap((crew) => crew.progress());
  }

  /** Ends what is under way after the files in hand; what was not begun resolves with null. */
  end(): void {
    this.#hasEnded = true;
    for (const pass of this.#waiting.splice(0)) pass.resolve(null);
    for (const crew of this.#crews) crew.cancel();
  }

  /** Waits for nothing any more. */
  abandon(): void {
    for (const crew of this.#crews) crew.abandon();
  }

  /** Nobody looks after what is left, if anything is. */
  close(): void {
    clearInterval(this.#looking);
  }

  #startSoon(): void {
    if (this.#isStarting || this.#waiting.length === 0) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#hasEnded) for (const pass of this.#waiting.splice(0)) pass.resolve(null);
    const busy = Array.from(this.#crews).filter(({ isStuck }) => !isStuck).length;
    const { lanes } = this.#options;
    for (let free = lanes - busy; free > 0 && this.#waiting.length > 0; free -= 1) {
      const share = Math.ceil(this.#waiting.length / (crewsALane * lanes));
      this.#begin(this.#waiting.splice(0, Math.min(Math.max(share, 1), mostStoresInACrew)));
    }
  }

  #begin(passes: readonly WaitingPass[]): void {
    const members = passes.flatMap((pass) => {
      try {
        const request = pass.make();
        if (request !== null) return [{ pass, request }];
        pass.resolve(null);
      } catch (error) {
        pass.reject(error);
      }
      return [];
    });
    if (members.length === 0) return;
    try {
      const crew = new Crew(
        this.#addon,
        members,
        (batch) => this.#options.onListing(batch),
        (pass) => this.#takeBack(pass),
      );
      this.#crews.add(crew);
      // Whoever was called meanwhile may have ended it all.
      if (this.#hasEnded) crew.cancel();
      this.#looking ??= setInterval(() => this.#look(), lookMs);
      crew.settled.then(() => this.#forget(crew));
    } catch (error) {
      for (const { pass } of members) pass.reject(error);
    }
  }

  #forget(crew: Crew): void {
    this.#crews.delete(crew);
    this.#startSoon();
    if (this.#crews.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #look(): void {
    for (const crew of this.#crews) crew.look();
    this.#startSoon();
  }

  #takeBack(pass: WaitingPass): void {
    this.#waiting.unshift(pass);
    this.#startSoon();
  }
}
