/**
 * A run's results: what is written to JSON, compared and drawn.
 *
 * Invariant: every figure that is shown anywhere is computed from what is in here.
 */
import { readFileSync } from 'node:fs';
import type { Description } from './file-systems.js';
import type { InterferenceCell } from './interference/result.js';
import type { Machine } from './machine.js';

/** Raised when a file of before could be misread. */
const format = 1;

export interface Sample {
  readonly wallMs: number;
  readonly userMs: number;
  readonly systemMs: number;
  readonly peakKiB: number;
  /** What it did not do, or did and should not have; undefined: exactly what was asked for. */
  readonly wrong?: string;
}

/** One driver in one trial. */
export interface Cell {
  readonly trial: string;
  readonly fileSystem: string;
  readonly size: number;
  readonly cache: 'warm' | 'cold';
  readonly driver: string;
  readonly family?: string;
  /** Why there are no samples. */
  readonly skipped?: string;
  readonly samples: readonly Sample[];
}

export interface DriverNote {
  readonly name: string;
  readonly about: string;
  readonly version?: string;
  /** Why it was not run at all. */
  readonly missing?: string;
}

export interface Results {
  readonly format: typeof format;
  /** The command that makes them. */
  readonly command: string;
  readonly startedAt: string;
  readonly bytesEach: number;
  readonly machine: Machine;
  readonly fileSystems: readonly Description[];
  readonly drivers: readonly DriverNote[];
  /** File systems and trials that were asked for and not to be had. */
  readonly skipped: readonly string[];
  readonly cells: readonly Cell[];
  readonly interference: readonly InterferenceCell[];
}

export const resultsFormat = format;

/** @throws Error where the file is none of ours */
export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  if (results.format !== format) throw new Error(`${file}: not results of format ${format}`);
  return results;
}

/** Cells of the same trial, in the order in which they were run. */
export function groupCells(cells: readonly Cell[]): Cell[][] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = groupName(cell);
    const group = groups.get(key);
    if (group) group.push(cell);
    else groups.set(key, [cell]);
  }
  return [...groups.values()];
}

export function groupName({ trial, size, fileSystem, cache }: Cell): string {
  return `${trial}, ${size.toLocaleString('en-US')} files, ${fileSystem}, ${cache}`;
}
