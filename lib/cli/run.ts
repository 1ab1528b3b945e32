/**
 * From arguments to one command, and from its end to an exit status.
 *
 * Invariant: whatever cannot be obeyed becomes one line on standard error, `sescle: REASON; REMEDY`,
 * and a status other than 0, before anything is looked at; a stack trace only ever means a defect.
 */
import type { Console } from './console.js';
import { tellTrouble } from './error-lines.js';
import { status, streamFailureStatus } from './exit-status.js';
import { tellError } from './failures.js';
import { buildProgram } from './program.js';

/**
 * @param args without Node and the script, as commandArguments() gives them
 * @returns the exit status
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  let exitStatus: number = status.done;
  try {
    const program = buildProgram(console, (ended) => {
      exitStatus = ended;
    });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitStatus = tellError(error, console);
  }
  await console.drained();
  const { failure } = console;
  if (failure === undefined) return exitStatus;
  if (failure.code !== 'EPIPE') {
    tellTrouble(console, `cannot write to ${failure.stream}: ${failure.code}`);
    await console.drained();
  }
  return streamFailureStatus(failure.code, exitStatus);
}
