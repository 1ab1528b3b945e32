/**
 * How many of the ways in which one user starts PHP are read: of thousands, each with files of its own,
 * only some.
 *
 * Invariant: root's are never counted.
 */
import type { Setter } from '../../php/provenance.js';

/** What is read of how one user starts PHP, and for how long. */
export const maxStartsPerUser = 16;
const maxMsPerUser = 1000;

export class UserStarts {
  readonly #counts = new Map<Setter, number>();
  readonly #spentMs = new Map<Setter, number>();
  /** Milliseconds. */
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts one more, and says whether it is to be read. */
  take(setBy: Setter): boolean {
    if (setBy === 0) return true;
    const count = (this.#counts.get(setBy) ?? 0) + 1;
    this.#counts.set(setBy, count);
    return count <= maxStartsPerUser && (this.#spentMs.get(setBy) ?? 0) <= maxMsPerUser;
  }

  /** Has whoever started it pay for work. */
  spend<T>(setBy: Setter, work: () => T): T {
    const began = this.#clock();
    const result = work();
    this.#spentMs.set(setBy, (this.#spentMs.get(setBy) ?? 0) + this.#clock() - began);
    return result;
  }
}
