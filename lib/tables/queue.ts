/**
 * Passes over tables that wait for their turn: so many side by side.
 *
 * Invariant: an order is made when its pass begins, so that no reading of a clock waits in the queue. One
 * table has one pass at a time, of whichever queue; once that has ended, every queue goes on.
 */
import type {
  EngineStore,
  PassOrder,
  PassProgress,
  PassQueue,
  PassResult,
  QueueOptions,
  RunningPass,
} from '../engine/engine.js';
import { type PassTools, TablePass } from './pass.js';
import type { TableStore } from './store.js';

interface WaitingPass {
  readonly store: TableStore;
  readonly make: () => PassOrder | null;
  readonly onStarted: ((pass: RunningPass) => void) | undefined;
  readonly resolve: (result: PassResult | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Tables that a pass works on, and the queues that may wait for them. */
export class Busy {
  readonly #stores = new Set<TableStore>();
  readonly #queues = new Set<TableQueue>();

  join(queue: TableQueue): void {
    this.#queues.add(queue);
  }

  leave(queue: TableQueue): void {
    this.#queues.delete(queue);
  }

  has(store: TableStore): boolean {
    return this.#stores.has(store);
  }

  begin(store: TableStore): void {
    this.#stores.add(store);
  }

  end(store: TableStore): void {
    this.#stores.delete(store);
    for (const queue of this.#queues) queue.start();
  }
}

export class TableQueue implements PassQueue {
  readonly #options: QueueOptions;
  readonly #tools: PassTools;
  readonly #busy: Busy;
  readonly #waiting: WaitingPass[] = [];
  readonly #running = new Set<TablePass>();
  #hasEnded = false;

  constructor(options: QueueOptions, tools: Omit<PassTools, 'onListing'>, busy: Busy) {
    this.#options = options;
    this.#tools = { ...tools, onListing: options.onListing };
    this.#busy = busy;
    busy.join(this);
  }

  run(
    store: EngineStore,
    make: () => PassOrder | null,
    onStarted?: (pass: RunningPass) => void,
  ): Promise<PassResult | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ store: store as TableStore, make, onStarted, resolve, reject });
      this.start();
    });
  }

  progress(): PassProgress[] {
    return Array.from(this.#running, (pass) => pass.progress());
  }

  end(): void {
    this.#hasEnded = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(null);
    for (const pass of this.#running) pass.cancel();
  }

  abandon(): void {
    for (const pass of this.#running) pass.abandon();
  }

  close(): void {
    this.#busy.leave(this);
  }

  /** Begins what may begin. */
  start(): void {
    if (this.#hasEnded) for (const { resolve } of this.#waiting.splice(0)) resolve(null);
    while (this.#running.size < this.#options.lanes) {
      const at = this.#waiting.findIndex(({ store }) => !this.#busy.has(store));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (next === undefined) return;
      this.#begin(next);
    }
  }

  #begin({ store, make, onStarted, resolve, reject }: WaitingPass): void {
    try {
      const order = make();
      if (order === null) {
        resolve(null);
        return;
      }
      const pass = new TablePass(store, order, this.#tools);
      this.#running.add(pass);
      this.#busy.begin(store);
      const end = () => this.#running.delete(pass);
      pass
        .result()
        .then(resolve, reject)
        .finally(end)
        .then(() => this.start());
      pass.whenLeft().then(() => this.#busy.end(store));
      onStarted?.(pass);
    } catch (error) {
      reject(error);
    }
  }
}
