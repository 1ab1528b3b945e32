/**
 * How many scans are made at a time.
 *
 * Invariant: a scan that does not move (a mount that is dead) keeps its place for `patienceMs` and no
 * longer, and none keeps it for ever (a scan that removes at a low rate): they do not stop the others.
 */
import type { Clock } from '../clock/clock.js';

const patienceMs = 1000;
const longestMs = 30_000;

export class Slots {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number, clock: Clock) {
    this.#free = count;
    this.#clock = clock;
  }

  /**
   * @param work is begun when there is a place
   * @param progress a number that changes as the work goes on
   */
  async within<T>(work: () => Promise<T>, progress: () => number): Promise<T> {
    await this.#take();
    let isHeld = true;
    let last = Number.NaN;
    let heldMs = 0;
    let cancelTimer = () => {};
    const release = () => {
      if (isHeld) this.#giveBack();
      isHeld = false;
    };
    const watch = () => {
      const now = progress();
      if (now === last || heldMs >= longestMs) return release();
      last = now;
      heldMs += patienceMs;
      cancelTimer = this.#clock.after(patienceMs, watch);
    };
    watch();
    try {
      return await work();
    } finally {
      cancelTimer();
      release();
    }
  }

  async #take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
