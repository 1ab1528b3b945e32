/**
 * The passes of one sweep, or of a monitor, with the caller's signal and callbacks around them all.
 *
 * Invariant: behind close() the timers are stopped, no listener is left on the signal and no callback
 * is called any more. All passes have ended by then, but those that were aborted and did not end in
 * time: a file system that does not answer must not keep anyone from ending. An exception of the
 * caller's never reaches an engine: it ends the passes, and is thrown once they have ended.
 */
import type {
  Engine,
  EngineStore,
  Listing,
  PassOrder,
  PassProgress,
  PassQueue,
  PassResult,
  RunningPass,
} from '../engine/engine.js';

/** Who watches the passes, and may end them. */
export interface JobWatch {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (() => void) | undefined;
  /** Of all passes, one batch after the other. */
  readonly onListing: (batch: Listing) => Promise<void>;
  /** How many stores, or crews of stores, are worked on at a time, of each kind. */
  readonly lanes: number;
  /** How long passes are waited for that were told to end. */
  readonly patienceMs?: number;
}

const progressIntervalMs = 100;
const usualPatienceMs = 2000;

export class Jobs {
  readonly #queues = new Map<Engine, PassQueue>();
  readonly #watch: JobWatch;
  readonly #timer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #listed: Promise<void> = Promise.resolve();
  #thrown: { readonly value: unknown } | undefined;
  #isEnding = false;
  #isClosed = false;

  constructor(watch: JobWatch) {
    this.#watch = watch;
    const { signal, onProgress } = watch;
    this.#timer = onProgress && setInterval(() => this.#guarded(onProgress), progressIntervalMs);
    if (signal?.aborted) this.#end();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** What the passes under way have done. */
  progress(): PassProgress[] {
    return this.#all().flatMap((queue) => queue.progress());
  }

  /**
   * @returns the result, cancelled or not; of a pass that did not end, what it had done; null: it
   *   was not begun
   * @see PassQueue.run
   */
  run(
    store: EngineStore,
    make: () => PassOrder | null,
    onStarted?: (pass: RunningPass) => void,
  ): Promise<PassResult | null> {
    return this.#queueOf(store.engine).run(store, make, onStarted);
  }

  /** Ends all passes for what was thrown; the first that was is what close() throws. */
  fail(thrown: unknown): void {
    this.#thrown ??= { value: thrown };
    this.#end();
  }

  /**
   * To be called once no pass is under way.
   *
   * @throws what a callback threw
   */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const queue of this.#all()) queue.close();
    clearTimeout(this.#patience);
    this.#watch.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#thrown !== undefined) throw this.#thrown.value;
  }

  readonly #onAbort = (): void => this.#end();

  #end(): void {
    this.#isEnding = true;
    for (const queue of this.#all()) queue.end();
    this.#patience ??= setTimeout(() => {
      for (const queue of this.#all()) queue.abandon();
    }, this.#watch.patienceMs ?? usualPatienceMs);
  }

  #all(): PassQueue[] {
    return Array.from(this.#queues.values());
  }

  #queueOf(engine: Engine): PassQueue {
    const known = this.#queues.get(engine);
    if (known !== undefined) return known;
    const { lanes } = this.#watch;
    const queue = engine.queue({ lanes, onListing: (batch) => this.#hand(batch) });
    this.#queues.set(engine, queue);
    if (this.#isEnding) queue.end();
    return queue;
  }

  #hand(batch: Listing): Promise<void> {
    this.#listed = this.#listed.then(() => this.#guarded(() => this.#watch.onListing(batch)));
    return this.#listed;
  }

  async #guarded(call: () => void | Promise<void>): Promise<void> {
    if (this.#thrown !== undefined || this.#isClosed) return;
    try {
      await call();
    } catch (error) {
      this.fail(error);
    }
  }
}
