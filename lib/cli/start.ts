/** All that the program loads first, in one piece: Node takes a millisecond for each file it looks for. */
import { Console } from './console.js';
import { commandArguments } from './raw-arguments.js';
import { run } from './run.js';

/** @returns the exit status */
export function start(): Promise<number> {
  return run(commandArguments(), new Console());
}
