/**
 * How many scans are made at a time.
 *
 * Invariant: a scan that does not move (a mount that is dead) keeps its place for `patienceMs` and no
 * longer: it does not stop the others.
 */
import type { MonitorClock } from './clock.js';

const patienceMs = 5000;

export class Slots {
  readonly #clock: MonitorClock;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number, clock: MonitorClock) {
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
    let cancelTimer = () => {};
    const release = () => {
      if (isHeld) this.#giveBack();
      isHeld = false;
    };
    const watch = () => {
      const now = progress();
      if (now === last) return release();
      last = now;
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
