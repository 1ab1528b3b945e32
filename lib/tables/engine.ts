/**
 * The engine for session tables.
 *
 * Invariant: a database is only ever spoken to by a process that is not root's (child-process.ts). Nothing
 * of a driver is loaded here.
 */
import type { Engine, EngineSettings, PlannedStore, QueueOptions } from '../engine/engine.js';
import type { NativeAddon } from '../native/boundary.js';
import { Children } from './children.js';
import type { PlannedTable } from './planned.js';
import { Busy, TableQueue } from './queue.js';
import { Removals } from './removals.js';
import { TableStore } from './store.js';

export class TableEngine implements Engine {
  readonly scans = false;
  readonly #latenessBoundsMs: readonly number[];
  readonly #children = new Children();
  readonly #removals: Removals;
  readonly #busy = new Busy();

  constructor(addon: NativeAddon, { limits, latenessBoundsMs }: EngineSettings) {
    this.#latenessBoundsMs = latenessBoundsMs;
    this.#removals = new Removals(addon, limits);
  }

  store(planned: PlannedStore): TableStore {
    return new TableStore(this, this.#children, planned as PlannedTable);
  }

  queue(options: QueueOptions): TableQueue {
    const tools = { removals: this.#removals, latenessBoundsMs: this.#latenessBoundsMs };
    return new TableQueue(options, tools, this.#busy);
  }

  close(): Promise<void> {
    return this.#children.close();
  }
}
