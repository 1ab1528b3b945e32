/**
 * Looks at all stores of a list before anything is done in one of them.
 *
 * Invariant: nothing is touched. What does not answer until the signal counts as no mistake.
 */
import type { EngineStore, PassOrder } from '../engine/engine.js';
import { Jobs } from './jobs.js';

export interface LookedAt {
  readonly store: EngineStore;
  /** Made as the look begins, of an engine that looks by passes. */
  readonly order: () => PassOrder;
}

export interface LookOptions {
  /** How many are looked at at a time. */
  readonly lanes: number;
  readonly signal: AbortSignal;
}

/** @returns what keeps stores from being swept; the others are missing */
export async function whatIsUnusable(
  looks: readonly LookedAt[],
  options: LookOptions,
): Promise<ReadonlyMap<EngineStore, unknown>> {
  const engines = new Set(looks.map(({ store }) => store.engine));
  const found = await Promise.all(
    Array.from(engines, (engine) => {
      const own = looks.filter(({ store }) => store.engine === engine);
      const stores = own.map(({ store }) => store);
      return engine.findUnusable?.(stores, options) ?? findByPasses(own, options);
    }),
  );
  return new Map(found.flatMap((errors) => [...errors]));
}

async function findByPasses(
  looks: readonly LookedAt[],
  { lanes, signal }: LookOptions,
): Promise<ReadonlyMap<EngineStore, unknown>> {
  const jobs = new Jobs({
    signal,
    onProgress: undefined,
    onListing: async () => {},
    lanes,
    patienceMs: 0,
  });
  const errors = new Map<EngineStore, unknown>();
  await Promise.all(
    looks.map(({ store, order }) =>
      jobs.run(store, order).catch((error) => errors.set(store, error)),
    ),
  );
  jobs.close();
  return errors;
}
