/**
 * The options of `sescle mkdirs`: one table, which both parses and prints the help.
 *
 * Invariant: an option exists exactly if it is in this table; every value that comes out is in its range.
 */
import type { Option } from 'commander';
import { type BitsPerCharacter, bitsPerCharacter } from '../index.js';
import { dryRunRow, type OptionRow, optionsOf, quietRow } from './option-rows.js';
import { pathArgument } from './paths.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export interface MkdirsFlags {
  readonly bits: BitsPerCharacter | undefined;
  /** As it was given: USER, USER:GROUP, :GROUP. */
  readonly owner: string | undefined;
  readonly mode: number | undefined;
  readonly root: Buffer | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const table: readonly OptionRow[] = [
  {
    flags: '-b, --bits <N>',
    help: "PHP's session.sid_bits_per_character: 4, 5 or 6",
    detail:
      "4, 5 or 6 make 16, 32 or 64 directories on each level (default: what PHP's configuration says for SAVE_PATH)",
    parse: parseBits,
  },
  {
    flags: '-o, --owner <USER>',
    help: 'who owns them: USER, USER:GROUP or :GROUP',
    detail: 'the default is the owner of the directory of SAVE_PATH',
    parse: (value) => value,
  },
  {
    flags: '-m, --mode <MODE>',
    help: 'their permissions in octal, such as 0700',
    detail: 'the default is those of the directory of SAVE_PATH',
    parse: parseMode,
  },
  { ...dryRunRow, help: 'make nothing; print how many are missing' },
  { flags: '-y, --yes', help: 'do not ask before making more than 100,000' },
  {
    flags: '--root <DIR>',
    help: "work inside DIR: a container's root or an image",
    detail: 'SAVE_PATH is looked for below DIR',
    isShared: true,
    parse: (value) => pathArgument('--root', value),
  },
  { flags: '--json', help: 'print the report as one JSON object' },
  quietRow('print only errors (and --json)'),
];

/** The table for the parser. */
export function mkdirsOptions(): Option[] {
  return optionsOf(table);
}

export function mkdirsFlags(found: Readonly<Record<string, unknown>>): MkdirsFlags {
  return { dryRun: false, yes: false, json: false, quiet: false, ...found } as MkdirsFlags;
}

function parseBits(value: string): BitsPerCharacter {
  const bits = bitsPerCharacter.find((each) => String(each) === value);
  if (bits !== undefined) return bits;
  throw new UsageError(
    `--bits '${printableArgument(value)}' is not valid`,
    "write 4, 5 or 6: PHP's session.sid_bits_per_character",
  );
}

function parseMode(value: string): number {
  if (/^[0-7]{3,5}$/.test(value)) {
    const mode = Number.parseInt(value, 8);
    if (mode <= 0o7777) return mode;
  }
  throw new UsageError(
    `--mode '${printableArgument(value)}' is not valid`,
    'write it in octal, as 0700 or 1733',
  );
}
