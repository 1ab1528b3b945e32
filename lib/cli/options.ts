/**
 * The options of `sescle sweep`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import { Option } from 'commander';
import { type Range, sweepLimits } from '../index.js';
import { parseDuration } from './duration.js';
import { UsageError } from './usage-error.js';

export interface SweepFlags {
  /** Seconds. */
  readonly maxLifetime: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly print0: boolean;
  /** 0 to 4. */
  readonly verbose: number;
  readonly quiet: boolean;
  readonly progress: ProgressWhen;
  /** Removals a second. */
  readonly maxRate: number | undefined;
  readonly threads: number | undefined;
}

const progressWhens = ['auto', 'always', 'never'] as const;

export type ProgressWhen = (typeof progressWhens)[number];

const maxVerbosity = 4;

interface OptionRow {
  readonly flags: string;
  readonly help: string;
  readonly parse?: (value: string, previous: unknown) => unknown;
  readonly initial?: unknown;
}

export const help: OptionRow = { flags: '-h, --help', help: 'show this help' };
export const version: OptionRow = { flags: '-V, --version', help: 'show the version' };

const table: readonly OptionRow[] = [
  {
    flags: '-l, --max-lifetime <DURATION>',
    help: "how long a session lives after it was last written: PHP's session.gc_maxlifetime, as 1440 (seconds), 24m, 1h30m or 1d",
    parse: (value) => parseDuration(value, '-l'),
  },
  {
    flags: '-n, --dry-run',
    help: 'do everything but the removal',
  },
  {
    flags: '--json',
    help: 'print the report as one JSON object',
  },
  {
    flags: '--print0',
    help: 'print the paths of the removed sessions (with -n: of those that would be), each with a NUL behind it; the report goes to standard error',
  },
  {
    flags: '-v, --verbose',
    help: 'say more: -v details, -vv every removed session, -vvv every kept one too, -vvvv every live one too',
    parse: (_, previous) => moreVerbose(Number(previous)),
    initial: 0,
  },
  {
    flags: '-q, --quiet',
    help: 'print nothing but errors and what --json or --print0 asks for',
  },
  {
    flags: '--progress <WHEN>',
    help: 'show progress on standard error: auto (on a terminal only), always or never',
    parse: parseProgress,
    initial: 'auto',
  },
  {
    flags: '--max-rate <N>',
    help: 'remove at most N sessions a second (default: no limit)',
    parse: (value) => parseWholeNumber('--max-rate', value, sweepLimits.maxRemovalsPerSecond),
  },
  {
    flags: '--threads <N>',
    help: `look and remove with N threads, ${sweepLimits.threads.min} to ${sweepLimits.threads.max} (default: 1)`,
    parse: (value) => parseWholeNumber('--threads', value, sweepLimits.threads),
  },
];

/** The table for the parser. */
export function sweepOptions(): Option[] {
  return table.map(({ flags, help, parse, initial }) => {
    const option = new Option(flags, help);
    if (initial !== undefined) option.default(initial, String(initial));
    return parse === undefined ? option : option.argParser(parse);
  });
}

/**
 * Types what the parser found, and refuses what contradicts itself.
 *
 * @param found the parser's values by name, those that were not given missing
 */
export function sweepFlags(found: Readonly<Record<string, unknown>>): SweepFlags {
  const flags = { dryRun: false, json: false, print0: false, quiet: false, ...found } as SweepFlags;
  if (flags.json && flags.print0) {
    throw new UsageError(
      '--json and --print0 both want standard output for themselves',
      'give one of them',
    );
  }
  if (flags.quiet && flags.verbose > 0) {
    throw new UsageError('-q and -v contradict each other', 'give one of them');
  }
  return flags;
}

function moreVerbose(verbosity: number): number {
  if (verbosity < maxVerbosity) return verbosity + 1;
  throw new UsageError(
    `-v was given more than ${maxVerbosity} times`,
    `give at most -${'v'.repeat(maxVerbosity)}`,
  );
}

function parseProgress(value: string): ProgressWhen {
  const when = progressWhens.find((one) => one === value);
  if (when !== undefined) return when;
  throw new UsageError(`--progress '${value}' is not valid`, `write ${progressWhens.join(', ')}`);
}

function parseWholeNumber(option: string, value: string, { min, max }: Range): number {
  const number = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`${option} '${value}' is not valid`, `write a whole number ${range}`);
}
