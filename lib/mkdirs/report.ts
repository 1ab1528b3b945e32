/**
 * What making the directories of a nested save path came to; `sescle mkdirs --json` prints it as it is.
 *
 * Invariant: all text is printable.
 */
import type { SweepFailure } from '../engine/engine.js';
import type { BitsPerCharacter } from './session-alphabet.js';

export interface MakeReport {
  readonly version: 1;
  readonly dryRun: boolean;
  readonly path: string;
  readonly depth: number;
  readonly bitsPerCharacter: BitsPerCharacter;
  /** How many directories the whole tree has, without its own. */
  readonly total: number;
  /** In a dry run: that would be made. */
  readonly made: number;
  readonly existing: number;
  /** Of the existing, those whose group or mode was another. */
  readonly adjusted: number;
  /** Names that something else is in the way of, or that could not be made. */
  readonly blocked: number;
  /** Whose the directories are, */
  readonly uid: number;
  readonly gid: number;
  /** and their mode, in octal, as `1733`. */
  readonly mode: string;
  /** Whether the directory that they begin in was missing. */
  readonly baseWasMissing: boolean;
  /** Of the file system, before; null: without a limit, or not known. */
  readonly inodesFree: number | null;
  readonly bytesFree: number | null;
  /** What a directory takes at the least on most file systems. */
  readonly blockBytes: number;
  readonly durationMs: number;
  readonly errors: readonly SweepFailure[];
  readonly errorCount: number;
  /** Whether every directory is there, or would be. */
  readonly complete: boolean;
}
