/**
 * From arguments to one command, and from its end to an exit status.
 *
 * Invariant: whatever cannot be obeyed becomes one line on standard error, `sescle: REASON; REMEDY`,
 * and a status other than 0, before anything is looked at; a stack trace only ever means a defect.
 */
import type { Console } from './console.js';
import { ended } from './ended.js';
import { status } from './exit-status.js';
import { tellError } from './failures.js';
import { buildProgram } from './program.js';

/**
 * @param args without Node and the script, as commandArguments() gives them
 * @returns the exit status
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  let exitStatus: number = status.done;
  try {
    const program = buildProgram(
      console,
      (reached) => {
        exitStatus = reached;
      },
      args[0],
    );
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitStatus = tellError(error, console);
  }
  return ended(console, exitStatus);
}
