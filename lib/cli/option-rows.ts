/**
 * The options that several commands have, and how a row of a table becomes an option.
 *
 * Invariant: an option means the same, and is refused for the same reasons, wherever it is accepted.
 */
import { homedir } from 'node:os';
import { Option } from 'commander';
import { type Range, sweepLimits } from '../index.js';
import { parseDuration } from './duration.js';
import { absolutePath, pathArgument } from './paths.js';
import { printableArgument } from './raw-arguments.js';
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

/** @param help what is left to be told */
export function quietRow(help: string): OptionRow {
  return { flags: '-q, --quiet', help };
}

export const lifetimeRow: OptionRow = {
  flags: '-l, --max-lifetime <DURATION>',
  help: "how long a session lives after it was last written, as 1440 (seconds), 24m, 1h30m or 1d (default: what PHP's configuration says of each store)",
  parse: (value) => parseDuration(value, '-l'),
};

export const maxRateRow: OptionRow = {
  flags: '--max-rate <N>',
  help: 'remove at most N sessions a second, over all stores (default: no limit)',
  parse: (value) => wholeNumberOption('--max-rate', value, sweepLimits.maxRemovalsPerSecond),
};

/** @param scope what they are shared by */
export function threadsRow(scope: string): OptionRow {
  return {
    flags: '--threads <N>',
    help: `work with at most N threads, ${scope}, ${sweepLimits.threads.min} to ${sweepLimits.threads.max} (default: one a processor, up to 8)`,
    parse: (value) => wholeNumberOption('--threads', value, sweepLimits.threads),
  };
}

export const dryRunRow: OptionRow = {
  flags: '-n, --dry-run',
  help: 'do everything but the removal',
};

export const strictRow: OptionRow = {
  flags: '--strict',
  help: 'remove only what nobody has open, so that not even a request that opens a session in the moment of its removal loses what it writes (needs a local file system)',
};

/** Where systemd says, or where it would; of an ordinary user, where the XDG specification says. */
function usualState(): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME } = process.env;
  const given = STATE_DIRECTORY?.split(':')[0];
  if (given) return given;
  if (process.geteuid?.() === 0) return '/var/lib/sescle';
  const home = XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : `${homedir()}/.local/state`;
  return `${home}/sescle`;
}

export const stateRow: OptionRow = {
  flags: '--state <DIR>',
  help: 'where what is known of the clock is kept from one run to the next (default: $STATE_DIRECTORY or /var/lib/sescle; for a user other than root $XDG_STATE_HOME/sescle or ~/.local/state/sescle)',
  parse: (value) => absolutePath(pathArgument('--state', value)),
};

/** The directory of --state. */
export function stateDirectory({ state }: { readonly state: Buffer | undefined }): string {
  return state?.toString() ?? usualState();
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

/** @throws UsageError */
export function wholeNumberOption(option: string, value: string, { min, max }: Range): number {
  const number = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(
    `${option} '${printableArgument(value)}' is not valid`,
    `write a whole number ${range}`,
  );
}
