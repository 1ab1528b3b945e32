/**
 * The options of `sescle doctor`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table.
 */
import type { Option } from 'commander';
import { type DiscoveryFlags, discoveryRows, searchRow } from './discovery-options.js';
import { parseDuration } from './duration.js';
import { type OptionRow, optionsOf, quietRow } from './option-rows.js';

export interface DoctorFlags extends DiscoveryFlags {
  /** Absolute. */
  readonly search?: readonly Buffer[] | undefined;
  /** Seconds; undefined: the usual. */
  readonly patience: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

const table: readonly OptionRow[] = [
  searchRow('where to look for forgotten stores', 'the default is /home, /srv and /var'),
  {
    flags: '--patience <DURATION>',
    help: 'give up counting a store after this (20s)',
    detail: 'the search for forgotten stores ends after it too',
    parse: (value) => parseDuration(value, '--patience'),
  },
  ...discoveryRows,
  { flags: '--json', help: 'print the findings as one JSON object' },
  quietRow('print only errors; see the exit status'),
];

/** The table for the parser. */
export function doctorOptions(): Option[] {
  return optionsOf(table);
}

export function doctorFlags(found: Readonly<Record<string, unknown>>): DoctorFlags {
  return { json: false, quiet: false, ...found } as DoctorFlags;
}
