/**
 * A question on the terminal.
 *
 * Invariant: only `y` and `yes` are a yes; an input that ends is a no.
 */
import { createInterface } from 'node:readline';
import type { Console } from './console.js';
import { isTerminal } from './is-terminal.js';

/** Whether there is somebody to ask. */
export function canAsk(console: Console): boolean {
  return isTerminal(0) && console.isErrTerminal;
}

export async function confirm(console: Console, question: string): Promise<boolean> {
  console.err(`${question} [y/N] `);
  await console.drained();
  const input = createInterface({ input: process.stdin });
  try {
    for await (const line of input) return /^y(?:es)?$/i.test(line.trim());
    return false;
  } finally {
    input.close();
    process.stdin.unref?.();
  }
}
