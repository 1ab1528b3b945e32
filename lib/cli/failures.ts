/**
 * Exceptions to lines on standard error and an exit status.
 *
 * Invariant: `sescle: REASON; REMEDY`, one line an error; a stack trace only ever means a defect.
 */
import { CommanderError } from 'commander';
import { SescleError } from '../index.js';
import type { Console } from './console.js';
import { tellTrouble } from './error-lines.js';
import { status } from './exit-status.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

/** `error: REASON`, and perhaps a suggestion on a line of its own. */
const commanderMessage = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*\?)\))?$/s;

/** What was asked for cannot be meant. */
const usageCodes: readonly string[] = [
  'ERR_INVALID_ARGUMENT',
  'ERR_INVALID_SAVE_PATH',
  'ERR_LIFETIME_UNKNOWN',
];

/** @returns the exit status */
export function tellError(error: unknown, console: Console): number {
  if (error instanceof CommanderError) return tellParserError(error, console);
  if (error instanceof UsageError) {
    tellTrouble(console, error.message, error.remedy);
    return status.usage;
  }
  if (error instanceof SescleError) return tellOwnError(error, console);
  console.err(
    `sescle: a defect of sescle, please report it: ${error instanceof Error ? error.stack : error}\n`,
  );
  return status.trouble;
}

function tellParserError(error: CommanderError, console: Console): number {
  // Help and version end the parser by an exception too.
  if (error.exitCode === 0) return status.done;
  const [, reason = error.message, suggestion] = commanderMessage.exec(error.message) ?? [];
  tellTrouble(
    console,
    printableArgument(reason),
    suggestion === undefined
      ? 'see sescle --help and sescle COMMAND --help'
      : `did you mean ${suggestion}`,
  );
  return status.usage;
}

function tellOwnError({ code, message, remedy, cause }: SescleError, console: Console): number {
  if (code !== 'ERR_INVALID_CONFIGURATION') {
    tellTrouble(console, message, remedy);
    return usageCodes.includes(code) ? status.usage : status.trouble;
  }
  const several = cause instanceof AggregateError ? cause.errors : [];
  for (const one of several) tellTrouble(console, one instanceof Error ? one.message : `${one}`);
  if (several.length === 0) tellTrouble(console, message, remedy);
  return status.usage;
}
