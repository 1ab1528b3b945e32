/**
 * A task that is run again and again, each time at the moment that it asks for by then.
 *
 * Invariant: one run at a time. A ring() is never lost: the next moment is asked for after every ring and every
 * run. While it waits it holds a timer and nothing else: ten thousand stores wait by two of these each.
 */
import type { Clock } from '../clock/clock.js';

/** The next run of it. */
export interface NextRun {
  /** In milliseconds since 1970; null: not before a ring(). */
  readonly at: number | null;
  readonly run: () => Promise<void>;
}

export class Recurring {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #next: () => NextRun;
  readonly #onDefect: (thrown: unknown) => void;
  #cancelTimer: (() => void) | null = null;
  /** Null while it waits. */
  #atWork: Promise<void> | null = null;
  #hasEnded = false;

  /**
   * @param next asked after every ring and every run
   * @param onDefect told what is thrown; nothing is run any more
   */
  constructor(
    clock: Pick<Clock, 'now' | 'after'>,
    next: () => NextRun,
    onDefect: (thrown: unknown) => void,
  ) {
    this.#clock = clock;
    this.#next = next;
    this.#onDefect = onDefect;
  }

  /** Has the next moment asked for anew, soon; the first time it begins by that. It never begins a run before it returns. */
  ring(): void {
    this.#endWait();
    if (!this.#hasEnded) this.#atWork ??= this.#work();
  }

  /** Runs it no more. Settles when the run under way has ended. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#endWait();
    await this.#atWork;
  }

  async #work(): Promise<void> {
    await null;
    try {
      while (!this.#hasEnded) {
        const { at, run } = this.#next();
        if (at === null) break;
        const waitMs = at - this.#clock.now();
        if (waitMs > 0) {
          this.#cancelTimer = this.#clock.after(waitMs, () => this.ring());
          break;
        }
        await run();
      }
    } catch (thrown) {
      this.#hasEnded = true;
      this.#onDefect(thrown);
    } finally {
      this.#atWork = null;
    }
  }

  #endWait(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
