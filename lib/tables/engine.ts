/**
 * The engine for session tables.
 *
 * Invariant: a database is only ever spoken to by a process that is not root's (child-process.ts). Nothing
 * of a driver is loaded here.
 */
import type {
  Engine,
  EngineSettings,
  EngineStore,
  PlannedStore,
  QueueOptions,
} from '../engine/engine.js';
import { Children } from './children.js';
import type { PlannedTable } from './planned.js';
import { Busy, TableQueue } from './queue.js';
import { TableStore } from './store.js';
import { TokenBucket } from './token-bucket.js';

export class TableEngine implements Engine {
  readonly scans = false;
  readonly #latenessBoundsMs: readonly number[];
  readonly #children = new Children();
  readonly #bucket: TokenBucket;
  readonly #busy = new Busy();

  /** @param sinceBoot milliseconds of a clock that nobody sets */
  constructor(settings: EngineSettings, sinceBoot: () => number) {
    this.#latenessBoundsMs = settings.latenessBoundsMs;
    this.#bucket = new TokenBucket(settings.maxRemovalsPerSecond, sinceBoot);
  }

  store(planned: PlannedStore): EngineStore {
    return new TableStore(this, this.#children, planned as PlannedTable);
  }

  queue(options: QueueOptions): TableQueue {
    const tools = { bucket: this.#bucket, latenessBoundsMs: this.#latenessBoundsMs };
    return new TableQueue(options, tools, this.#busy);
  }

  close(): Promise<void> {
    return this.#children.close();
  }
}
