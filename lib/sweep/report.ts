/**
 * What a sweep tells: one entry a store and the totals.
 *
 * Invariant: every candidate has exactly one verdict, so for every store and for the totals
 * `scanned = live + removed + wouldRemove + vanished + the sum of skipped`, cancelled or not.
 */
import type { SweepCounts } from '../engine/counts.js';
import type { HugeDirectory, Protocol, SweepFailure } from '../engine/engine.js';
import type { Shard } from '../engine/shard.js';
import type { Sandbox } from '../native/boundary.js';
import type { Doubt } from '../stores/store.js';

export interface StoreReport extends SweepCounts {
  readonly protocol: Protocol;
  /** The store's save path as it was given. */
  readonly id: string;
  /** The directory, for people: bytes that are not printable UTF-8 are escaped. Or the table. */
  readonly path: string;
  readonly depth: number;
  /** Seconds, without the grace; 0: each session says itself when it expires. */
  readonly maxLifetime: number;
  /** Seconds added to the lifetime. */
  readonly grace: number;
  /** Why sessions past the lifetime were kept as `uncertain`; null: none was for that. */
  readonly doubt: Doubt | null;
  /** The only share of the sessions that was looked at: all counts are of it. Null: all were. */
  readonly shard: Shard | null;
  readonly startedAt: string;
  readonly durationMs: number;
  /** False if the sweep was cancelled or a directory could not be read to its end. */
  readonly complete: boolean;
  /** Directories that were read. */
  readonly directories: number;
  /** Depth directories that were not entered. */
  readonly skippedDirectories: {
    readonly symlink: number;
    readonly mount_point: number;
    /** Those that may not be opened. */
    readonly denied: number;
  };
  /** Age of the oldest session file that is still there; null if none is. */
  readonly oldestAgeSeconds: number | null;
  /** A directory that stays large after its files are gone, the largest one; null: there is none. */
  readonly hugeDirectory: HugeDirectory | null;
  /** By how many seconds the clock of its database is ahead of this machine's; null: it has none. */
  readonly clockAheadSeconds: number | null;
  /** What an administrator should know of it, one line each. */
  readonly warnings: readonly string[];
  /** At most 64 kinds; `errorCount` counts them all. */
  readonly errors: readonly SweepFailure[];
  readonly errorCount: number;
}

/** A store that could not be swept at all. */
export interface UnusableStore {
  /** The store's save path as it was given. */
  readonly id: string;
  /** The component that is to blame, for people: bytes that are not printable UTF-8 are escaped. */
  readonly path: string;
  readonly code: string;
  readonly errno: number | null;
  readonly syscall: string | null;
  readonly message: string;
  readonly remedy: string | null;
}

export interface SweepTotals extends SweepCounts {
  readonly errorCount: number;
}

/** What became of the system's clock. */
export interface ClockReport {
  /** The most that any store's sessions are kept longer because it was set or cannot be right, in seconds; 0 as a rule. */
  readonly grace: number;
  /** Why what is known of it could not be kept for the next sweep; null: it was, or nobody asked. */
  readonly notKept: string | null;
}

export interface SweepReport {
  readonly version: 1;
  readonly dryRun: boolean;
  readonly strict: boolean;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** What confined the threads that removed. */
  readonly sandbox: Sandbox;
  readonly clock: ClockReport;
  /** False if any store's sweep is incomplete, or a store was not reached after an abort. */
  readonly complete: boolean;
  readonly stores: readonly StoreReport[];
  readonly unusable: readonly UnusableStore[];
  readonly totals: SweepTotals;
}

/** A copied snapshot of a running sweep, over all its stores. */
export interface SweepProgress extends SweepCounts {
  readonly storesDone: number;
  readonly storeCount: number;
  readonly elapsedMs: number;
}
