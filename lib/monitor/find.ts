/**
 * What there is to watch: the stores that were named, or those that discovery finds.
 *
 * Invariant: every store has a lifetime that somebody named; what was found says when it is to be looked
 * for anew.
 */
import type { Clock } from '../clock/clock.js';
import { fromBytes } from '../php/byte-string.js';
import type { DiscoverOptions } from '../stores/discover.js';
import { discoverIsolated } from '../stores/isolated-discovery.js';
import type { Store } from '../stores/store.js';
import { placeStore } from '../sweep/request.js';
import type { PlannedStore } from '../sweep/target.js';
import { escapePath } from '../text/escape-path.js';
import { Changes } from './changes.js';
import type { Found } from './monitor.js';

/** Which of the stores that were found. */
export type ChooseStores = (stores: readonly Store[]) => Promise<readonly Store[]>;

export interface FindOptions {
  readonly discover: Omit<DiscoverOptions, 'signal'>;
  readonly choose: ChooseStores;
  readonly plan: (target: NonNullable<Store['target']>) => PlannedStore[];
  readonly clock: Clock;
}

/** Stores that stay what they are. */
export function foundByName(stores: readonly PlannedStore[]): Found {
  return {
    stores: stores.map((planned) => ({ id: escapePath(planned.savePath), planned, usedBy: [] })),
    notCollected: [],
    warnings: [],
    hasChanged: async () => false,
  };
}

/** @throws what discoverIsolated() and `choose` throw */
export async function foundByLook(
  { discover, choose, plan, clock }: FindOptions,
  signal: AbortSignal,
): Promise<Found> {
  const sinceMs = clock.now();
  const discovery = await discoverIsolated({ ...discover, signal });
  const chosen = await choose(discovery.stores);
  const stores = chosen.flatMap(({ id, target, usedBy }) =>
    target === null ? [] : plan(target).map((planned) => ({ id, planned, usedBy })),
  );
  const changes = new Changes(
    {
      sources: discovery.lookedAt,
      stores: stores.map(({ planned }) => fromBytes(placeStore(planned).onThisMachine)),
      hasProcesses: isWholeMachine(discover),
    },
    sinceMs,
  );
  return {
    stores,
    notCollected: leftAlone(discovery.stores),
    warnings: discovery.warnings,
    hasChanged: () => changes.hasChanged(),
  };
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
      reason: reason ?? 'not known why',
      isBlocked,
      isNamed,
    }));
}

/** Processes count on this machine only, and not where one interpreter was asked. */
function isWholeMachine({ root, php, ini }: FindOptions['discover']): boolean {
  return root === undefined && php === undefined && ini === undefined;
}
