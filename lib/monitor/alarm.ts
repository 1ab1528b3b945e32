/**
 * A wait that can be cut short.
 *
 * Invariant: a ring() is never lost: one that comes while nobody waits ends the next wait at once.
 */
import type { Clock } from '../clock/clock.js';

export class Alarm {
  readonly #clock: Clock;
  #hasRung = false;
  /** Of the wait under way. Fields, not a closure: ten thousand stores wait by two alarms each. */
  #resolve: (() => void) | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one. */
  ring(): void {
    this.#hasRung = true;
    this.#cancelTimer?.();
    this.#resolve?.();
  }

  /** @param atMs since 1970; null: only a ring() ends the wait */
  async waitUntil(atMs: number | null): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (atMs !== null) this.#cancelTimer = this.#clock.after(atMs - this.#clock.now(), resolve);
      });
    }
    this.#resolve = null;
    this.#cancelTimer = null;
    this.#hasRung = false;
  }
}
