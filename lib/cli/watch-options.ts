/**
 * The options of the monitor, `sescle` and `sescle watch`: one table, which both parses and prints the
 * help.
 *
 * Invariant: an option exists exactly if it is in this table.
 */
import type { Option } from 'commander';
import { indexLimits, type ListenAddress, parseListenAddress, type Shard } from '../index.js';
import { type DiscoveryFlags, discoveryRows } from './discovery-options.js';
import {
  dryRunRow,
  lifetimeRow,
  maxRateRow,
  type OptionRow,
  optionsOf,
  quietRow,
  refuseQuietAndVerbose,
  shardRow,
  stateRow,
  strictRow,
  threadsRow,
  verboseRow,
  wholeNumberOption,
} from './option-rows.js';
import { absolutePath, pathArgument } from './paths.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface WatchFlags extends DiscoveryFlags {
  /** Seconds; undefined: each store's own. */
  readonly maxLifetime: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  /** 0 to 4. */
  readonly verbose: number;
  readonly quiet: boolean;
  readonly nice: boolean;
  /** Removals a second. */
  readonly maxRate: number | undefined;
  readonly threads: number | undefined;
  /** Undefined: each store's own, if it has one. */
  readonly shard: Shard | undefined;
  readonly indexLimit: number | undefined;
  /** Absolute. */
  readonly state: Buffer | undefined;
  readonly http: ListenAddress | undefined;
  /** Absolute. */
  readonly textfile: Buffer | undefined;
  /** Whether stores that are named may appear later. */
  readonly wait: boolean;
}

const table: readonly OptionRow[] = [
  lifetimeRow,
  ...discoveryRows,
  dryRunRow,
  strictRow,
  verboseRow('also log idle scans and ignored stores'),
  quietRow('print only warnings and errors'),
  maxRateRow,
  shardRow,
  threadsRow('for each store'),
  {
    flags: '--no-nice',
    help: 'scan at full speed',
    detail: 'without it a scan uses one thread, idle 75 % of the time',
  },
  {
    flags: '--index-limit <N>',
    help: 'remember at most N sessions per store',
    detail: 'each takes 48 bytes (default: 20000000)',
    parse: (value) => wholeNumberOption('--index-limit', value, indexLimits),
  },
  {
    flags: '--http <ADDRESS>',
    help: 'serve metrics, health and a status page',
    detail:
      'at 127.0.0.1:PORT, [::1]:PORT or unix:PATH: /metrics, /healthz, /api/status and /; there is no password, so any other address works but warns',
    parse: parseAddress,
  },
  {
    flags: '--textfile <DIR>',
    help: 'write metrics for node_exporter to DIR',
    detail: "the file is DIR/sescle.prom, for node_exporter's textfile collector",
    parse: (value) => absolutePath(pathArgument('--textfile', value)),
  },
  {
    flags: '--wait',
    help: 'wait for a SAVE_PATH that does not exist yet',
  },
  stateRow,
];

/** The table for the parser. */
export function watchOptions(): Option[] {
  return optionsOf(table);
}

/** @param found the parser's values by name, those that were not given missing */
export function watchFlags(found: Readonly<Record<string, unknown>>): WatchFlags {
  const flags = {
    dryRun: false,
    strict: false,
    quiet: false,
    nice: true,
    wait: false,
    ...found,
  } as WatchFlags;
  refuseQuietAndVerbose(flags);
  return flags;
}

function parseAddress(value: string): ListenAddress {
  const address = parseListenAddress(value);
  if (!('reason' in address)) return address;
  throw new UsageError(`--http '${printableArgument(value)}' ${address.reason}`, address.remedy);
}
