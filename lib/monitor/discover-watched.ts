/**
 * The stores to watch: those that were named, or those that discovery finds.
 *
 * Invariant: every store has a lifetime that somebody named; the result says when to look again.
 */
import type { Clock } from '../clock/clock.js';
import type { PlannedStore } from '../engine/engine.js';
import { SescleError } from '../errors.js';
import { fromBytes } from '../php/byte-string.js';
import type { DiscoverOptions } from '../stores/discover-options.js';
import { discoverIsolated, type IsolatedOptions } from '../stores/isolated-discovery.js';
import type { Discovery, Store } from '../stores/store.js';
import { Changes } from './changes.js';
import type { Found } from './found-stores.js';

/** Which of the stores that were found. */
export type ChooseStores = (stores: readonly Store[]) => Promise<readonly Store[]>;

export interface WatchedOptions {
  readonly discover: Omit<DiscoverOptions, 'signal'>;
  readonly choose: ChooseStores;
  readonly plan: (
    target: NonNullable<Store['target']>,
  ) => readonly PlannedStore[] | Promise<readonly PlannedStore[]>;
  readonly clock: Clock;
  /** Default: discoverIsolated(). */
  readonly lookFor?: (options: IsolatedOptions) => Promise<Discovery>;
}

/** Stores that stay what they are. */
export function foundByName(stores: readonly PlannedStore[]): Found {
  return {
    stores: stores.map((planned) => ({ id: planned.kind.idOf(planned), planned, usedBy: [] })),
    notCollected: [],
    warnings: [],
    problem: null,
    hasChanged: async () => false,
  };
}

/**
 * @param isFirst whether nothing is known yet: then, where the looking does not get on, the stores that
 *   sescle.toml names with their lifetimes are better than none
 * @throws what discoverIsolated() and `choose` throw
 */
export async function foundByLook(
  { discover, choose, plan, clock, lookFor = discoverIsolated }: WatchedOptions,
  signal: AbortSignal,
  isFirst = false,
): Promise<Found> {
  const sinceMs = clock.now();
  const take = async (discovery: Discovery, problem: string | null): Promise<Found> => {
    const chosen = await choose(discovery.stores);
    const plans = await Promise.all(
      chosen.map(async ({ id, target, usedBy }) => {
        const planned = target === null ? [] : await plan(target);
        return planned.map((one) => ({ id, planned: one, usedBy }));
      }),
    );
    const stores = plans.flat();
    const changes = new Changes(
      {
        sources: discovery.lookedAt,
        stores: stores.flatMap(({ planned }) => {
          const { watchedPath } = planned.kind.place(planned);
          return watchedPath === null ? [] : [fromBytes(watchedPath)];
        }),
        hasProcesses: isWholeMachine(discover),
      },
      sinceMs,
      signal,
    );
    return {
      stores,
      notCollected: leftAlone(discovery.stores),
      warnings: discovery.warnings,
      problem,
      hasChanged: (ending) => changes.hasChanged(ending),
    };
  };
  try {
    return await take(await lookFor({ ...discover, signal }), null);
  } catch (error) {
    if (!isFirst || !isSilence(error)) throw error;
    const named = await namedOnly(lookFor, { ...discover, signal });
    if (named === null) throw error;
    return take(named, error.message);
  }
}

/** @returns null where that is not to be had either, or is nothing */
async function namedOnly(
  lookFor: (options: IsolatedOptions) => Promise<Discovery>,
  options: IsolatedOptions,
): Promise<Discovery | null> {
  try {
    const discovery = await lookFor({ ...options, isNamedOnly: true });
    return discovery.stores.some(({ target }) => target !== null) ? discovery : null;
  } catch (error) {
    if (isSilence(error)) return null;
    throw error;
  }
}

function isSilence(error: unknown): error is SescleError {
  return error instanceof SescleError && error.code === 'ERR_NOT_ANSWERING';
}

/** All that may be collected. */
export async function collectableStores(stores: readonly Store[]): Promise<readonly Store[]> {
  return stores.filter(({ target }) => target !== null);
}

function leftAlone(stores: readonly Store[]): Found['notCollected'] {
  return stores
    .filter(({ target }) => target === null)
    .map(({ id, reason, isBlocked, isNamed }) => ({
      id,
      reason: reason ?? 'unknown reason',
      isBlocked,
      isNamed,
    }));
}

/** Processes count on this machine only, and not where one interpreter was asked. */
function isWholeMachine({ root, php, ini }: WatchedOptions['discover']): boolean {
  return root === undefined && php === undefined && ini === undefined;
}
