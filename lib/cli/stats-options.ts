/**
 * The options of `sescle stats`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import type { Option } from 'commander';
import { type DiscoveryFlags, discoveryRows } from './discovery-options.js';
import {
  lifetimeRow,
  type OptionRow,
  optionsOf,
  quietRow,
  wholeNumberOption,
} from './option-rows.js';

export interface StatsFlags extends DiscoveryFlags {
  /** Seconds; undefined: each store's own. */
  readonly maxLifetime: number | undefined;
  readonly largest: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

const usualLargest = 5;

const table: readonly OptionRow[] = [
  lifetimeRow,
  ...discoveryRows,
  {
    flags: '--largest <N>',
    help: 'list the N largest sessions',
    parse: (value) => wholeNumberOption('--largest', value, { min: 0, max: 1000 }),
    initial: usualLargest,
  },
  { flags: '--json', help: 'print the numbers as one JSON object' },
  quietRow('print only errors (and --json)'),
];

/** The table for the parser. */
export function statsOptions(): Option[] {
  return optionsOf(table);
}

export function statsFlags(found: Readonly<Record<string, unknown>>): StatsFlags {
  return { json: false, quiet: false, ...found } as unknown as StatsFlags;
}
