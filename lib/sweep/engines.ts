/**
 * The engines of one sweep() or one watch(): one for each kind of store that it has.
 *
 * Invariant: an engine is opened when the first store of its kind comes, and at most once. All share the
 * limits of the call.
 */
import type { Engine, EngineSettings, EngineStore, Kind, PlannedStore } from '../engine/engine.js';
import type { NativeAddon } from '../native/boundary.js';

export class Engines {
  readonly #addon: NativeAddon;
  readonly #settings: EngineSettings;
  readonly #open = new Map<Kind, Engine>();

  /** @param settings `maxRemovalsPerSecond`: 0 means no limit */
  constructor(
    addon: NativeAddon,
    {
      threads,
      waitingThreads,
      maxRemovalsPerSecond,
      indexLimit,
    }: Pick<EngineSettings, 'indexLimit'> & Parameters<NativeAddon['createLimits']>[0],
  ) {
    this.#addon = addon;
    this.#settings = {
      limits: addon.createLimits({ threads, waitingThreads, maxRemovalsPerSecond }),
      indexLimit,
      latenessBoundsMs: addon.latenessBoundsMs,
    };
  }

  /** @throws SescleError where the place cannot be used, whatever is there */
  store(planned: PlannedStore): EngineStore {
    return this.#engineOf(planned.kind).store(planned);
  }

  /** All queues are closed. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#open.values(), (engine) => engine.close()));
  }

  #engineOf(kind: Kind): Engine {
    const known = this.#open.get(kind);
    if (known !== undefined) return known;
    const engine = kind.open(this.#addon, this.#settings);
    this.#open.set(kind, engine);
    return engine;
  }
}
