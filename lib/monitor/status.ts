/**
 * A snapshot of the monitor: what its log lines, its metrics and its status page are made of.
 *
 * Invariant: plain data, made at one instant; nothing else is needed to show it. Counts begin when the
 * store is first watched, and never go back meanwhile.
 */
import type { Shard } from '../engine/shard.js';
import type { SkipReason } from '../native/boundary.js';
import type { Doubt } from '../stores/store.js';

/** Cumulative, as Prometheus has it: `counts[i]` observations were at most `bounds[i]`. */
export interface Histogram {
  /** Ascending, in seconds, without the last, which is infinity. */
  readonly bounds: readonly number[];
  /** One more than bounds: the last is the count of all. */
  readonly counts: readonly number[];
  /** Of all observations, in seconds. */
  readonly sum: number;
}

/**
 * What a store is at: `new` before its first scan has ended; `waiting` for the next expiry or scan;
 * `scanning` and `removing`; `failing` where it cannot be scanned, or nothing can be removed (see `problem`).
 */
export type StoreState = 'new' | 'waiting' | 'scanning' | 'removing' | 'failing';

/**
 * What keeps a store from being cleaned, in a word: it is not there; it cannot be read; nothing can be removed
 * from it; it does not answer; it may not be used, as where another directory lies in its place.
 */
export type Trouble = 'missing' | 'unreadable' | 'unremovable' | 'silent' | 'unusable';

export interface MonitoredStore {
  /** As in the report of a sweep; unique, and stable over reloads. */
  readonly id: string;
  /** For people: printable. */
  readonly path: string;
  readonly depth: number;
  /** Seconds; 0: each session says itself when it expires. */
  readonly maxLifetime: number;
  readonly grace: number;
  /** Why sessions past the lifetime are kept as `uncertain`; null: none is for that. */
  readonly doubt: Doubt | null;
  /** The only share of the sessions that is watched: all counts are of it. Null: all are. */
  readonly shard: Shard | null;
  /** What an administrator should know of it, one line each. */
  readonly warnings: readonly string[];
  /** By how much the clock of its database is ahead of this machine's; null: it has none. */
  readonly clockAheadSeconds: number | null;
  /** Who keeps sessions there, as `php8.2-fpm pool www`; empty where the store was named. */
  readonly usedBy: readonly string[];
  readonly state: StoreState;
  /** Why the store is failing, with the remedy; else null. */
  readonly problem: string | null;
  readonly trouble: Trouble | null;
  /** Sessions that the index holds; null before the first scan has ended, and where there is no index of ours. */
  readonly sessions: number | null;
  readonly indexBytes: number;
  readonly removed: number;
  /** In a dry run, what would have been removed. */
  readonly wouldRemove: number;
  readonly bytesFreed: number;
  readonly vanished: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Failures by the system's name of the error, as EACCES. */
  readonly errors: Readonly<Record<string, number>>;
  readonly scans: number;
  /** Milliseconds since 1970; null where there is none. */
  readonly lastScanAtMs: number | null;
  readonly lastScanDurationMs: number | null;
  readonly nextScanAtMs: number | null;
  /** Whether a scan or a removal should have been made by now, and was not. */
  readonly isOverdue: boolean;
  readonly scanDurations: Histogram;
  /** From when a session was due to its removal; sessions that were overdue when the monitor began are not among them. */
  readonly lateness: Histogram;
  readonly maxLatenessSeconds: number | null;
  /** Of all sessions, those included that could not be removed. */
  readonly oldestAgeSeconds: number | null;
  /** Seconds since 1970; null where nothing will expire. */
  readonly nextExpiryAt: number | null;
  /** How many will expire in each of the next minutes, at most 60; what is due later is not told. */
  readonly expiriesByMinute: readonly number[];
  /** How many sessions of the index were last written so long ago; the last has no end. */
  readonly ages: readonly { readonly upToSeconds: number | null; readonly sessions: number }[];
  /** Since when other monitors remove its sessions, so that this one only checks; milliseconds since 1970; null: it removes them. */
  readonly leftToOthersSinceMs: number | null;
  /** Of the store's file system; null where it has no fixed number. */
  readonly inodesFreeRatio: number | null;
}

/** What is counted of a store. */
export type StoreCounts = Pick<MonitoredStore, 'id' | 'sessions' | 'removed' | 'wouldRemove'>;

/**
 * The counts of all stores. Each is made when an iteration comes to it, so that those of ten thousand are never
 * there at once: to be gone through at once, and as often as wanted.
 */
export interface MonitorCounts extends Pick<MonitorStatus, 'nowMs' | 'dryRun'> {
  readonly stores: Iterable<StoreCounts>;
}

export interface MonitorStatus {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly startedAtMs: number;
  readonly dryRun: boolean;
  readonly stores: readonly MonitoredStore[];
  /** Stores that were found and are left alone. */
  readonly notCollected: readonly { readonly id: string; readonly reason: string }[];
  /** Those of them that sescle.toml names, or that were watched until something came in the way. */
  readonly blocked: readonly { readonly id: string; readonly reason: string }[];
  /** Why the stores could not be found the last time, so that what was known before stays; null: they were. */
  readonly discoveryProblem: string | null;
  /** How long ago all that there is was found; null: not yet, so that only what sescle.toml names is watched. */
  readonly discoveryAgeSeconds: number | null;
  /** By how much sessions are kept longer because the system's clock was set. */
  readonly clockGraceSeconds: number;
  /** Why a clock that is set while sescle does not run would not be noticed; null: it would be. */
  readonly clockProblem: string | null;
  readonly warnings: readonly string[];
}
