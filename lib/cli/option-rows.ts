/**
 * The options that several commands have, and how a row of a table becomes an option.
 *
 * Invariant: an option means the same, and is refused for the same reasons, wherever it is accepted.
 */
import { Option } from 'commander';
import { UsageError } from './usage-error.js';

export interface OptionRow {
  readonly flags: string;
  readonly help: string;
  readonly parse?: (value: string, previous: unknown) => unknown;
  readonly initial?: unknown;
}

export const help: OptionRow = { flags: '-h, --help', help: 'show this help' };
export const version: OptionRow = { flags: '-V, --version', help: 'show the version' };

const maxVerbosity = 4;

/** @param help what each step tells */
export function verboseRow(help: string): OptionRow {
  return {
    flags: '-v, --verbose',
    help,
    parse: (_, previous) => moreVerbose(Number(previous)),
    initial: 0,
  };
}

export function quietRow(asked: string): OptionRow {
  return { flags: '-q, --quiet', help: `print nothing but errors and what ${asked} asks for` };
}

/** The table for the parser. */
export function optionsOf(table: readonly OptionRow[]): Option[] {
  return table.map(({ flags, help, parse, initial }) => {
    const option = new Option(flags, help);
    if (initial !== undefined) option.default(initial, String(initial));
    return parse === undefined ? option : option.argParser(parse);
  });
}

/** @throws UsageError */
export function refuseQuietAndVerbose(flags: { quiet: boolean; verbose: number }): void {
  if (flags.quiet && flags.verbose > 0) {
    throw new UsageError('-q and -v contradict each other', 'give one of them');
  }
}

function moreVerbose(verbosity: number): number {
  if (verbosity < maxVerbosity) return verbosity + 1;
  throw new UsageError(
    `-v was given more than ${maxVerbosity} times`,
    `give at most -${'v'.repeat(maxVerbosity)}`,
  );
}
