/**
 * What the addon does beside sweeps, each on a thread of its own: the part of the written boundary that
 * makes directories and counts sessions.
 *
 * Invariant: as of boundary.ts: one checked object goes down, one result comes up.
 */
import type {
  NativeFailure,
  NativeOrder,
  NativeOversized,
  NativePlace,
  NativePolicy,
  NativeTask,
} from './boundary.js';

/** The directories of a nested save path, and how they are to be. */
export interface NativeMakeRequest
  extends Pick<NativePlace, 'root' | 'rootPid' | 'rootStartTicks' | 'path' | 'depth'> {
  /** The names on each level, in the order in which they are made; of PHP's alphabet. */
  readonly alphabet: Buffer;
  /**
   * -1: as the store's directory itself has it. Where that is missing it is made, in a directory that is
   * there: the caller's own, with mode 0700. Root must give `uid` then (else ENOENT).
   */
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly dryRun: boolean;
}

export interface NativeMakeCounts {
  /** In a dry run: that would be. */
  readonly made: number;
  readonly existing: number;
  /** Of the existing, those whose group or mode was another. */
  readonly adjusted: number;
  /** Names that something else is in the way of, or that could not be made. */
  readonly blocked: number;
}

export interface NativeMakeResult {
  readonly counts: NativeMakeCounts;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Whether the store's directory itself was not there before. */
  readonly baseWasMissing: boolean;
  /** Of the file system, before; -1: it has no such limit, or does not tell. */
  readonly freeSpace: {
    readonly inodes: number;
    readonly bytes: number;
    readonly blockBytes: number;
  };
  /** With `owner` as the call: the directory is another user's. */
  readonly failures: readonly NativeFailure[];
  readonly unlistedFailures: number;
  /** Whether every directory is there, or would be. */
  readonly complete: boolean;
}

/** One pass over a store that counts its sessions and changes nothing. */
export interface NativeCensusRequest
  extends NativePlace,
    Pick<NativeOrder, 'nowSeconds' | 'threads' | 'bytesPerName'> {
  /** Null: the lifetime is not known, so nothing is said of what is due. */
  readonly policy: NativePolicy | null;
  /** Ascending; each includes its own value. */
  readonly ageBoundsSeconds: readonly number[];
  readonly sizeBoundsBytes: readonly number[];
  /** How many of the largest are named. */
  readonly largest: number;
}

/** So many sessions, and what they hold. */
export interface NativeSum {
  readonly sessions: number;
  readonly bytes: number;
}

export interface NativeCensus {
  readonly all: NativeSum;
  /** What the sessions take on the disk. */
  readonly diskBytes: number;
  readonly empty: NativeSum;
  /** Not written again after the first two seconds, */
  readonly unused: NativeSum;
  /** out of those that are at least a minute old, and whose file tells when it was made. */
  readonly settled: NativeSum;
  /** Those that do not tell when they were made. */
  readonly unborn: number;
  /** Last written in the future. */
  readonly future: NativeSum;
  /** Past their lifetime; 0 without a policy. */
  readonly expired: NativeSum;
  readonly notRegular: number;
  readonly vanished: number;
  readonly setAside: number;
  /** By age: one more than there are bounds. */
  readonly ages: readonly NativeSum[];
  readonly sizes: readonly NativeSum[];
  /** Made in each of the last 60 minutes, the latest first. */
  readonly madeMinutesAgo: readonly number[];
  /** Due in each of the next 60 minutes. */
  readonly dueInMinutes: readonly number[];
  readonly owners: readonly (NativeSum & { readonly uid: number })[];
  /** Of owners beyond the first 1,024. */
  readonly otherOwners: NativeSum;
  readonly oldestMtimeSeconds: number | null;
  readonly newestMtimeSeconds: number | null;
  /** The largest first. */
  readonly largest: readonly {
    readonly bytes: number;
    /** Negative: in the future. */
    readonly ageSeconds: number;
    readonly uid: number;
    /** Below the store's directory. */
    readonly name: Buffer;
  }[];
  readonly directories: number;
  readonly foreign: number;
  readonly symlinkedDirectories: number;
  readonly mountedDirectories: number;
  readonly deniedDirectories: number;
  /** Of the store's own directory: what it takes to hold the names, also of files that are gone. */
  readonly directoryBytes: number;
  /** As a sweep has it. */
  readonly oversized: NativeOversized | null;
  readonly failures: readonly NativeFailure[];
  readonly unlistedFailures: number;
  readonly complete: boolean;
}

/** What the same addon does beside sweeps. */
export interface NativeTasks {
  makeDirectories(request: NativeMakeRequest): NativeTask<NativeMakeResult, NativeMakeCounts>;
  /** Its progress: how many sessions were looked at. */
  takeCensus(request: NativeCensusRequest): NativeTask<NativeCensus, number>;
}
