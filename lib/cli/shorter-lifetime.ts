/**
 * Whether a lifetime that was given with -l is shorter than PHP's own for that directory: it is obeyed,
 * and users may be logged out early.
 *
 * Invariant: it takes a process of its own beside the sweep, and no longer than a patience of 1.5 s; whatever
 * goes wrong there is no concern of a sweep that needs no discovery.
 */
import { discoverApart, type Store } from '../index.js';
import { discoverOptions } from './discovery-options.js';
import { knownByName } from './known-stores.js';
import { namedDirectory, type PlanFlags, shorterThanOwn } from './sweep-plan.js';

const usualPatienceMs = 1500;

/** @returns a line for each store whose own lifetime is longer; none where that is not known in time */
export async function shorterThanKnown(
  savePaths: readonly Buffer[],
  flags: PlanFlags,
  patienceMs = usualPatienceMs,
): Promise<string[]> {
  if (savePaths.length === 0 || flags.maxLifetime === undefined) return [];
  try {
    const options = discoverOptions(flags, AbortSignal.timeout(patienceMs));
    const { stores } = await discoverApart(options);
    const named = savePaths.flatMap((savePath): Store[] => {
      const directory = namedDirectory(savePath, options.root ?? null);
      const store = directory && knownByName(directory, stores);
      return store === undefined ? [] : [store];
    });
    return shorterThanOwn([...new Set(named)], flags);
  } catch {
    return [];
  }
}
