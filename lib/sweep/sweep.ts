/**
 * `sweep()`: one pass over one or more stores. (Stub of the signature.)
 */
import type { Verdict } from '../native/boundary.js';
import type { SweepProgress, SweepReport } from './report.js';

export interface SweepOptions {
  /** Whole seconds, at least 1. Never guessed: without it the sweep is refused. */
  readonly maxLifetimeSeconds: number;
  /** Whole seconds, at least 0, that expired sessions are kept longer. Default 0. */
  readonly graceSeconds?: number;
  /** Lifetimes, in whole seconds, for the files of single users. */
  readonly lifetimesByUid?: ReadonlyMap<number, number>;
  /** Do everything but the removal. Default false. */
  readonly dryRun?: boolean;
  /** Threads that look and remove. Default 1. */
  readonly threads?: number;
  /** Removals a second, over all threads. Default: no limit. */
  readonly maxRemovalsPerSecond?: number;
  /** Ends the sweep after the files in hand; the report then says `complete: false`. */
  readonly signal?: AbortSignal;
  /** Called at most 10 times a second. */
  readonly onProgress?: (progress: SweepProgress) => void;
  /** The verdicts that `onVerdict` is to be told. Default: none. */
  readonly listVerdicts?: readonly Verdict[];
  /** Called for each listed candidate; while it is behind, the sweep waits. */
  readonly onVerdict?: (verdict: Verdict, path: Buffer) => void;
  /** Seconds since 1970. Default: the system's clock. */
  readonly clock?: () => number;
}
export declare function sweep(savePath: string | Buffer, options: SweepOptions): Promise<SweepReport>;
export declare function sweep(savePaths: readonly (string | Buffer)[], options: SweepOptions): Promise<SweepReport>;
