/**
 * Numbers and reasons in plain words.
 *
 * Invariant: the same in every locale, so that scripts and tests may rely on it.
 */
import type { SkipReason } from '../index.js';

export { formatCount, plural } from '../index.js';

/** Why an expired session was kept. */
export const skipReasonWords: Readonly<Record<SkipReason, string>> = {
  uncertain: 'past the known lifetime, but the real one may be longer',
  in_use: 'in use (locked by another process)',
  changed: 'changed while being looked at',
  not_regular: 'not a regular file',
  mount_point: 'a mount point',
  unlockable: 'could not be opened and locked',
  failed: 'could not be looked at or removed',
};

/** Below this a rate says more about the clock than about the sweep. */
const shortestRateMs = 100;

/** Things a second, whole; null where there was nothing, or too little time to tell. */
export function perSecond(count: number, elapsedMs: number): number | null {
  return count === 0 || elapsedMs < shortestRateMs ? null : Math.round((count * 1000) / elapsedMs);
}
