/**
 * The passes of one sweep, or of a monitor, with the caller's signal and callbacks around them all.
 *
 * Invariant: behind close() the timers are stopped, no listener is left on the signal and no callback
 * is called any more. All passes have ended by then, but those that were aborted and did not end in
 * time: a file system that does not answer must not keep anyone from ending. An exception of the
 * caller's never reaches the addon: it ends the passes, and is thrown once they have ended.
 */
import type {
  NativeAddon,
  NativeCounters,
  NativeListing,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';
import type { RunningPass } from './crew.js';
import { Crews } from './crews.js';

/** Who watches the passes, and may end them. */
export interface JobWatch {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (() => void) | undefined;
  /** Of all passes, one batch after the other. */
  readonly onListing: (batch: NativeListing) => Promise<void>;
  /** How many crews work at a time. */
  readonly lanes: number;
  /** How long passes are waited for that were told to end. */
  readonly patienceMs?: number;
}

const progressIntervalMs = 100;
const usualPatienceMs = 2000;

export class Jobs {
  readonly #crews: Crews;
  readonly #watch: JobWatch;
  readonly #timer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #listed: Promise<void> = Promise.resolve();
  #thrown: { readonly value: unknown } | undefined;
  #isClosed = false;

  constructor(addon: NativeAddon, watch: JobWatch) {
    this.#watch = watch;
    this.#crews = new Crews(addon, {
      lanes: watch.lanes,
      onListing: (batch) => this.#hand(batch),
    });
    const { signal, onProgress } = watch;
    this.#timer = onProgress && setInterval(() => this.#guarded(onProgress), progressIntervalMs);
    if (signal?.aborted) this.#end();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** What the passes under way have done. */
  progress(): NativeCounters[] {
    return this.#crews.progress();
  }

  /**
   * @param make the request, by the clock and the policy of the moment at which it is begun; null: it is
   *   not wanted any more
   * @param onStarted is given the pass then
   * @returns the result, cancelled or not; of a pass that did not end, what it had done; null: it
   *   was not begun
   * @throws the addon's NativeRootError, and what `make` throws
   */
  run(
    make: () => NativeSweepRequest | null,
    onStarted?: (pass: RunningPass) => void,
  ): Promise<NativeSweepResult | null> {
    return new Promise((resolve, reject) => {
      this.#crews.add({ make, onStarted, resolve, reject });
    });
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
    this.#crews.close();
    clearTimeout(this.#patience);
    this.#watch.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#thrown !== undefined) throw this.#thrown.value;
  }

  readonly #onAbort = (): void => this.#end();

  #end(): void {
    this.#crews.end();
    this.#patience ??= setTimeout(
      () => this.#crews.abandon(),
      this.#watch.patienceMs ?? usualPatienceMs,
    );
  }

  #hand(batch: NativeListing): Promise<void> {
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
