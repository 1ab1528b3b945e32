/**
 * Whether a store's expired sessions can be removed: by what became of the last that were tried.
 *
 * Invariant: one session that cannot be removed among others that can does not make a store fail; and
 * what failed is tried again before a store counts as well.
 */
import type { PassResult, SweepFailure } from '../engine/engine.js';

/** The engine tries a session again that it could not remove after 60 seconds; less for the timers. */
const retryMs = 55_000;
/** Behind two tries nothing is known any more of one that was not among them. */
const rememberedMs = 130_000;

export class Removals {
  #lastRemovedMs = -Infinity;
  #lastFailedMs = -Infinity;
  #problem: string | null = null;
  #code: string | undefined;
  #oldestFailed: { readonly bornMs: number; readonly seenMs: number } | null = null;

  /** Why none of the last could be removed; null: they could be. */
  get problem(): string | null {
    return this.#problem;
  }

  /** @param nowMs of a clock that nobody sets */
  add({ counts, failures, oldestAgeSeconds }: PassResult, nowMs: number): void {
    const { removed, wouldRemove, vanished, skipped } = counts;
    const gone = removed + wouldRemove + vanished;
    const failed = skipped.failed + skipped.unlockable;
    if (failed > 0) {
      const isAll = gone === 0 && nowMs - this.#lastRemovedMs >= retryMs;
      const [first] = failures;
      // The same reason with another name of a file is no news.
      const isNews = this.#problem === null ? isAll : first?.code !== this.#code;
      if (isNews) {
        this.#code = first?.code;
        this.#problem = `expired sessions cannot be removed${first === undefined ? '' : `: ${textOf(first)}`}`;
      }
      this.#lastFailedMs = nowMs;
      if (oldestAgeSeconds !== null) this.#remember(nowMs - oldestAgeSeconds * 1000, nowMs);
    } else if (gone > 0 && nowMs - this.#lastFailedMs >= retryMs) {
      this.#problem = null;
    }
    if (gone > 0) this.#lastRemovedMs = nowMs;
  }

  /** Age of the oldest session that could not be removed; null: there is none. */
  oldestAgeSeconds(nowMs: number): number | null {
    const oldest = this.#oldestFailed;
    if (oldest === null || nowMs - oldest.seenMs > rememberedMs) return null;
    return Math.floor((nowMs - oldest.bornMs) / 1000);
  }

  #remember(bornMs: number, nowMs: number): void {
    const known = this.#oldestFailed;
    const isKnown = known !== null && nowMs - known.seenMs <= rememberedMs;
    // One that is a second older may be the same.
    if (isKnown && bornMs > known.bornMs + 1000) return;
    this.#oldestFailed = { bornMs, seenMs: nowMs };
  }
}

function textOf({ path, message, remedy }: SweepFailure): string {
  return `${path}: ${message}${remedy === null ? '' : `; ${remedy}`}`;
}
