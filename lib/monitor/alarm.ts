/**
 * A wait that can be cut short.
 *
 * Invariant: a ring() is never lost: one that comes while nobody waits ends the next wait at once.
 */
import type { Clock } from '../clock/clock.js';

export class Alarm {
  readonly #clock: Clock;
  #hasRung = false;
  #endWait = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one. */
  ring(): void {
    this.#hasRung = true;
    this.#endWait();
  }

  /** @param atMs since 1970 */
  async waitUntil(atMs: number): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const cancelTimer = this.#clock.after(atMs - this.#clock.now(), resolve);
        this.#endWait = () => {
          cancelTimer();
          resolve();
        };
      });
    }
    this.#endWait = () => {};
    this.#hasRung = false;
  }
}
