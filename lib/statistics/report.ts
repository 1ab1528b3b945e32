/**
 * What the sessions of a store are like; `sescle stats --json` prints it as it is.
 *
 * Invariant: all text is printable. What is not known is null, never 0.
 */
import type { HugeDirectory, SweepFailure } from '../engine/engine.js';

/** So many sessions, and the bytes in them. */
export interface SessionSum {
  readonly sessions: number;
  readonly bytes: number;
}

export interface StoreStatistics {
  readonly id: string;
  readonly path: string;
  readonly depth: number;
  /** Seconds; null: not known, so `expired` and `dueWithinHour` are null too. */
  readonly maxLifetime: number | null;
  readonly sessions: number;
  readonly bytes: number;
  /** What they take on the disk. */
  readonly diskBytes: number;
  /** Past their lifetime: what the next sweep looks at closer. */
  readonly expired: SessionSum | null;
  readonly dueWithinHour: number | null;
  /** In each of the next 60 minutes. */
  readonly dueByMinute: readonly number[] | null;
  /** Files without a byte: a session that was started and nothing put into it. */
  readonly empty: number;
  /** 0 to 1, of all sessions; null of none. */
  readonly emptyShare: number | null;
  /**
   * Not written again after the two seconds in which they were made, as those of most bots are; null
   * where the file system does not tell when a file was made.
   */
  readonly unused: number | null;
  /** Of those that are at least a minute old. */
  readonly unusedShare: number | null;
  /** First writes in each of the last 60 minutes, the latest first; of sessions that are still there. */
  readonly madeByMinute: readonly number[] | null;
  readonly byAge: readonly {
    /** Seconds since the last write; null: older than all bounds. */
    readonly upToSeconds: number | null;
    readonly sessions: number;
    readonly bytes: number;
  }[];
  readonly bySize: readonly {
    /** Null: larger than all bounds. */
    readonly upToBytes: number | null;
    readonly sessions: number;
    readonly bytes: number;
  }[];
  /** The one with the most sessions first. */
  readonly byOwner: readonly (SessionSum & {
    readonly uid: number;
    readonly user: string | null;
  })[];
  /** Of owners beyond the first 1,024. */
  readonly otherOwners: SessionSum;
  readonly largest: readonly {
    readonly path: string;
    readonly bytes: number;
    /** Seconds since the last write; negative: in the future. */
    readonly ageSeconds: number;
    readonly uid: number;
    readonly user: string | null;
  }[];
  readonly oldestAgeSeconds: number | null;
  readonly newestAgeSeconds: number | null;
  readonly futureDated: number;
  /** Entries whose name is not a session's; directories of the levels not counted. */
  readonly foreign: number;
  /** With a session's name, but no regular file. */
  readonly notRegular: number;
  /** Under the private names of strict sweeps. */
  readonly setAside: number;
  readonly directories: number;
  /** Directories of the levels that were not entered: links, mounts, and those that may not be read. */
  readonly unreadDirectories: number;
  /** What the store's own directory takes for its names, also for those of files that are gone. */
  readonly directoryBytes: number;
  /**
   * The largest of the store's directories that take 768 bytes or more for each of their names, where the
   * file system never makes one smaller; null: there is none.
   */
  readonly oversized: HugeDirectory | null;
  readonly durationMs: number;
  readonly errors: readonly SweepFailure[];
  readonly errorCount: number;
  /** False if it was ended early or a directory could not be read to its end. */
  readonly complete: boolean;
}

/** A store of which nothing could be counted. */
export interface UncountedStore {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

export interface StatisticsReport {
  readonly version: 1;
  /** The instant that all ages are measured at. */
  readonly takenAt: string;
  readonly durationMs: number;
  readonly complete: boolean;
  readonly stores: readonly StoreStatistics[];
  readonly unusable: readonly UncountedStore[];
}
