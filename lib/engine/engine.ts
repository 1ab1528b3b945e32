/**
 * What sweep() and the monitor ask of a kind of store, and what they are told. Files and tables are the
 * two kinds there are: each is an engine.
 *
 * Invariant: plain data and verbs, of no kind. Only the engine's own verdict removes a session, by the
 * one reading of the clock and the one policy that its pass was ordered with.
 */
import type { ClockReading } from '../clock/reading.js';
import type { NativeAddon, NativeLimits, Verdict } from '../native/boundary.js';
import type { Doubt } from '../stores/store.js';
import type { SweepCounts } from './counts.js';
import type { Shard } from './shard.js';

/**
 * `sweep`: everything that has expired. The monitor has three more:
 * `scan`: the same, and what is due next is known then (see StoreStatus).
 * `collect`: what is due now, as status() told it.
 * `look`: nothing is removed; it only says which place the store leads to, or why there is none.
 */
export type Pass = 'sweep' | 'scan' | 'collect' | 'look';

/** How long sessions live, at one reading of the clock. */
export interface Policy {
  /** Whole seconds, at least 1; 0 of a table whose rows say themselves when they expire. */
  readonly maxLifetimeSeconds: number;
  /** Whole seconds, at least 0, added to every lifetime. */
  readonly graceSeconds: number;
  /** Lifetimes for the files of single users; all other users' files have `maxLifetimeSeconds`. */
  readonly lifetimesByUid: readonly { readonly uid: number; readonly maxLifetimeSeconds: number }[];
  /** Whether lifetimes may be longer than is known: what is past its lifetime is then `uncertain` and kept. */
  readonly isUncertain: boolean;
  /** The same of single users' files. */
  readonly uncertainUids: readonly number[];
}

/** How long the sessions of a store live, before a clock was read. */
export interface StorePolicy extends Pick<Policy, 'maxLifetimeSeconds' | 'lifetimesByUid'> {
  /** The store's own. */
  readonly graceSeconds: number;
  /** Why the lifetimes may not be all; null: they are. */
  readonly doubt: Doubt | null;
}

/** A store that is to be worked on. Each kind adds what says where it is. */
export interface PlannedStore {
  readonly kind: Kind;
  readonly policy: StorePolicy;
  /** The only share of its sessions that is looked at; null: all are. */
  readonly shard: Shard | null;
}

/** Where a planned store is, for those who need not know its kind. */
export interface StorePlace {
  /** For people, one line, printable, without a secret: of files the directory. */
  readonly text: string;
  /** Levels of directories; 0 of a table. */
  readonly depth: number;
  /** The same text: the same place, reached in the same way. It may hold what nobody is to see. */
  readonly key: string;
  /** A path on this machine whose replacement makes another store of it, as bytes; null: there is none. */
  readonly watchedPath: Buffer | null;
}

/** All that one pass goes by. Made in the moment in which the pass begins. */
export interface PassOrder {
  readonly pass: Pass;
  /** The one reading: no clock that can be set is read beside it, but the store's own where it has one. */
  readonly reading: ClockReading;
  /**
   * Of a `collect`: sessions that are due so many seconds after the reading are looked at too, and kept;
   * below 0, only those that have been due for so long. Else 0. Tables have no use for it.
   */
  readonly aheadSeconds: number;
  readonly policy: Policy;
  readonly dryRun: boolean;
  readonly strict: boolean;
  /** Threads that may be used for this store, at least 1. */
  readonly threads: number;
  /** Rest three times as long as it works. */
  readonly nice: boolean;
  /** The verdicts whose sessions are to be listed; an empty list costs nothing. */
  readonly list: readonly Verdict[];
}

/**
 * How a pass made sure that nobody had a session in hand. `watch+lock`: most by the watch, and those
 * that somebody touched or locked meanwhile by the lock. `row-lock`: a table's rows.
 */
export type Protocol = 'lock' | 'watch' | 'watch+lock' | 'strict' | 'row-lock';

/** Failures of one kind, with the first path that it happened to. A removal that failed by a lock is none: `in_use`. */
export interface SweepFailure {
  /** The system's name of the error, as `EACCES`; of a table ERR_... or the server's own. */
  readonly code: string;
  /** 0 where no system call failed. */
  readonly errno: number;
  /** With ` as its owner` behind it where root tried it in the name of the directory's owner. */
  readonly syscall: string;
  /** For people: bytes that are not printable UTF-8 are escaped. Of a table the store, or one row of it. */
  readonly path: string;
  readonly count: number;
  /** What the code means, in words. */
  readonly message: string;
  readonly remedy: string | null;
}

/** Directories that were read, and those that were not entered. All 0 of a table. */
export interface DirectoryCounts {
  readonly read: number;
  readonly symlink: number;
  readonly mount_point: number;
  readonly denied: number;
}

export const noDirectories: DirectoryCounts = { read: 0, symlink: 0, mount_point: 0, denied: 0 };

/** A directory that stays large after its files are gone. */
export interface HugeDirectory {
  /** For people: bytes that are not printable UTF-8 are escaped. */
  readonly path: string;
  readonly bytes: number;
  readonly names: number;
}

/** How late the removals of a `scan` or `collect` were; those that were overdue before are not among them. */
export interface Lateness {
  /** For each of EngineSettings.latenessBoundsMs how many were at most so late, and later than the bound before; last, the rest. Empty: there was none. */
  readonly counts: readonly number[];
  readonly sumMs: number;
  readonly maxMs: number;
}

/** What a pass tells in the end; also one that was cancelled. */
export interface PassResult {
  readonly counts: SweepCounts;
  readonly directories: DirectoryCounts;
  readonly protocol: Protocol;
  readonly lateness: Lateness;
  /** Of the oldest session that is still there; null if none is, or it was not looked for. */
  readonly oldestAgeSeconds: number | null;
  /** Which place it was: another text is another one in its stead. Null: not found out. */
  readonly identity: string | null;
  readonly inodesFreeRatio: number | null;
  /** The largest one; null: there is none, or it was not looked for. */
  readonly hugeDirectory: HugeDirectory | null;
  /** Of the pass itself, without what it waited for its turn. */
  readonly durationMs: number;
  /** Those of single sessions, and what ended the pass early. At most 64 kinds. */
  readonly failures: readonly SweepFailure[];
  /** Failures whose kind is not among them. */
  readonly unlistedFailures: number;
  /** False if it was cancelled, or ended before it had come to everything. */
  readonly complete: boolean;
  /** Whether it ended because the system's clock was set since the order's reading. */
  readonly clockWasSet: boolean;
  /** By how much the store's own clock was ahead of the reading; null: it has none. */
  readonly clockAheadMs: number | null;
  /** What an administrator should know of the store, one printable line each, the same every time. */
  readonly warnings: readonly string[];
}

/** A copied snapshot of a pass under way. */
export interface PassProgress {
  readonly counts: SweepCounts;
  /** A number that changes as the pass goes on. */
  readonly steps: number;
  /** Whether it stands still for our own limits alone: the rate, the number of threads, a rest. */
  readonly isWaiting: boolean;
}

/** A pass under way, as its owner sees it. */
export interface RunningPass {
  progress(): PassProgress;
  /** Whether it is at work, and waits for its turn no longer. */
  hasBegun(): boolean;
  /** Ends it after the sessions in hand; its result is `complete: false`. */
  cancel(): void;
  /**
   * Ends it, and waits for it no longer: its result has what it had done, and a failure
   * ERR_NOT_ANSWERING.
   */
  abandon(): void;
  /** Settles once nothing of it works on the store any more, also after abandon(). */
  whenLeft(): Promise<void>;
}

/** What is known of a store between two passes of the monitor. */
export interface StoreStatus {
  /** Null: not known. */
  readonly sessions: number | null;
  /** Memory that knowing it takes. */
  readonly bytes: number;
  /**
   * When to collect next, in seconds since 1970 by this machine's clock; null: nothing is due that is
   * known. What was tried and stays due (it is in use, or failed) is not told as due at once again: the
   * engine puts it off, from 1 s to 60 s.
   */
  readonly nextDueSeconds: number | null;
  /** From when on something may be due that only another scan can find; null: a lifetime after the last. */
  readonly unknownFromSeconds: number | null;
  /** When the oldest was last written; null: not known, or there is none. */
  readonly oldestMtimeSeconds: number | null;
}

/** How many sessions are known, by when they were last written and by when they are due. Empty: not known. */
export interface SessionsByTime {
  /** For each of the ages that were asked for: as old or younger, and older than the one before; last, the rest. */
  readonly ages: readonly number[];
  /** Due in each of the next so many minutes. */
  readonly minutes: readonly number[];
}

export interface ShapeQuestion {
  readonly nowSeconds: number;
  readonly agesSeconds: readonly number[];
  readonly minutes: number;
}

/** One store at work: what its engine remembers of it from pass to pass. */
export interface EngineStore {
  readonly engine: Engine;
  readonly place: StorePlace;
  /** At a cost that does not depend on the number of sessions, and without asking anybody. */
  status(policy: Policy): StoreStatus;
  shape(policy: Policy, asked: ShapeQuestion): SessionsByTime;
  /** All times that are known are another clock's, or another store's. */
  forget(): void;
  /** Gives its memory back; nothing is run any more. */
  close(): void;
}

/** @param path of files the store's path and the path below it; of a table the store, `/` and the id */
export type OnVerdict = (verdict: Verdict, path: Buffer) => unknown;

/**
 * A batch of listed sessions.
 *
 * @param tell called for each in order; a promise that it returns is waited for
 */
export type Listing = (tell: OnVerdict) => Promise<void>;

export interface QueueOptions {
  /** How many stores (of files: crews of stores) are worked on at a time. */
  readonly lanes: number;
  /** A pass waits while its listings are far from being dealt with. */
  readonly onListing: (batch: Listing) => Promise<void>;
}

/** Passes that wait for their turn and are under way. */
export interface PassQueue {
  /**
   * @param make the order, by the clock and the policy of the moment in which the pass begins; null: it
   *   is not wanted any more
   * @param onStarted is given the pass then; once more where it was given back to the queue
   * @returns null if it was not begun
   * @throws SescleError where the store cannot be used at all; and what `make` throws
   */
  run(
    store: EngineStore,
    make: () => PassOrder | null,
    onStarted?: (pass: RunningPass) => void,
  ): Promise<PassResult | null>;
  /** Of the passes that are not settled. */
  progress(): PassProgress[];
  /** Ends what is under way after the sessions in hand; what was not begun resolves with null, now and later. */
  end(): void;
  /** Waits for nothing any more: as RunningPass.abandon() of all. */
  abandon(): void;
  /** Nobody looks after what is left, if anything is. */
  close(): void;
}

/** What all stores of one sweep() or watch() share. */
export interface EngineSettings {
  /** How many threads work at a time, and how many removals there are a second, over all stores of all kinds. */
  readonly limits: NativeLimits;
  /** Sessions that the memory of one store holds at most; 0: nothing is to be remembered. */
  readonly indexLimit: number;
  /** How late removals are counted by: milliseconds, ascending. */
  readonly latenessBoundsMs: readonly number[];
}

/** What looks at and removes the sessions of one kind of store, for one sweep() or watch(). */
export interface Engine {
  /**
   * Whether a scan looks at every session. Where it does not (an index tells what is due), the monitor
   * asks as often as StoreStatus.unknownFromSeconds says, and at least once a lifetime.
   */
  readonly scans: boolean;
  /**
   * Nothing is looked at yet.
   *
   * @throws SescleError where the place cannot be used, whatever is there
   */
  store(planned: PlannedStore): EngineStore;
  queue(options: QueueOptions): PassQueue;
  /**
   * Looks at many stores before a pass over any of them, at less cost than by passes. Undefined: passes
   * of the kind `look` do.
   *
   * @param options `lanes`: how many it looks at at a time; `signal` ends it with what is known by then
   * @returns what `run` would reject with; of stores that did not answer in time, nothing
   */
  readonly findUnusable?: (
    stores: readonly EngineStore[],
    options: Pick<QueueOptions, 'lanes'> & { readonly signal: AbortSignal },
  ) => Promise<ReadonlyMap<EngineStore, unknown>>;
  /** All queues are closed: ends what they shared. */
  close(): Promise<void>;
}

/** What the options of a call say of the lifetimes of all its stores. */
export interface GivenLifetimes extends Pick<StorePolicy, 'graceSeconds' | 'lifetimesByUid'> {
  /** It rules all stores, those with a lifetime of their own too; undefined: nothing was said. */
  readonly maxLifetimeSeconds: number | undefined;
}

/** What the options of a call say of all its stores. */
export interface GivenOptions extends GivenLifetimes {
  /** It rules stores with a share of their own too; null: nothing was said. */
  readonly shard: Shard | null;
}

/** A kind of store. Nothing of it is opened or looked at here. */
export interface Kind {
  /** Whether a target is of this kind, however wrong the rest of it may be. */
  takes(target: unknown): boolean;
  /** @throws SescleError ERR_INVALID_ARGUMENT, ERR_LIFETIME_UNKNOWN */
  plan(target: unknown, given: GivenOptions): PlannedStore;
  /** For people and reports, printable: of files the save path as it was given. */
  idOf(planned: PlannedStore): string;
  /** @throws SescleError where the place cannot be used, whatever is there */
  place(planned: PlannedStore): StorePlace;
  open(addon: NativeAddon, settings: EngineSettings): Engine;
}
