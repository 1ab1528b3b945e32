/**
 * What each user may cost us: root much, everybody else little, each from an allowance of his own.
 *
 * Invariant: nobody can use up what another's files need to be read.
 */
import type { Setter } from './provenance.js';

export class Allowances {
  readonly #left = new Map<Setter, number>();
  readonly #ofRoot: number;
  readonly #ofUser: number;

  /** @param ofUser of each user, and of all together for what several could have written */
  constructor(ofRoot: number, ofUser: number) {
    this.#ofRoot = ofRoot;
    this.#ofUser = ofUser;
  }

  /** How much there was to begin with. */
  of(setter: Setter): number {
    return setter === 0 ? this.#ofRoot : this.#ofUser;
  }

  isUsedUp(setter: Setter): boolean {
    return (this.#left.get(setter) ?? this.of(setter)) <= 0;
  }

  /** @returns whether there was enough; if not, nothing is left */
  take(setter: Setter, amount: number): boolean {
    const left = (this.#left.get(setter) ?? this.of(setter)) - amount;
    this.#left.set(setter, Math.max(0, left));
    return left >= 0;
  }
}
