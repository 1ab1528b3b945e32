/**
 * The options of `sescle sweep`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import type { Option } from 'commander';
import type { Shard } from '../index.js';
import { type DiscoveryFlags, discoveryRows } from './discovery-options.js';
import {
  dryRunRow,
  lifetimeRow,
  maxRateRow,
  type OptionRow,
  oneOf,
  optionsOf,
  quietRow,
  refuseQuietAndVerbose,
  shardRow,
  stateRow,
  strictRow,
  threadsRow,
  verboseRow,
} from './option-rows.js';
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
  /** Undefined: each store's own, if it has one. */
  readonly shard: Shard | undefined;
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
    help: 'print each removed path, followed by a NUL',
    detail: 'with -n the paths that would be removed; the report goes to standard error',
  },
  verboseRow(
    'print more; repeat for single files',
    '-v prints details, -vv each removed session, -vvv each kept one too, -vvvv each live one too',
  ),
  quietRow('print only errors (and --json or --print0)'),
  {
    flags: '--progress <WHEN>',
    help: 'when to show progress',
    detail: 'auto (on a terminal only), always or never; it goes to standard error',
    parse: (value) => oneOf('--progress', value, progressWhens),
    initial: 'auto',
  },
  maxRateRow,
  shardRow,
  threadsRow('for all stores together'),
  {
    flags: '--nice',
    help: 'run gently: one thread per store, 75 % idle',
    detail: 'each thread rests three times as long as it works',
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
      '--json and --print0 cannot be combined: both use standard output',
      'use one of them',
    );
  }
  refuseQuietAndVerbose(flags);
  return flags;
}
