/**
 * Looks at each store every few seconds: whether its place is still the one that is watched.
 *
 * Invariant: however many stores there are, only so many are looked at in one second; those that a round
 * has not come to are looked at in the seconds that follow.
 */
import type { Clock } from '../clock/clock.js';

export interface LookedAt {
  look(): Promise<void>;
}

/** Each store is looked at so often, */
const roundMs = 5000;
/** or as often as this allows. A look takes 0.2 ms: at rest, very many stores take 1.4 % of one processor. */
const mostLooksASecond = 64;
const secondMs = 1000;

export class Looks {
  readonly #clock: Pick<Clock, 'sinceBoot' | 'after'>;
  readonly #stores: () => Iterator<LookedAt>;
  readonly #onDefect: (thrown: unknown) => void;
  #end = () => {};

  /** @param stores those that there are at the moment */
  constructor(
    clock: Pick<Clock, 'sinceBoot' | 'after'>,
    stores: () => Iterator<LookedAt>,
    onDefect: (thrown: unknown) => void,
  ) {
    this.#clock = clock;
    this.#stores = stores;
    this.#onDefect = onDefect;
  }

  begin(): void {
    this.#lookFrom([].values(), 0);
  }

  end(): void {
    this.#end();
  }

  /** @param rest of the stores that this round has not come to */
  #lookFrom(rest: Iterator<LookedAt>, roundBeganMs: number): void {
    const nowMs = this.#clock.sinceBoot();
    const isNewRound = nowMs - roundBeganMs >= roundMs;
    let stores = rest;
    let beganMs = roundBeganMs;
    for (let count = 0; count < mostLooksASecond; count += 1) {
      let next = stores.next();
      if (next.done === true && isNewRound && beganMs !== nowMs) {
        stores = this.#stores();
        beganMs = nowMs;
        next = stores.next();
      }
      if (next.done === true) break;
      next.value.look().catch(this.#onDefect);
    }
    this.#end = this.#clock.after(secondMs, () => this.#lookFrom(stores, beganMs));
  }
}
