/**
 * Waits for one of the addon's tasks, with the caller's signal and progress around it.
 *
 * Invariant: behind it no timer runs and no listener is left on the signal. A task that was cancelled
 * and does not end (its file system does not answer) is given up, and keeps nobody waiting.
 */
import type { NativeTask } from './boundary.js';

export interface TaskWatch<Progress> {
  readonly signal: AbortSignal | undefined;
  /** Called 10 times a second. */
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** How long a task is waited for that was told to end. */
  readonly patienceMs?: number;
}

const progressIntervalMs = 100;
const usualPatienceMs = 2000;

/**
 * @returns the result; null where it was cancelled and did not end in time
 * @throws the addon's NativeRootError, and what `onProgress` throws, after the task was told to end
 */
export async function runTask<Result, Progress>(
  task: NativeTask<Result, Progress>,
  { signal, onProgress, patienceMs = usualPatienceMs }: TaskWatch<Progress>,
): Promise<Result | null> {
  let patience: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  let end = () => {};
  const givenUp = new Promise<null>((resolve) => {
    end = () => {
      task.cancel();
      patience ??= setTimeout(() => resolve(null), patienceMs);
    };
  });
  const failed = new Promise<never>((_, reject) => {
    if (onProgress === undefined) return;
    timer = setInterval(() => {
      try {
        onProgress(task.progress());
      } catch (error) {
        task.cancel();
        reject(error);
      }
    }, progressIntervalMs);
  });
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([task.result, givenUp, failed]);
  } finally {
    clearInterval(timer);
    clearTimeout(patience);
    signal?.removeEventListener('abort', end);
  }
}
