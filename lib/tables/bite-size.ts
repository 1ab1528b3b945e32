/**
 * How many rows one bite takes: as many as keep each of its statements short for those who wait for the
 * same rows or pages.
 *
 * A bite is as large as the last one's longest statement says that `aimMs` take. That is far below `longestMs`, so
 * that a statement which takes several times its usual time (a page is written, others want the processor) still
 * stays below it.
 *
 * Invariant: between 1 and `most`; a bite that took too long halves the next one at least.
 */
const longestMs = 50;
const aimMs = 10;
const first = 20;
const mostGrowth = 1.5;
const leastGrowth = 0.5;
export const mostRowsABite = 1000;

export class BiteSize {
  #rows = first;

  get rows(): number {
    return Math.floor(this.#rows);
  }

  /** @param ms of the longest statement of a bite of `rows` rows */
  note(ms: number, rows: number): void {
    const fit = Math.max(leastGrowth, Math.min(mostGrowth, aimMs / ms));
    const growth = ms > longestMs ? leastGrowth : fit;
    // A bite that was not full says nothing of a larger one.
    if (growth > 1 && rows < this.rows) return;
    const from = growth < 1 ? Math.min(rows, this.#rows) : this.#rows;
    this.#rows = Math.min(mostRowsABite, Math.max(1, from * growth));
  }
}
