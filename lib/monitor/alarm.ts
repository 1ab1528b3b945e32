/**
 * A wait that can be cut short.
 *
 * Invariant: a ring() is never lost: one that comes while nobody waits ends the next wait at once.
 */
import type { Clock } from '../clock/clock.js';

export class Alarm {
  readonly #clock: Clock;
  #hasRung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one. */
  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** @param atMs since 1970; null: only a ring() ends the wait */
  async waitUntil(atMs: number | null): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const cancel =
          atMs === null ? () => {} : this.#clock.after(atMs - this.#clock.now(), resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#hasRung = false;
  }
}
