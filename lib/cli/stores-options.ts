/**
 * The options of `sescle stores`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table.
 */
import type { Option } from 'commander';
import { type DiscoveryFlags, discoveryRows, searchRow } from './discovery-options.js';
import {
  type OptionRow,
  optionsOf,
  quietRow,
  refuseQuietAndVerbose,
  verboseRow,
} from './option-rows.js';
import { UsageError } from './usage-error.js';

export interface StoresFlags extends DiscoveryFlags {
  /** Absolute; undefined where nobody asked for a search. */
  readonly search?: readonly Buffer[] | undefined;
  readonly json: boolean;
  readonly systemdPaths: boolean;
  /** 0 to 4. */
  readonly verbose: number;
  readonly quiet: boolean;
}

const table: readonly OptionRow[] = [
  searchRow(
    'also look here for unconfigured stores',
    'for each directory full of sessions it prints the lines for sescle.toml',
  ),
  ...discoveryRows,
  { flags: '--json', help: 'print the stores as one JSON object' },
  {
    flags: '--systemd-paths',
    help: 'print a systemd drop-in for these stores',
    detail: 'with it sescle can write to these stores only',
  },
  verboseRow('print every setting with its file and line', 'it lists every user of a store too'),
  quietRow('print only errors (and --json)'),
];

/** The table for the parser. */
export function storesOptions(): Option[] {
  return optionsOf(table);
}

/**
 * Types what the parser found, and refuses what contradicts itself.
 *
 * @param found the parser's values by name, those that were not given missing
 */
export function storesFlags(found: Readonly<Record<string, unknown>>): StoresFlags {
  const flags = { json: false, quiet: false, systemdPaths: false, ...found } as StoresFlags;
  refuseQuietAndVerbose(flags);
  if (flags.systemdPaths && (flags.json || flags.search !== undefined)) {
    throw new UsageError(
      '--systemd-paths cannot be combined with --json or --search',
      'use one of them',
    );
  }
  return flags;
}
