/**
 * A store as it is to be watched, and what may change of it without watching it from the beginning.
 *
 * Invariant: pure.
 */
import type { PlannedStore, Policy } from '../engine/engine.js';

export interface WatchedStore {
  readonly id: string;
  readonly planned: PlannedStore;
  /** Who keeps sessions there, for people. */
  readonly usedBy: readonly string[];
}

/** Whether both are the same directory or table; lifetimes and users may differ. */
export function isSamePlace({ planned: a }: WatchedStore, { planned: b }: WatchedStore): boolean {
  return a.kind === b.kind && a.kind.place(a).key === b.kind.place(b).key;
}

/** Whether the same sessions are kept because their lifetime is uncertain. */
export function isSameDoubt(a: Policy, b: Policy): boolean {
  const doubtOf = ({ isUncertain, uncertainUids }: Policy) => [isUncertain, uncertainUids];
  return JSON.stringify(doubtOf(a)) === JSON.stringify(doubtOf(b));
}
