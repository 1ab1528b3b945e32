/**
 * What a sweep is told to sweep: save paths, whose lifetime the options give, or stores that bring
 * their own.
 *
 * Invariant: behind planStores() every store has a lifetime that somebody named, and each says which kind
 * of store it is.
 */
import type { GivenOptions, Kind, PlannedStore } from '../engine/engine.js';
import { invalidArgument } from '../errors.js';
import { filesKind } from '../files/files-engine.js';
import type { FilesTarget } from '../files/planned-files.js';
import type { TableDescription } from '../tables/description.js';

/** A save path as PHP takes it (a Buffer where it is not UTF-8), a store of discoverStores(), or a table. */
export type SweepTarget = FilesTarget | TableDescription;

/**
 * @param kinds what they may be; a target that is of none is told as a mistake of the first's
 * @throws SescleError ERR_INVALID_ARGUMENT; ERR_LIFETIME_UNKNOWN if neither the options nor the
 *   target name a lifetime
 */
export function planStores(
  targets: readonly unknown[],
  given: GivenOptions,
  kinds: readonly [Kind, ...Kind[]] = [filesKind],
): PlannedStore[] {
  if (targets.length === 0)
    throw invalidArgument('savePaths', 'a list with at least one save path');
  return targets.map((target) => {
    const kind = kinds.find((one) => one.takes(target)) ?? kinds[0];
    return kind.plan(target, given);
  });
}
