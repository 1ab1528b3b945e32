/**
 * The options that several commands have, and how a row of a table becomes an option.
 *
 * Invariant: an option means the same, and is refused for the same reasons, wherever it is accepted.
 */
import { homedir } from 'node:os';
import { Option } from 'commander';
import { parseShard, type Range, type Shard, sweepLimits } from '../index.js';
import { parseDuration } from './duration.js';
import { absolutePath, pathArgument } from './paths.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface OptionRow {
  readonly flags: string;
  /** One line on a screen of 80 columns. */
  readonly help: string;
  /** What else the manual says of it: the default, the limits, what it needs. */
  readonly detail?: string;
  /** Whether `sescle help options` shows it, in place of the help of each command. */
  readonly isShared?: boolean;
  readonly parse?: (value: string, previous: unknown) => unknown;
  readonly initial?: unknown;
}

export const help: OptionRow = { flags: '-h, --help', help: 'show this help' };
export const version: OptionRow = { flags: '-V, --version', help: 'show the version' };

const maxVerbosity = 4;

/**
 * @param help what it adds
 * @param detail what each step adds
 */
export function verboseRow(help: string, detail?: string): OptionRow {
  return {
    flags: '-v, --verbose',
    help,
    ...(detail === undefined ? {} : { detail }),
    parse: (_, previous) => moreVerbose(Number(previous)),
    initial: 0,
  };
}

/** @param help what is still printed */
export function quietRow(help: string): OptionRow {
  return { flags: '-q, --quiet', help };
}

export const lifetimeRow: OptionRow = {
  flags: '-l, --max-lifetime <DURATION>',
  help: 'how long sessions live: 1440, 24m, 1h30m, 1d',
  detail:
    "a session expires this long after its last write (a plain number is seconds; default: what PHP's configuration says for each store)",
  parse: (value) => parseDuration(value, '-l'),
};

export const maxRateRow: OptionRow = {
  flags: '--max-rate <N>',
  help: 'remove at most N sessions per second',
  detail: 'the limit is for all stores together (default: no limit)',
  isShared: true,
  parse: (value) => wholeNumberOption('--max-rate', value, sweepLimits.maxRemovalsPerSecond),
};

/** @param scope which stores share them */
export function threadsRow(scope: string): OptionRow {
  return {
    flags: '--threads <N>',
    help: 'use at most N threads',
    detail: `${sweepLimits.threads.min} to ${sweepLimits.threads.max} threads ${scope} (default: one per processor, up to 8; on network and FUSE file systems as many as help, up to ${sweepLimits.threads.max})`,
    isShared: true,
    parse: (value) => wholeNumberOption('--threads', value, sweepLimits.threads),
  };
}

export const shardRow: OptionRow = {
  flags: '--shard <I/N>',
  help: 'handle only share I of N, counted from 0',
  detail:
    'the share is chosen by a hash of each session name, so N hosts with I from 0 to N-1 handle each session once (default: what sescle.toml says, else all)',
  isShared: true,
  parse: parseShardOption,
};

export const dryRunRow: OptionRow = {
  flags: '-n, --dry-run',
  help: 'remove nothing; show what would happen',
};

export const strictRow: OptionRow = {
  flags: '--strict',
  help: 'never remove a session that is open (slower)',
  detail: 'a session that is open, even for an instant, is kept (works on local file systems only)',
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
  help: 'directory that remembers the clock between runs',
  detail:
    'the default is $STATE_DIRECTORY or /var/lib/sescle; for users other than root $XDG_STATE_HOME/sescle or ~/.local/state/sescle',
  isShared: true,
  parse: (value) => absolutePath(pathArgument('--state', value)),
};

/** The directory of --state. */
export function stateDirectory({ state }: { readonly state: Buffer | undefined }): string {
  return state?.toString() ?? usualState();
}

/** An option with what the manual and the help ask of it besides. */
export class TableOption extends Option {
  readonly detail: string | undefined;
  readonly isShared: boolean;

  constructor({ flags, help, detail, isShared = false }: OptionRow) {
    super(flags, help);
    this.detail = detail;
    this.isShared = isShared;
  }
}

/** The table for the parser. */
export function optionsOf(table: readonly OptionRow[]): TableOption[] {
  return table.map((row) => {
    const { parse, initial } = row;
    const option = new TableOption(row);
    if (initial !== undefined) option.default(initial, String(initial));
    if (parse !== undefined) option.argParser(parse);
    return option;
  });
}

/** @throws UsageError */
function parseShardOption(value: string): Shard {
  const shard = parseShard(value);
  if ('count' in shard) return shard;
  throw new UsageError(`--shard '${printableArgument(value)}' ${shard.reason}`, shard.remedy);
}

/** @throws UsageError */
export function refuseQuietAndVerbose(flags: { quiet: boolean; verbose: number }): void {
  if (flags.quiet && flags.verbose > 0) {
    throw new UsageError('-q and -v cannot be combined', 'use one of them');
  }
}

function moreVerbose(verbosity: number): number {
  if (verbosity < maxVerbosity) return verbosity + 1;
  throw new UsageError(
    `-v was given more than ${maxVerbosity} times`,
    `give at most -${'v'.repeat(maxVerbosity)}`,
  );
}

/** @throws UsageError for what is not in the list */
export function oneOf<T extends string>(option: string, value: string, list: readonly T[]): T {
  const found = list.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(
    `${option} '${printableArgument(value)}' is not valid`,
    `write ${list.join(', ')}`,
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
