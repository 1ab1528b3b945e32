/**
 * Runs one native job with the caller's signal and callbacks around it.
 *
 * Invariant: when the promise settles, the timer is stopped, no listener is left on the signal and
 * no callback is called any more. The job has ended by then, unless it was aborted and did not end
 * in time: a file system that does not answer must not keep anyone from ending. An exception of the
 * caller's never reaches the addon: it cancels the job and is thrown once the job has ended.
 */
import type {
  NativeAddon,
  NativeCounters,
  NativeListing,
  NativeSweepJob,
  NativeSweepRequest,
  NativeSweepResult,
} from '../native/boundary.js';

/** Who watches the job, and may end it. */
export interface JobWatch {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((counters: NativeCounters) => void) | undefined;
  readonly onListing: (batch: NativeListing) => Promise<void>;
}

/** What a caller's callback threw: nothing about the store. */
export class CallbackError {
  constructor(readonly thrown: unknown) {}
}

const progressIntervalMs = 100;
/** How long a job is waited for that was told to end. */
const patienceMs = 2000;

/**
 * @returns the job's result, cancelled or not; of a job that did not end, what it had done
 * @throws CallbackError, else the addon's NativeRootError
 */
export async function runJob(
  addon: NativeAddon,
  request: NativeSweepRequest,
  { signal, onProgress, onListing }: JobWatch,
): Promise<NativeSweepResult> {
  let failed: CallbackError | undefined;
  let isOver = false;
  let job: NativeSweepJob | undefined;
  const guarded = async (call: () => void | Promise<void>) => {
    if (failed !== undefined || isOver) return;
    try {
      await call();
    } catch (error) {
      failed ??= new CallbackError(error);
      job?.cancel();
    }
  };
  let listed = Promise.resolve();
  const started = addon.startSweep(request, (batch) => {
    listed = listed.then(() => guarded(() => onListing(batch)));
    listed = listed.then(() => job?.release(batch.length));
  });
  job = started;
  const over = new AbortController();
  let patience: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<void>((resolve) => {
    const onAbort = () => {
      started.cancel();
      patience = setTimeout(resolve, patienceMs);
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true, signal: over.signal });
  });
  const timer =
    onProgress &&
    setInterval(() => guarded(() => onProgress(started.progress())), progressIntervalMs);
  const ended = started.result.finally(() => listed);
  // After the patience nobody waits for it any more, whatever becomes of it.
  ended.catch(() => {});
  try {
    const result = await Promise.race([ended, gaveUp]);
    return result ?? notAnswering(request, started.progress());
  } finally {
    isOver = true;
    over.abort();
    clearTimeout(patience);
    clearInterval(timer);
    // biome-ignore lint/correctness/noUnsafeFinally: what the caller threw goes before all else
    if (failed !== undefined) throw failed;
  }
}

function notAnswering(request: NativeSweepRequest, counters: NativeCounters): NativeSweepResult {
  return {
    counters,
    oldestAgeSeconds: -1,
    failures: [{ code: 'ERR_NOT_ANSWERING', errno: 0, syscall: '', path: request.path, count: 1 }],
    unlistedFailures: 0,
    complete: false,
  };
}
