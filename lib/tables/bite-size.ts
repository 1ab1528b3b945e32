/**
 * How many rows one bite takes: as many as keep each of its statements short for those who wait for the
 * same rows or pages.
 *
 * A statement takes some time whatever its rows (a COMMIT waits for the disk), and some for each row. Fewer rows
 * shorten the second part alone, so a line through the last bites' times tells the two apart. The rows get what is
 * left of `aimMs`, and `leastShare` of the first part at least: a disk that takes 20 ms to sync would otherwise be
 * left with one row a bite. `aimMs` is far below the 50 ms that a statement may take, so that one which takes several
 * times its usual time (a page is written, others want the processor) still stays below them.
 *
 * Invariant: between 1 and `mostRowsABite`; at least half as many as the last bite had, and at most 1.5 times what it
 * might have had.
 */
const aimMs = 10;
const leastShare = 0.5;
const first = 20;
const mostGrowth = 1.5;
const leastGrowth = 0.5;
export const mostRowsABite = 1000;

export class BiteSize {
  readonly #line = new Line();
  #rows = first;

  get rows(): number {
    return Math.floor(this.#rows);
  }

  /** @param ms of the longest statement of a bite of `rows` rows */
  note(ms: number, rows: number): void {
    // Nothing of what it took was a row's.
    if (rows === 0) return;
    const withoutRowsMs = Math.min(this.#line.add(rows, ms), ms);
    const roomMs = Math.max(aimMs - withoutRowsMs, leastShare * withoutRowsMs);
    const growth = Math.max(leastGrowth, Math.min(mostGrowth, roomMs / (ms - withoutRowsMs)));
    // A bite that was not full says nothing of a larger one.
    if (growth > 1 && rows < this.rows) return;
    const from = growth < 1 ? Math.min(rows, this.#rows) : this.#rows;
    this.#rows = Math.min(mostRowsABite, Math.max(1, from * growth));
  }
}

/** Of the weight that a bite has, after the next one. */
const kept = 0.9;
/** So many times the usual time is as much as one bite adds: one that waited for others is no rule. */
const mostOfMean = 4;

/** The line through the times of the last bites (least squares; each bite weighs less than the one after it). */
class Line {
  #weight = 0;
  #rows = 0;
  #ms = 0;
  #rowsRows = 0;
  #rowsMs = 0;

  /** @returns the milliseconds that no row costs; 0 while all bites were of one size */
  add(rows: number, ms: number): number {
    const usual = this.#weight > 0 ? this.#ms / this.#weight : ms;
    const counted = Math.min(ms, mostOfMean * Math.max(usual, aimMs));
    this.#weight = this.#weight * kept + 1;
    this.#rows = this.#rows * kept + rows;
    this.#ms = this.#ms * kept + counted;
    this.#rowsRows = this.#rowsRows * kept + rows * rows;
    this.#rowsMs = this.#rowsMs * kept + rows * counted;
    const meanRows = this.#rows / this.#weight;
    const meanMs = this.#ms / this.#weight;
    const variance = this.#rowsRows / this.#weight - meanRows ** 2;
    // Of equal sizes nothing is left but rounding.
    if (variance < 1e-6 * meanRows ** 2) return 0;
    const perRow = Math.max(0, (this.#rowsMs / this.#weight - meanRows * meanMs) / variance);
    return Math.max(0, meanMs - perRow * meanRows);
  }
}
