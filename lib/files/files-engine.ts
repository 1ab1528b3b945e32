/**
 * The engine for directories: passes go to the addon, in crews.
 *
 * Invariant: nothing is removed but by the addon's own verdict. What it rejects with becomes a SescleError
 * here, and nowhere else.
 */
import type {
  Engine,
  EngineSettings,
  Kind,
  PassOrder,
  PassProgress,
  PassQueue,
  PassResult,
  QueueOptions,
  RunningPass,
} from '../engine/engine.js';
import { invalidArgument } from '../errors.js';
import type {
  NativeAddon,
  NativeLimits,
  NativeOrder,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';
import { escapePath } from '../text/escape-path.js';
import { progressOf } from './counts.js';
import type * as crew from './crew.js';
import { Crews } from './crews.js';
import { rootError } from './failure-text.js';
import { FilesStore } from './files-store.js';
import { findUnusable } from './find-unusable.js';
import { readListing } from './listing.js';
import { passResult } from './pass-result.js';
import { isFilesTarget, type PlannedFiles, planFiles } from './planned-files.js';
import { nativeOrder, placeFiles, storePlace } from './request.js';

export const filesKind: Kind = {
  takes: isFilesTarget,
  plan(target, given): PlannedFiles {
    if (isFilesTarget(target)) return { kind: filesKind, ...planFiles(target, given) };
    throw invalidArgument('savePath', 'a string, a Buffer or a store, or a list of these', target);
  },
  idOf: ({ savePath }: PlannedFiles) => escapePath(savePath),
  place: (planned: PlannedFiles) => storePlace(placeFiles(planned), planned),
  open: (addon, settings) => new FilesEngine(addon, settings),
};

export class FilesEngine implements Engine {
  readonly scans = true;
  readonly findUnusable: NonNullable<Engine['findUnusable']> = (stores, options) =>
    findUnusable(this.#addon, stores as readonly FilesStore[], options);
  readonly #addon: NativeAddon;
  readonly #limits: NativeLimits;
  readonly #indexLimit: number;

  constructor(addon: NativeAddon, { limits, indexLimit }: EngineSettings) {
    this.#addon = addon;
    this.#limits = limits;
    this.#indexLimit = indexLimit;
  }

  store(planned: PlannedFiles): FilesStore {
    return new FilesStore(this, this.#addon, this.#indexLimit, planned);
  }

  queue(options: QueueOptions): PassQueue {
    return new FilesQueue(this.#addon, this.#limits, options);
  }

  /** Threads end by themselves. */
  async close(): Promise<void> {}
}

class FilesQueue implements PassQueue {
  readonly #limits: NativeLimits;
  readonly #crews: Crews;
  /** Neighbours may have one order. */
  #lastOrder: { readonly from: PassOrder; readonly native: NativeOrder } | null = null;

  constructor(addon: NativeAddon, limits: NativeLimits, { lanes, onListing }: QueueOptions) {
    this.#limits = limits;
    this.#crews = new Crews(addon, {
      lanes,
      onListing: (batch) => onListing((tell) => readListing(batch, tell)),
    });
  }

  async run(
    store: FilesStore,
    make: () => PassOrder | null,
    onStarted?: (pass: RunningPass) => void,
  ): Promise<PassResult | null> {
    let order: PassOrder | null = null;
    try {
      const result = await new Promise<NativeSweepResult | null>((resolve, reject) => {
        this.#crews.add({
          make: () => {
            order = make();
            return order && this.#requestOf(store, order);
          },
          onStarted: onStarted && ((pass) => onStarted(runningPass(pass))),
          resolve,
          reject,
        });
      });
      return result && order && passResult(result, order);
    } catch (error) {
      throw rootError(error, store.placed.onThisMachine);
    }
  }

  #requestOf(store: FilesStore, order: PassOrder): NativeSweepRequest {
    if (this.#lastOrder?.from !== order) {
      this.#lastOrder = { from: order, native: nativeOrder(order, this.#limits) };
    }
    const { place, shard } = store.placed;
    const index = store.indexFor(order.pass);
    return { place, order: this.#lastOrder.native, shard, index };
  }

  progress(): PassProgress[] {
    return this.#crews.progress().map(progressOf);
  }

  end(): void {
    this.#crews.end();
  }

  abandon(): void {
    this.#crews.abandon();
  }

  close(): void {
    this.#crews.close();
  }
}

function runningPass(pass: crew.RunningPass): RunningPass {
  return {
    progress: () => progressOf(pass.progress()),
    hasBegun: () => pass.hasBegun(),
    cancel: () => pass.cancel(),
    abandon: () => pass.abandon(),
    whenLeft: () => pass.whenLeft(),
  };
}
