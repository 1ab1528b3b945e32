/**
 * The options that say where discovery looks.
 *
 * Invariant: what reaches discoverStores() does not depend on the current directory, but for the
 * bare name of an interpreter, as `php8.2`.
 */
import { statSync } from 'node:fs';
import { type DiscoverOptions, escapePath } from '../index.js';
import type { OptionRow } from './option-rows.js';
import { absolutePath, pathArgument } from './paths.js';
import { UsageError } from './usage-error.js';

export interface DiscoveryFlags {
  readonly php?: Buffer | undefined;
  readonly ini?: Buffer | undefined;
  readonly config?: Buffer | undefined;
  readonly root?: Buffer | undefined;
}

/** Those of the original's, and the configuration file. */
export const originalRows: readonly OptionRow[] = [
  {
    flags: '-p, --php <PATH>',
    help: 'ask this PHP for its settings',
    detail: 'other PHP installations are ignored; sescle.toml is still read',
    isShared: true,
    parse: (value) => pathArgument('-p', value),
  },
  {
    flags: '-i, --ini <PATH>',
    help: 'make that PHP read this php.ini or directory',
    detail:
      'the interpreter is /usr/bin/php unless -p names one; other PHP installations are ignored; sescle.toml is still read',
    isShared: true,
    parse: (value) => pathArgument('-i', value),
  },
  {
    flags: '-c, --config <FILE>',
    help: 'read this file instead of /etc/sescle/sescle.toml',
    isShared: true,
    parse: (value) => pathArgument('-c', value),
  },
];

export const discoveryRows: readonly OptionRow[] = [
  ...originalRows,
  {
    flags: '--root <DIR>',
    help: "work inside DIR: a container's root or an image",
    detail:
      "PHP's configuration, the stores and etc/sescle/sescle.toml are all looked for below DIR",
    isShared: true,
    parse: (value) => pathArgument('--root', value),
  },
];

/** @param help what it looks for there */
export function searchRow(help: string, detail: string): OptionRow {
  return {
    flags: '--search <DIR...>',
    help,
    detail,
    parse: (value, previous) => [
      ...((previous as Buffer[] | undefined) ?? []),
      absolutePath(pathArgument('--search', value)),
    ],
  };
}

/** @throws UsageError if the root is no directory */
export function discoverOptions(
  { php, ini, config, root }: DiscoveryFlags,
  signal?: AbortSignal,
): DiscoverOptions {
  return {
    ...(php === undefined ? {} : { php: php.includes('/') ? absolutePath(php) : php }),
    ...(ini === undefined ? {} : { ini: absolutePath(ini) }),
    ...(config === undefined ? {} : { configuration: absolutePath(config) }),
    ...(root === undefined ? {} : { root: existingRoot(absolutePath(root)) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function existingRoot(root: Buffer): Buffer {
  let reason = 'is not a directory';
  try {
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return root;
  } catch (error) {
    reason = `cannot be looked at (${(error as NodeJS.ErrnoException).code ?? error})`;
  }
  throw new UsageError(
    `--root '${escapePath(root)}' ${reason}`,
    'give the directory that the system to look at begins in',
  );
}
