/**
 * A deadline and a limit of bytes for everything that a server is asked.
 *
 * Invariant: a promise that is guarded settles in time; what the server sends meanwhile stays below the
 * limit, within what one look's interval lets through, since buffers lie outside of the memory that
 * --max-old-space-size bounds.
 */
import { notAnswering, TableError, tableError } from '../failure.js';

export const connectDeadlineMs = 5_000;
/** Longer than any limit that the server itself is given, so that its own answer is heard first. */
export const statementDeadlineMs = 15_000;

const mostBytes = 16 * 2 ** 20;
const lookMs = 20;

export interface Guarded {
  /** For messages. */
  readonly place: string;
  /** That the server has sent; undefined: not known. */
  readonly bytesRead: () => number | undefined;
  /** Ends the connection at once. */
  readonly destroy: () => void;
  /** What the driver threw, as those who asked know it. */
  readonly failureOf: (error: unknown) => unknown;
}

/** @throws TableError ERR_TABLE_NOT_ANSWERING, ERR_TABLE_SERVER; else what failureOf() makes of an error */
export async function guarded<T>(
  { place, bytesRead, destroy, failureOf }: Guarded,
  deadlineMs: number,
  work: Promise<T>,
): Promise<T> {
  const before = bytesRead() ?? 0;
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => {
      const isLate = performance.now() - began > deadlineMs;
      const isFlood = (bytesRead() ?? 0) - before > mostBytes;
      if (!isLate && !isFlood) return;
      destroy();
      reject(
        isLate
          ? notAnswering(place)
          : tableError(
              'ERR_TABLE_SERVER',
              `the server at ${place} sends more than it was asked for`,
              'find out what answers there: it does not behave like a database',
            ),
      );
    }, lookMs);
  });
  try {
    return await Promise.race([work, limit]);
  } catch (error) {
    throw error instanceof Error && !(error instanceof TableError) ? failureOf(error) : error;
  } finally {
    clearInterval(timer);
    // It may settle later, when nobody listens.
    work.catch(() => {});
  }
}
