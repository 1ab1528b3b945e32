/**
 * What a trial of the monitor is: it makes its own stores, runs the monitor on them, and judges.
 *
 * Invariant: what must never be is a problem, whatever else was measured; figures alone are none.
 */
import { type FileSystemName, whyUnavailable } from '../file-systems.js';

/** What a trial is given, and must leave as it was. */
export interface Surroundings {
  /** An empty directory that everybody may pass through; what is left in it is removed. */
  readonly workplace: string;
  readonly signal: AbortSignal;
  /** One line on what is being done. */
  readonly progress: (line: string) => void;
}

export interface Outcome {
  /** For people. */
  readonly lines: readonly string[];
  /** For programs: whatever the lines are made of. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** What must not be, and was. */
  readonly problems: readonly string[];
}

export interface Trial {
  readonly name: string;
  /** With all its options, as they are told with the result. */
  readonly settings: Readonly<Record<string, unknown>>;
  run(surroundings: Surroundings): Promise<Outcome>;
}

/** @throws Error where a file system cannot be had here */
export function requireFileSystem(name: FileSystemName): void {
  const reason = whyUnavailable(name);
  if (reason !== undefined) throw new Error(`${name}: ${reason}`);
}

/** What was wrong several times as one problem; none where it never was. */
export function problemOf(what: string, cases: readonly string[]): string[] {
  if (cases.length === 0) return [];
  const named = cases.slice(0, 3).join('; ');
  return [`${cases.length} ${what}, as ${named}`];
}
