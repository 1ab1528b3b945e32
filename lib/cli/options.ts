/**
 * The options of `sescle sweep`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import type { Option } from 'commander';
import { type DiscoveryFlags, discoveryRows } from './discovery-options.js';
import {
  dryRunRow,
  lifetimeRow,
  maxRateRow,
  type OptionRow,
  optionsOf,
  quietRow,
  refuseQuietAndVerbose,
  stateRow,
  strictRow,
  threadsRow,
  verboseRow,
} from './option-rows.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface SweepFlags extends DiscoveryFlags {
  /** Seconds; undefined: each store's own. */
  readonly maxLifetime: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly print0: boolean;
  /** 0 to 4. */
  readonly verbose: number;
  readonly quiet: boolean;
  readonly progress: ProgressWhen;
  /** Removals a second. */
  readonly maxRate: number | undefined;
  readonly threads: number | undefined;
  readonly nice: boolean;
  /** Absolute. */
  readonly state: Buffer | undefined;
}

const progressWhens = ['auto', 'always', 'never'] as const;

export type ProgressWhen = (typeof progressWhens)[number];

const table: readonly OptionRow[] = [
  lifetimeRow,
  ...discoveryRows,
  dryRunRow,
  strictRow,
  {
    flags: '--json',
    help: 'print the report as one JSON object',
  },
  {
    flags: '--print0',
    help: 'print the paths of the removed sessions (with -n: of those that would be), each with a NUL behind it; the report goes to standard error',
  },
  verboseRow(
    'say more: -v details, -vv every removed session, -vvv every kept one too, -vvvv every live one too',
  ),
  quietRow('print nothing but errors and what --json or --print0 asks for'),
  {
    flags: '--progress <WHEN>',
    help: 'show progress on standard error: auto (on a terminal only), always or never',
    parse: parseProgress,
    initial: 'auto',
  },
  maxRateRow,
  threadsRow('over all stores'),
  {
    flags: '--nice',
    help: 'let everybody else go first: one thread a store, which rests three times as long as it works',
  },
  stateRow,
];

/** The table for the parser. */
export function sweepOptions(): Option[] {
  return optionsOf(table);
}

/**
 * Types what the parser found, and refuses what contradicts itself.
 *
 * @param found the parser's values by name, those that were not given missing
 */
export function sweepFlags(found: Readonly<Record<string, unknown>>): SweepFlags {
  const off = {
    dryRun: false,
    strict: false,
    json: false,
    print0: false,
    quiet: false,
    nice: false,
  };
  const flags = { ...off, ...found } as SweepFlags;
  if (flags.json && flags.print0) {
    throw new UsageError(
      '--json and --print0 both want standard output for themselves',
      'give one of them',
    );
  }
  refuseQuietAndVerbose(flags);
  return flags;
}

function parseProgress(value: string): ProgressWhen {
  const when = progressWhens.find((one) => one === value);
  if (when !== undefined) return when;
  throw new UsageError(
    `--progress '${printableArgument(value)}' is not valid`,
    `write ${progressWhens.join(', ')}`,
  );
}
