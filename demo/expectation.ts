/**
 * What a sweep must make of each entry, from what was written and nothing else.
 *
 * Invariant: this says the rule a second time on purpose, in the fewest words, and shares no code
 * with the engine: a demonstration that asked the engine what to expect would prove nothing.
 */
import type { Entry } from './population.js';

/** The expected verdict; `foreign` is none, since such an entry is no candidate. */
export type Fate = 'removed' | 'live' | 'in_use' | 'not_regular' | 'foreign';

export function fateOf(entry: Entry, maxLifetimeSeconds: number, nowSeconds: number): Fate {
  if (entry.kind === 'foreign') return 'foreign';
  if (entry.kind !== 'session') return 'not_regular';
  if (nowSeconds - entry.mtimeSeconds <= maxLifetimeSeconds) return 'live';
  return entry.locked ? 'in_use' : 'removed';
}

export interface Expectation {
  readonly counts: Readonly<Record<Fate, number>>;
  /** Of the live ones, those with a time in the future. */
  readonly futureDated: number;
  /** The names that must be gone afterwards, and those that must still be there. */
  readonly gone: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
}

export function expectation(
  entries: readonly Entry[],
  maxLifetimeSeconds: number,
  nowSeconds: number,
): Expectation {
  const counts: Record<Fate, number> = {
    removed: 0,
    live: 0,
    in_use: 0,
    not_regular: 0,
    foreign: 0,
  };
  const gone = new Set<string>();
  const kept = new Set<string>();
  let futureDated = 0;
  for (const entry of entries) {
    const fate = fateOf(entry, maxLifetimeSeconds, nowSeconds);
    counts[fate] += 1;
    (fate === 'removed' ? gone : kept).add(entry.name);
    if (fate === 'live' && entry.mtimeSeconds > nowSeconds) futureDated += 1;
  }
  return { counts, futureDated, gone, kept };
}
