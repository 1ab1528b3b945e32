/**
 * Runs one native job with the caller's signal and callbacks around it.
 *
 * Invariant: when the promise settles, the job has ended, the timer is stopped and no listener is
 * left on the signal. An exception of the caller's never reaches the addon: it cancels the job and
 * is thrown once the job has ended.
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
  readonly onListing: (batch: NativeListing) => void;
}

const progressIntervalMs = 100;

/**
 * @returns the job's result, cancelled or not
 * @throws what a callback threw, else the addon's NativeRootError
 */
export async function runJob(
  addon: NativeAddon,
  request: NativeSweepRequest,
  { signal, onProgress, onListing }: JobWatch,
): Promise<NativeSweepResult> {
  const thrown: unknown[] = [];
  let job: NativeSweepJob | undefined;
  const guarded = (call: () => void) => {
    if (thrown.length > 0) return;
    try {
      call();
    } catch (error) {
      thrown.push(error);
      job?.cancel();
    }
  };
  const started = addon.startSweep(request, (batch) => guarded(() => onListing(batch)));
  job = started;
  const cancel = () => started.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();
  const timer =
    onProgress &&
    setInterval(() => guarded(() => onProgress(started.progress())), progressIntervalMs);
  const [outcome] = await Promise.allSettled([started.result]);
  clearInterval(timer);
  signal?.removeEventListener('abort', cancel);
  if (thrown.length > 0) throw thrown[0];
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
