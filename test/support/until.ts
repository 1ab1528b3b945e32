/**
 * Waiting for what has no event to await.
 *
 * Invariant: it returns only when it is so; what never becomes so is ended by the test's own time limit.
 */
import { setTimeout as pause } from 'node:timers/promises';

const betweenLooksMs = 10;

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(betweenLooksMs);
}
