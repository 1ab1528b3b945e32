/**
 * How many rows one bite takes: as many as keep each of its statements short for those who wait for the
 * same rows or pages.
 *
 * Invariant: between 1 and `most`; a bite that took too long halves the next one at least.
 */
const longestMs = 50;
const aimMs = 25;
const first = 50;
const growth = 1.5;
export const mostRowsABite = 1000;

export class BiteSize {
  #rows = first;

  get rows(): number {
    return Math.floor(this.#rows);
  }

  /** @param ms of the longest statement of a bite of `rows` rows */
  note(ms: number, rows: number): void {
    if (ms > longestMs) this.#rows = Math.max(1, Math.min(rows, this.#rows) / 2);
    else if (ms > aimMs) this.#rows = Math.max(1, this.#rows * (aimMs / ms));
    // A bite that was not full says nothing of a larger one.
    else if (rows >= this.rows) this.#rows = Math.min(mostRowsABite, this.#rows * growth);
  }
}
