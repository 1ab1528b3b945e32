/**
 * Passes over tables that wait for their turn: so many side by side.
 *
 * Invariant: an order is made when its pass begins, so that no reading of a clock waits in the queue. One
 * table has one pass at a time.
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

export class TableQueue implements PassQueue {
  readonly #options: QueueOptions;
  readonly #tools: PassTools;
  /** Tables that a pass works on, in whichever queue. */
  readonly #busy: Set<TableStore>;
  readonly #waiting: WaitingPass[] = [];
  readonly #running = new Set<TablePass>();
  #hasEnded = false;

  constructor(options: QueueOptions, tools: Omit<PassTools, 'onListing'>, busy: Set<TableStore>) {
    this.#options = options;
    this.#tools = { ...tools, onListing: options.onListing };
    this.#busy = busy;
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

  close(): void {}

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
      this.#busy.add(store);
      const end = () => this.#running.delete(pass);
      pass
        .result()
        .then(resolve, reject)
        .finally(end)
        .then(() => this.start());
      pass.whenLeft().then(() => {
        this.#busy.delete(store);
        this.start();
      });
      onStarted?.(pass);
    } catch (error) {
      reject(error);
    }
  }
}
