/**
 * Each driver of one trial, compared with find and with the floor.
 *
 * Invariant: a driver that did something wrong has no ratios and is nobody's measure; of a family
 * only the fastest counts.
 */
import type { Cell } from './results.js';
import { type Summary, summarize } from './statistics.js';

export interface Score {
  readonly driver: string;
  readonly size: number;
  /** Undefined where it was not run. */
  readonly wallMs?: Summary;
  /** Medians. */
  readonly cpuMs?: number;
  readonly peakKiB?: number;
  /** Medians, divided: below 1 is faster. */
  readonly toFind?: number;
  readonly toFloor?: number;
  /** What was wrong with it, or why it was skipped. */
  readonly note: string;
}

/** @param cells of one trial */
export function scoresOf(cells: readonly Cell[]): Score[] {
  const chosen = fastestOfFamilies(cells);
  const find = medianOf(chosen.find(({ driver }) => driver === 'find'));
  const floor = medianOf(chosen.find(({ family }) => family === 'floor'));
  return chosen.map((cell): Score => {
    const { driver, size, samples } = cell;
    if (samples.length === 0) return { driver, size, note: `skipped: ${cell.skipped}` };
    const wallMs = summarize(samples.map((sample) => sample.wallMs));
    const measured = {
      driver,
      size,
      wallMs,
      cpuMs: summarize(samples.map(({ userMs, systemMs }) => userMs + systemMs)).median,
      peakKiB: summarize(samples.map(({ peakKiB }) => peakKiB)).median,
    };
    const wrong = wrongnessOf(cell);
    if (wrong !== undefined) return { ...measured, note: `WRONG: ${wrong}` };
    return {
      ...measured,
      note: '',
      ...(find === undefined ? {} : { toFind: wallMs.median / find }),
      ...(floor === undefined ? {} : { toFloor: wallMs.median / floor }),
    };
  });
}

/** What was wrong with any of the samples; undefined where all are right. */
export function wrongnessOf({ samples }: Cell): string | undefined {
  const wrong = samples.flatMap((sample) => sample.wrong ?? []);
  if (wrong.length === 0) return undefined;
  return wrong.length === samples.length
    ? wrong[0]
    : `in ${wrong.length} of ${samples.length} samples: ${wrong[0]}`;
}

/** The median wall time; undefined where it was not run or did something wrong. */
export function medianOf(cell: Cell | undefined): number | undefined {
  if (cell === undefined || cell.samples.length === 0) return undefined;
  if (wrongnessOf(cell) !== undefined) return undefined;
  return summarize(cell.samples.map(({ wallMs }) => wallMs)).median;
}

function fastestOfFamilies(cells: readonly Cell[]): Cell[] {
  const speed = (cell: Cell): number => medianOf(cell) ?? Number.POSITIVE_INFINITY;
  return cells.filter(
    (cell, at) =>
      cell.family === undefined ||
      cells.every(
        (other, otherAt) =>
          other.family !== cell.family ||
          speed(cell) < speed(other) ||
          (speed(cell) === speed(other) && at <= otherAt),
      ),
  );
}
