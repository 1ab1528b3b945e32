/**
 * The end of every command: its output is written, or it is said that it could not be.
 *
 * Invariant: what could not be written is never a success.
 */
import type { Console } from './console.js';
import { streamFailureStatus } from './exit-status.js';

/**
 * @param exitStatus what the command itself came to
 * @returns the exit status
 */
export async function ended(console: Console, exitStatus: number): Promise<number> {
  await console.drained();
  const { failure } = console;
  if (failure === undefined) return exitStatus;
  if (failure.code !== 'EPIPE') {
    const { tellTrouble } = await import('./error-lines.js');
    tellTrouble(console, `cannot write to ${failure.stream}: ${failure.code}`);
    await console.drained();
  }
  return streamFailureStatus(failure.code, exitStatus);
}
