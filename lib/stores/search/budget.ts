/**
 * How much a search may take: time, directories, entries, looks at files.
 *
 * Invariant: what has run out never comes back, so that the search ends within its limits whatever
 * the trees are; the event loop gets its turn all the while.
 */
import { setImmediate } from 'node:timers/promises';

export interface SearchLimits {
  readonly maxDirectories: number;
  /** Names read, over all directories. */
  readonly maxEntries: number;
  /** Files whose age and size are looked at; where there are more sessions, a part stands for all. */
  readonly maxFilesLookedAt: number;
  /** Levels below the directory that was named. */
  readonly maxDepth: number;
  /** Fewer sessions than that are no finding. */
  readonly minSessions: number;
}

export const defaultSearchLimits: SearchLimits = {
  maxDirectories: 200_000,
  maxEntries: 5_000_000,
  maxFilesLookedAt: 50_000,
  maxDepth: 64,
  minSessions: 10,
};

/** Why a search ends early. */
export type Shortage = 'time' | 'directories' | 'entries';

/** At most so long the event loop waits. */
const turnMs = 20;
const entriesBetweenLooksAtTheClock = 256;

export class Budget {
  #directories = 0;
  #entries = 0;
  #looks = 0;
  #now: number;
  #turnEndsAt: number;

  /** What ran out first; null while there is some of everything. */
  shortage: Shortage | null = null;

  /**
   * @param deadline on the clock
   * @param clock milliseconds, never going back
   */
  constructor(
    readonly limits: SearchLimits,
    readonly deadline: number,
    readonly clock: () => number,
  ) {
    this.#now = clock();
    this.#turnEndsAt = this.#now + turnMs;
  }

  /** Whether one more directory may be read. */
  takeDirectory(): boolean {
    if (this.#directories++ >= this.limits.maxDirectories) this.shortage ??= 'directories';
    this.#mindTheClock();
    return this.shortage === null;
  }

  /** How many directories it makes sense to remember, beyond those that were read. */
  get directoriesLeft(): number {
    return this.limits.maxDirectories - this.#directories;
  }

  /** Whether one more name may be read. */
  takeEntry(): boolean {
    if (this.#entries++ >= this.limits.maxEntries) this.shortage ??= 'entries';
    if (this.#entries % entriesBetweenLooksAtTheClock === 0) this.#mindTheClock();
    return this.shortage === null;
  }

  /** Whether one more file may be looked at. */
  takeLook(): boolean {
    return this.#looks++ < this.limits.maxFilesLookedAt;
  }

  /** Whether the event loop should have its turn, by giveTurn(). */
  get isTurnOver(): boolean {
    return this.#now >= this.#turnEndsAt;
  }

  async giveTurn(): Promise<void> {
    await setImmediate();
    this.#now = this.clock();
    this.#turnEndsAt = this.#now + turnMs;
  }

  #mindTheClock(): void {
    this.#now = this.clock();
    if (this.#now >= this.deadline) this.shortage ??= 'time';
  }
}
