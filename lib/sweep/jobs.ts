/**
 * The native jobs of one sweep, with the caller's signal and callbacks around them all.
 *
 * Invariant: behind close() the timers are stopped, no listener is left on the signal and no callback
 * is called any more. All jobs have ended by then, but those that were aborted and did not end in
 * time: a file system that does not answer must not keep anyone from ending. An exception of the
 * caller's never reaches the addon: it cancels the jobs, and is thrown once they have ended.
 */
import type {
  NativeAddon,
  NativeCounters,
  NativeListing,
  NativeSweepJob,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';

/** Who watches the jobs, and may end them. */
export interface JobWatch {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (() => void) | undefined;
  /** Of all jobs, one batch after the other. */
  readonly onListing: (batch: NativeListing) => Promise<void>;
  /** How long jobs are waited for that were told to end. */
  readonly patienceMs?: number;
}

/** A job under way. */
export interface RunningJob {
  progress(): NativeCounters;
  /** Ends it after the files in hand. */
  cancel(): void;
  /** Ends it, and waits for it no longer. */
  abandon(): void;
}

const progressIntervalMs = 100;
const usualPatienceMs = 2000;

export class Jobs {
  readonly #addon: NativeAddon;
  readonly #watch: JobWatch;
  /** Those under way, each with how to wait for it no longer. */
  readonly #running = new Map<NativeSweepJob, () => void>();
  readonly #timer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #listed: Promise<void> = Promise.resolve();
  #thrown: { readonly value: unknown } | undefined;
  #isEnding = false;
  #isClosed = false;

  constructor(addon: NativeAddon, watch: JobWatch) {
    this.#addon = addon;
    this.#watch = watch;
    const { signal, onProgress } = watch;
    this.#timer = onProgress && setInterval(() => this.#guarded(onProgress), progressIntervalMs);
    if (signal?.aborted) this.#isEnding = true;
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Whether no job is to be started any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** What the jobs under way have done. */
  progress(): NativeCounters[] {
    return Array.from(this.#running.keys(), (job) => job.progress());
  }

  /**
   * @param onStarted is given the job itself
   * @returns the job's result, cancelled or not; of a job that did not end, what it had done
   * @throws the addon's NativeRootError
   */
  async run(
    request: NativeSweepRequest,
    onStarted?: (job: RunningJob) => void,
  ): Promise<NativeSweepResult> {
    const job = this.#addon.startSweep(request, (batch) => {
      this.#listed = this.#listed.then(() => this.#guarded(() => this.#watch.onListing(batch)));
      this.#listed = this.#listed.then(() => job.release(batch.length));
    });
    let giveUp = () => {};
    const gaveUp = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined);
    });
    this.#running.set(job, giveUp);
    if (this.#isEnding) job.cancel();
    onStarted?.({
      progress: () => job.progress(),
      cancel: () => job.cancel(),
      abandon: () => {
        job.cancel();
        giveUp();
      },
    });
    const ended = job.result.finally(() => this.#listed);
    // After the patience nobody waits for it any more, whatever becomes of it.
    ended.catch(() => {});
    try {
      return (await Promise.race([ended, gaveUp])) ?? notAnswering(request, job.progress());
    } finally {
      this.#running.delete(job);
    }
  }

  /** Ends all jobs for what was thrown; the first that was is what close() throws. */
  fail(thrown: unknown): void {
    this.#thrown ??= { value: thrown };
    this.#end();
  }

  /**
   * To be called once no job is under way.
   *
   * @throws what a callback threw
   */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#patience);
    this.#watch.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#thrown !== undefined) throw this.#thrown.value;
  }

  readonly #onAbort = (): void => this.#end();

  #end(): void {
    this.#isEnding = true;
    for (const job of this.#running.keys()) job.cancel();
    this.#patience ??= setTimeout(() => {
      for (const giveUp of this.#running.values()) giveUp();
    }, this.#watch.patienceMs ?? usualPatienceMs);
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

function notAnswering(request: NativeSweepRequest, counters: NativeCounters): NativeSweepResult {
  return {
    counters,
    oldestAgeSeconds: -1,
    inodesFreeRatio: -1,
    failures: [{ code: 'ERR_NOT_ANSWERING', errno: 0, syscall: '', path: request.path, count: 1 }],
    unlistedFailures: 0,
    complete: false,
  };
}
