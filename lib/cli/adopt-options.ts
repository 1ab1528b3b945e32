/**
 * The options of `sescle adopt`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import type { Option } from 'commander';
import { type ProfileName, profileNames } from '../index.js';
import { type DiscoveryFlags, discoveryRows } from './discovery-options.js';
import {
  dryRunRow,
  lifetimeRow,
  type OptionRow,
  oneOf,
  optionsOf,
  quietRow,
} from './option-rows.js';

export interface AdoptFlags extends DiscoveryFlags {
  /** Seconds; undefined: what PHP or the application says. */
  readonly maxLifetime: number | undefined;
  readonly profile: ProfileName | undefined;
  readonly undo: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const table: readonly OptionRow[] = [
  {
    ...lifetimeRow,
    detail:
      "a session expires this long after its last write (a plain number is seconds; default: what PHP's configuration or the application says for the directory)",
  },
  {
    flags: '--profile <NAME>',
    help: 'which software made the sessions',
    detail: `one of ${profileNames.join(', ')} (default: what the file names say)`,
    parse: (value) => oneOf('--profile', value, profileNames),
  },
  {
    flags: '--undo',
    help: 'remove the entries of these directories again',
    detail: 'without a DIR, those of the last adopt',
  },
  { flags: '-y, --yes', help: 'write without asking' },
  { ...dryRunRow, help: 'write nothing; print what would be written' },
  ...discoveryRows,
  { flags: '--json', help: 'print what was written as one JSON object' },
  quietRow('print only errors (and --json)'),
];

/** The table for the parser. */
export function adoptOptions(): Option[] {
  return optionsOf(table);
}

export function adoptFlags(found: Readonly<Record<string, unknown>>): AdoptFlags {
  const off = { undo: false, yes: false, dryRun: false, json: false, quiet: false };
  return { ...off, ...found } as AdoptFlags;
}
