/**
 * What the monitor tells as it happens, for its log.
 *
 * Invariant: plain data; no event a file.
 */

import type { HugeDirectory, SweepFailure } from '../engine/engine.js';
import type { Shard } from '../engine/shard.js';
import type { Doubt } from '../stores/store.js';

export type MonitorEvent =
  /** A store is watched from now on. */
  | {
      readonly kind: 'watching';
      readonly store: string;
      readonly maxLifetime: number;
      /** The only share of its sessions that is; null: all are. */
      readonly shard: Shard | null;
    }
  /** A store is watched no longer. */
  | { readonly kind: 'gone'; readonly store: string }
  /** A store that sescle.toml names, or that was watched until now, cannot be watched. */
  | { readonly kind: 'blocked'; readonly store: string; readonly problem: string }
  | { readonly kind: 'lifetime'; readonly store: string; readonly maxLifetime: number }
  /** Sessions past their lifetime are kept, since it may be longer than is known. */
  | { readonly kind: 'uncertain'; readonly store: string; readonly doubt: Doubt }
  | {
      readonly kind: 'scanned';
      readonly store: string;
      readonly durationMs: number;
      /** Those that the index holds now; null: there is none. */
      readonly sessions: number | null;
      readonly removed: number;
    }
  /** A store cannot be scanned, or nothing can be removed; told once, until it can or the reason is another. */
  | { readonly kind: 'failing'; readonly store: string; readonly problem: string }
  | { readonly kind: 'recovered'; readonly store: string }
  /** Another directory lies in the store's place, or it has another owner. */
  | { readonly kind: 'replaced'; readonly store: string }
  /** Another monitor removes its sessions: this one only checks. */
  | { readonly kind: 'left-to-others'; readonly store: string }
  /** No other monitor does so any more: this one removes them. */
  | { readonly kind: 'taken-over'; readonly store: string }
  /** Failures at single files. */
  | {
      readonly kind: 'failures';
      readonly store: string;
      readonly failures: readonly SweepFailure[];
    }
  /** What an administrator should know of a store, one line each. */
  | { readonly kind: 'warnings'; readonly store: string; readonly warnings: readonly string[] }
  /** So many sessions live under private names of a strict sweep that was cut short. */
  | { readonly kind: 'set-aside'; readonly store: string; readonly sessions: number }
  /** A directory stays large after its files are gone; told once, until there is none or another. */
  | {
      readonly kind: 'huge-directory';
      readonly store: string;
      readonly directory: HugeDirectory;
    }
  /** The index is full: what expires later is looked for sooner. */
  | { readonly kind: 'index-full'; readonly store: string; readonly sessions: number }
  /** The system's clock was set; so much longer sessions are kept for now. */
  | { readonly kind: 'clock-set'; readonly bySeconds: number; readonly graceSeconds: number }
  /** What is known of the clock cannot be kept for the next run. */
  | { readonly kind: 'clock-not-kept'; readonly problem: string }
  /** The stores were found, or found anew. */
  | {
      readonly kind: 'discovered';
      readonly stores: number;
      readonly notCollected: readonly { readonly id: string; readonly reason: string }[];
      readonly warnings: readonly string[];
    }
  /** They could not be found: what was known before stays; null: only what sescle.toml names is known. */
  | {
      readonly kind: 'not-discovered';
      readonly problem: string;
      readonly ageSeconds: number | null;
    };

export type OnEvent = (event: MonitorEvent) => void;
