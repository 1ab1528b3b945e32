/**
 * One directory at work, and the addon's index of what expires when in it.
 *
 * Invariant: the index is made when something is first to be remembered; behind close() it is empty.
 */
import { randomBytes } from 'node:crypto';
import type {
  Engine,
  EngineStore,
  Pass,
  Policy,
  SessionsByTime,
  ShapeQuestion,
  StorePlace,
  StoreStatus,
} from '../engine/engine.js';
import type { NativeAddon, NativeIndex } from '../native/boundary.js';
import type { FilesPlace } from './planned-files.js';
import { type PlacedFiles, placeFiles, storePlace } from './request.js';

export class FilesStore implements EngineStore {
  readonly engine: Engine;
  readonly placed: PlacedFiles;
  readonly place: StorePlace;
  readonly #addon: NativeAddon;
  readonly #indexLimit: number;
  #index: NativeIndex | undefined;

  /** @throws SescleError ERR_INVALID_SAVE_PATH, or where there is no current directory */
  constructor(engine: Engine, addon: NativeAddon, indexLimit: number, planned: FilesPlace) {
    this.engine = engine;
    this.placed = placeFiles(planned);
    this.place = storePlace(this.placed, planned);
    this.#addon = addon;
    this.#indexLimit = indexLimit;
  }

  /** What a pass remembers sessions in; null: it remembers none. */
  indexFor(pass: Pass): NativeIndex | null {
    return pass === 'scan' || pass === 'collect' ? this.#indexNow() : null;
  }

  status(policy: Policy): StoreStatus {
    const status = this.#addon.indexStatus(this.#indexNow(), policy);
    const { sessions, bytes, nextDueSeconds, droppedFromSeconds, oldestMtimeSeconds } = status;
    const unknownFromSeconds = droppedFromSeconds;
    return { sessions, bytes, nextDueSeconds, unknownFromSeconds, oldestMtimeSeconds };
  }

  shape(policy: Policy, asked: ShapeQuestion): SessionsByTime {
    return this.#addon.indexShape(this.#indexNow(), policy, asked);
  }

  forget(): void {
    this.close();
    this.#index = undefined;
  }

  close(): void {
    if (this.#index !== undefined) this.#addon.dropIndex(this.#index);
  }

  #indexNow(): NativeIndex {
    const limit = this.#indexLimit;
    this.#index ??= this.#addon.createIndex({ limit, seed: randomBytes(16) });
    return this.#index;
  }
}
