/**
 * Waits for work of Node's pool for no longer than a while.
 *
 * Invariant: nothing is ended by it: work that hangs keeps its thread, and the process does not end
 * before that thread does. What may hang for ever goes into a process of its own (apart.ts).
 */

export interface InTime {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What is thrown when the time limit was reached. */
  readonly notAnswering: () => Error;
}

/** @throws what the work throws; `notAnswering`; the signal's reason */
export async function inTime<T>(
  work: Promise<T>,
  { deadlineMs, signal, notAnswering }: InTime,
): Promise<T> {
  let giveUp = () => {};
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(notAnswering()), deadlineMs);
    giveUp = () => reject(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
