/**
 * `sescle completion SHELL`: prints what the shell is to load, for those whose installation put it nowhere.
 *
 * Invariant: the same text as in completions/, made from the same tables.
 */

import type { Command } from 'commander';
import { type CompletedCommand, completedCommands } from './completions.js';
import { bashCompletion } from './completions-bash.js';
import { fishCompletion } from './completions-fish.js';
import { zshCompletion } from './completions-zsh.js';
import type { Console } from './console.js';
import { status } from './exit-status.js';
import { shells } from './shells.js';
import { UsageError } from './usage-error.js';

const makers: Readonly<
  Record<(typeof shells)[number], (all: readonly CompletedCommand[]) => string>
> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * @param program what is completed
 * @returns the exit status
 * @throws UsageError for another shell
 */
export function completionCommand(word: string, program: Command, console: Console): number {
  const shell = shells.find((known) => known === word);
  if (shell === undefined) {
    throw new UsageError(
      `${word} is not a shell that sescle knows`,
      `use one of: ${shells.join(', ')}`,
    );
  }
  console.out(makers[shell](completedCommands(program)));
  return status.done;
}
