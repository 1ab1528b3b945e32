/**
 * What the program loads first: enough to tell its version, which takes no longer than Node's own start.
 *
 * Invariant: `--version` among other arguments is the parser's business.
 */
import { packageVersion } from '../index.js';
import { Console } from './console.js';
import { ended } from './ended.js';
import { status } from './exit-status.js';
import { commandArguments } from './raw-arguments.js';

/** @returns the exit status */
export async function start(): Promise<number> {
  const args = commandArguments();
  const console = new Console();
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    console.out(`sescle ${packageVersion}\n`);
    return ended(console, status.done);
  }
  const { run } = await import('./run.js');
  return run(args, console);
}
