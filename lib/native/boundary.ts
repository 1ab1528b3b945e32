/**
 * The written contract between TypeScript and the addon: what goes down, what comes up.
 *
 * Invariant: this file and native/addon/ say the same. One call goes down with one checked object,
 * one result comes up; nothing crosses per file. Paths are Buffers, since names on Linux are bytes,
 * not text. 64-bit numbers are `number`s that were checked to be safe integers; where every bit counts
 * (device and inode) they are BigInts that were checked to be below 2^64.
 */

/** What became of a candidate: outcomes, */
export const outcomes = ['live', 'removed', 'would_remove', 'vanished'] as const;

/** and why something with a session's name was kept though it is not a live session. */
export const skipReasons = [
  'in_use',
  'changed',
  'not_regular',
  'mount_point',
  'unlockable',
  'uncertain',
  'failed',
] as const;

/** The one list of them above the engine; native/core/verdict.h has the same. */
export const verdicts = [...outcomes, ...skipReasons] as const;

export type SkipReason = (typeof skipReasons)[number];
export type Verdict = (typeof verdicts)[number];

export type NativePass = 'sweep' | 'scan' | 'collect' | 'look';

/** Where a store is, and what its sessions are called. */
export interface NativePlace {
  /** The root that `path` begins at, as `/proc/123/root`; empty: this machine's own. */
  readonly root: Buffer;
  /** The process whose root it is, and when it began (field 22 of its stat); both 0: none. */
  readonly rootPid: number;
  readonly rootStartTicks: number;
  /** The store's directory below the root: absolute, not normalised (`..` means what it means there). */
  readonly path: Buffer;
  /**
   * The one directory that `path` may lead to; any other is refused (ERR_STORE_CHANGED) before it is
   * read. Null: whichever it leads to.
   */
  readonly directory: { readonly dev: bigint; readonly ino: bigint; readonly uid: number } | null;
  /** How many levels of one-character directories lie between `path` and the sessions. */
  readonly depth: number;
  /** One object for neighbours that have the same is read once. */
  readonly shape: NativeNameShape;
}

/** What sessions are called. */
export interface NativeNameShape {
  /** What a session's name begins with, */
  readonly prefix: Buffer;
  /** the bytes that follow, */
  readonly alphabet: Buffer;
  /** and how many of them there are. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** What a pass goes by. */
export interface NativeOrder extends NativePolicy {
  /** Whole seconds since 1970: the one instant that every age of this sweep is measured at. */
  readonly nowSeconds: number;
  /** Milliseconds since 1970 at that instant: how late a removal is goes by it. */
  readonly nowMs: number;
  /**
   * By how many whole milliseconds CLOCK_REALTIME was ahead of CLOCK_BOOTTIME at that instant. Where that
   * has changed by more than a second, the clock was set, and the pass ends before it removes anything more.
   */
  readonly clockLeadMs: number;
  readonly dryRun: boolean;
  /** Nobody has open what is removed: rename and lease, see native/core/reaper.h. */
  readonly strict: boolean;
  /** What it shares with other sweeps, as createLimits() made it. */
  readonly limits: NativeLimits;
  /** How many of the threads there may be used for this store, at least 1. */
  readonly threads: number;
  /** One thread, which rests three times as long as it works. */
  readonly nice: boolean;
  /**
   * `sweep`: every candidate. `scan`: those that the index does not hold; what lives goes into it.
   * `collect`: those of the index that are due; what lives on goes back into it.
   * `look`: none; it only says which directory the path leads to.
   */
  readonly pass: NativePass;
  /**
   * Of a `collect`: what is due so many seconds after `nowSeconds` is looked at too, and goes back into the
   * index; below 0, only what has been due for so long. Else 0.
   */
  readonly aheadSeconds: number;
  /** The verdicts whose paths are to be listed; an empty list costs nothing. */
  readonly list: readonly Verdict[];
  /** A directory that takes as many bytes or more for each of its names is too large; 0: none is. */
  readonly bytesPerName: number;
}

/** One pass over one store, by a crew. Every field is required: defaults are chosen by lib/sweep, not below. */
export interface NativeSweepRequest {
  readonly place: NativePlace;
  /** One object for neighbours that go by the same is read once. */
  readonly order: NativeOrder;
  /** Only the names of this share are looked at; null: all. Of a `collect`, what the index holds. */
  readonly shard: { readonly index: number; readonly count: number } | null;
  /** Of a `scan` or a `collect`; else null. */
  readonly index: NativeIndex | null;
}

/**
 * A batch of listed candidates: for each, one byte (the index of its verdict in `verdicts`), its
 * path (the store's path, a slash, the path below it) and a NUL.
 */
export type NativeListing = Buffer;

/**
 * What is counted beside the verdicts, and is in every report under the same name.
 *
 * A new count is added here or in `counts`, in native/core/counters.h, and where it is counted; nowhere else.
 */
export const reportedCounts = [
  /** Candidates that were past the lifetime known for them at the first look. */
  'expired',
  /** Live candidates with a modification time in the future. */
  'futureDated',
  /** Entries that are no candidates: their name is not a session's. Depth directories not counted. */
  'foreign',
  /** Candidates left under the private names that strict sweeps give. */
  'setAside',
  /** Of the removed, those taken by a watch on their directory instead of a lock each. */
  'removedByWatch',
  /** Disk space of the removed (in a dry run: of the would-be removed) files, in bytes. */
  'bytesFreed',
] as const;

/** All of them: the one list above the engine; native/core/counters.h has the same. */
export const counts = [
  ...reportedCounts,
  /** Directories that were read. */
  'directories',
  /** Depth directories not entered because they are symbolic links, */
  'symlinkedDirectories',
  /** because something is mounted on them, */
  'mountedDirectories',
  /** or because they may not be opened. */
  'deniedDirectories',
  /** Names that the index held, so that a scan did not look at them. */
  'held',
] as const;

export type NativeCounts = Readonly<Record<(typeof counts)[number], number>>;

/** Counters of a running or a finished sweep. Candidates are counted when they get their verdict. */
export interface NativeCounters extends NativeCounts {
  /** One count a verdict, in the order of `verdicts`. */
  readonly verdicts: readonly number[];
  /**
   * How late removals were, from when the session was due: for each of NativeAddon.latenessBoundsMs how
   * many were at most so late and later than the bound before; the last is of all that were later. Empty:
   * there was none.
   */
  readonly lateness: readonly number[];
  readonly latenessSumMs: number;
  readonly latenessMaxMs: number;
  /** Whether it stands still for our own limits alone: the rate, the number of threads, a rest. */
  readonly isWaiting: boolean;
}

/** One kind of failure, with the first path that it happened to. */
export interface NativeFailure {
  /** The errno's name, as `EACCES`. */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly path: Buffer;
  readonly count: number;
}

/** A directory that is too large for its names: see `bytesPerName`. */
export interface NativeOversized {
  readonly path: Buffer;
  readonly bytes: number;
  readonly names: number;
}

export interface NativeSweepResult {
  readonly counters: NativeCounters;
  /** Age of the oldest session file that is still there, or -1 if none is. */
  readonly oldestAgeSeconds: number;
  /** What the path led to; null of a `sweep`, and where it could not be found out. */
  readonly directory: {
    readonly dev: bigint;
    readonly ino: bigint;
    readonly uid: number;
  } | null;
  /** Of the store's file system; -1 where it has no fixed number, or does not tell. */
  readonly inodesFreeRatio: number;
  /**
   * The largest of the directories that are too large, of those that a `sweep` or a `scan` read to their
   * ends, where the file system never makes one smaller; null: there is none.
   */
  readonly oversized: NativeOversized | null;
  /** Of the pass itself, without what it waited for its turn. */
  readonly durationMs: number;
  readonly failures: readonly NativeFailure[];
  /** Failures whose kind did not fit into the capped list. */
  readonly unlistedFailures: number;
  /** False if the sweep was cancelled or a directory could not be read to its end. */
  readonly complete: boolean;
  /** Whether it ended because the clock was set since `nowSeconds` was read. */
  readonly clockWasSet: boolean;
}

/** How an unusable root is told: the promise rejects with an Error that has these fields. */
export interface NativeRootError extends Error {
  /** An errno's name, or ERR_UNSAFE_PATH, ERR_MAGIC_LINK, ERR_STORE_IS_ROOT, ERR_STORE_CHANGED or ERR_OTHER_OWNER. */
  readonly code: string;
  /** 0 where no system call failed. */
  readonly errno: number;
  readonly syscall: string;
  /** The path up to and including the component that is to blame. */
  readonly path: Buffer;
  /**
   * ERR_UNSAFE_PATH: the uid that rules the path from some component on. ERR_OTHER_OWNER: the uid that
   * directories were to be made for, in one of `componentUid`'s.
   */
  readonly ownerUid?: number;
  /** ERR_UNSAFE_PATH: the uid that the blamed component belongs to. */
  readonly componentUid?: number;
}

/**
 * Stores that one thread works on in turn, in one sandbox. The addon keeps it and the event loop alive
 * until its thread has ended. Stores are named by their places in the list of requests.
 */
export interface NativeCrew {
  /**
   * Of each store; null: it was given back. Rejects with a NativeRootError. That of a small store may come
   * a moment later together with others: at the latest when inHand() is called.
   */
  readonly results: readonly Promise<NativeSweepResult | null>[];
  /** Ends all of it after the files in hand; `results` still resolve. May be called at any time. */
  cancel(): void;
  cancelStore(store: number): void;
  /** A copied snapshot of a store's counters. */
  progress(store: number): NativeCounters;
  /** The store that the thread opens or works on; -1: none. */
  inHand(): number;
  /** Gives back the stores that were not begun; none while the crew waits for its thread's turn. */
  giveBackRest(): void;
  /** Its threads stand still: others may have their slots, beyond what `limits` allows. */
  forfeitSlots(): void;
  /** So many bytes of listings have been dealt with; while too many have not, the crew waits. */
  release(bytes: number): void;
}

/** What several sweeps use together: an object of the addon's, which lives as long as any of them. */
export interface NativeLimits {
  readonly [limitsBrand]: never;
}
declare const limitsBrand: unique symbol;

/** What takeRemovals() grants. */
export interface NativeTurns {
  /** At least 1. */
  readonly granted: number;
  /** One for each; none where there is no limit. */
  readonly turns: Float64Array;
  /** Until the first. */
  readonly waitMs: number;
}

/** A store's memory of what expires when: an object of the addon's. One store has one. */
export interface NativeIndex {
  readonly [indexBrand]: never;
}
declare const indexBrand: unique symbol;

/** How long sessions live. */
export interface NativePolicy {
  /** Whole seconds, at least 1. */
  readonly maxLifetimeSeconds: number;
  /** Whole seconds, at least 0, added to every lifetime. */
  readonly graceSeconds: number;
  /** Lifetimes for the files of single users; all other users' files have `maxLifetimeSeconds`. */
  readonly lifetimesByUid: readonly { readonly uid: number; readonly maxLifetimeSeconds: number }[];
  /**
   * Whether the lifetimes may be longer than is known: what is past its lifetime is then `uncertain` and
   * kept.
   */
  readonly isUncertain: boolean;
  /** The same of single users' files. */
  readonly uncertainUids: readonly number[];
}

export interface NativeIndexStatus {
  readonly sessions: number;
  /** Memory, all of it. */
  readonly bytes: number;
  /** When the next session is due, in seconds since 1970; null: none is. */
  readonly nextDueSeconds: number | null;
  /** When the first of those is due that found no room since the last scan began; null: all did. */
  readonly droppedFromSeconds: number | null;
  /** When the oldest was last written; null: it holds none. */
  readonly oldestMtimeSeconds: number | null;
}

/** How many sessions an index holds, by when they were last written and by when they are due. */
export interface NativeIndexShape {
  /** For each of the ages that were asked for: as old or younger, and older than the one before; last, the rest. */
  readonly ages: readonly number[];
  /** Due in each of the next so many minutes. */
  readonly minutes: readonly number[];
}

/**
 * What confines the threads that work on a store; `none`: nothing but this process's own rights, where the
 * kernel has no Landlock.
 */
export type Sandbox = 'landlock' | 'none';

/** Work on a thread of its own, which keeps the event loop alive until it has ended. */
export interface NativeTask<Result, Progress> {
  /** Resolves also where it was cancelled. Rejects with a NativeRootError. */
  readonly result: Promise<Result>;
  /** Ends it soon. May be called at any time. */
  cancel(): void;
  progress(): Progress;
}

/** Of a list of places, in its order: how many were looked at, and which of them cannot be opened. */
export interface NativeLooks {
  readonly done: number;
  readonly wrong: readonly { readonly index: number; readonly error: NativeRootError }[];
}

export interface NativeAddon {
  /** Holds for every sweep of this addon, also for one that never ends. */
  readonly sandbox: Sandbox;
  /**
   * @param limits `threads`: how many work at a time, at least 1; `maxRemovalsPerSecond` over all of
   *   them, 0 meaning no limit
   */
  createLimits(limits: {
    /** Beside `threads`, where the calls of a network or FUSE file system wait for their server; over all passes. */
    readonly waitingThreads: number;
    readonly threads: number;
    readonly maxRemovalsPerSecond: number;
  }): NativeLimits;
  /**
   * Turns of the removals of `limits`, for one who removes several at once: it waits until the first comes,
   * and gives back those that it does not use.
   *
   * @param most at least 1
   */
  takeRemovals(limits: NativeLimits, most: number): NativeTurns;
  giveBackRemovals(limits: NativeLimits, turns: NativeTurns['turns']): void;
  /** Milliseconds since the machine began, suspended or not (CLOCK_BOOTTIME). */
  bootTimeMs(): number;
  /**
   * Sends one message to the service manager: sd_notify(3).
   *
   * @param address as NOTIFY_SOCKET has it
   * @returns 0 or a negative errno
   */
  notify(address: string, message: string): number;
  /**
   * Ends the process at once, without Node's own end (listeners of `exit`, V8's threads), which takes two
   * milliseconds. Returns where a task of this environment is under way: Node's end gives it time to stop.
   */
  endProcess(status: number): void;
  /** Milliseconds, ascending. */
  readonly latenessBoundsMs: readonly number[];
  /**
   * @param index `limit`: how many sessions it holds at most; `seed`: 16 bytes that nobody knows
   */
  createIndex(index: { readonly limit: number; readonly seed: Buffer }): NativeIndex;
  /** Frees its memory now; what is asked of it later finds it empty. */
  dropIndex(index: NativeIndex): void;
  indexStatus(index: NativeIndex, policy: NativePolicy): NativeIndexStatus;
  indexShape(
    index: NativeIndex,
    policy: NativePolicy,
    asked: {
      readonly nowSeconds: number;
      readonly agesSeconds: readonly number[];
      readonly minutes: number;
    },
  ): NativeIndexShape;
  /**
   * Starts passes over 1 to 256 stores, with the same limits, on threads of their own.
   *
   * @param onListing called on the event loop
   */
  startCrew(
    requests: readonly NativeSweepRequest[],
    onListing: (batch: NativeListing) => void,
  ): NativeCrew;
  /** Opens each as a pass would, one after the other, and reads nothing of it. */
  lookAtStores(places: readonly NativePlace[]): NativeTask<NativeLooks, NativeLooks>;
}
