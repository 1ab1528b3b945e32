/**
 * How much is looked at below document roots: for each user as many directories and as much time,
 * for root's own far more.
 *
 * Invariant: what one user has there takes nothing from what another's are looked at with.
 */

import { Allowances } from '../allowances.js';
import type { Setter } from '../provenance.js';

export interface ScanLimits {
  readonly directories: number;
  readonly ms: number;
}

export interface ScanBudgetOptions {
  readonly root?: ScanLimits;
  /** Of each. */
  readonly user?: ScanLimits;
  /** Milliseconds. */
  readonly clock?: () => number;
}

const rootLimits: ScanLimits = { directories: 500_000, ms: 10_000 };
const userLimits: ScanLimits = { directories: 20_000, ms: 2_000 };

export class ScanBudget {
  readonly #directories: Allowances;
  readonly #ms: Allowances;
  readonly #clock: () => number;
  #since: number;

  constructor({
    root = rootLimits,
    user = userLimits,
    clock = () => performance.now(),
  }: ScanBudgetOptions = {}) {
    this.#directories = new Allowances(root.directories, user.directories);
    this.#ms = new Allowances(root.ms, user.ms);
    this.#clock = clock;
    this.#since = clock();
  }

  /** The time until now is nobody's. */
  start(): void {
    this.#since = this.#clock();
  }

  /** The time since it was asked for last is this user's. */
  charge(setter: Setter): void {
    const now = this.#clock();
    this.#ms.take(setter, now - this.#since);
    this.#since = now;
  }

  /** @returns why one directory more is too many */
  takeDirectory(setter: Setter): string | undefined {
    if (!this.#directories.take(setter, 1))
      return `more than ${this.#directories.of(setter)} directories`;
    return this.outOfTime(setter);
  }

  /** @returns whether no directory is left to take */
  isUsedUp(setter: Setter): boolean {
    return this.#directories.isUsedUp(setter) || this.#ms.isUsedUp(setter);
  }

  outOfTime(setter: Setter): string | undefined {
    return this.#ms.isUsedUp(setter) ? 'out of time' : undefined;
  }
}
