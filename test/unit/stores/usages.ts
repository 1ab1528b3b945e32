/**
 * Ways in which PHP runs, and the stores that are made of them, for the tests of stores.
 *
 * Invariant: what a test does not say of a usage is as root's php.ini would have it.
 */
import type { FileTree } from '../../../lib/php/file-tree.js';
import type { Setter } from '../../../lib/php/provenance.js';
import {
  type SessionSettingName,
  sessionSettingNames,
  type Usage,
} from '../../../lib/php/usage.js';
import {
  type Configuration,
  defaultConfiguration,
} from '../../../lib/stores/config/configuration.js';
import { parseConfiguration } from '../../../lib/stores/config/parse.js';
import { locate } from '../../../lib/stores/located-usage.js';
import { type MergeOptions, mergeUsages } from '../../../lib/stores/merge.js';
import type { Store } from '../../../lib/stores/store.js';
import { type TreeOptions, TreeReader } from '../../../lib/stores/tree-usages.js';

/** A value, and who set it where that is not root. */
export type Given = string | { readonly value: string; readonly setBy: Setter };

export interface UsageFacts {
  readonly label?: string;
  readonly tree: FileTree;
  readonly chroot?: string | null;
  /** The uid that it writes as; null: anyone. */
  readonly uid?: number | null;
  readonly warnings?: Usage['warnings'];
  readonly settings: Readonly<Partial<Record<SessionSettingName | 'path' | 'lifetime', Given>>>;
}

export function usageOf({
  label = 'php',
  tree,
  chroot,
  uid,
  warnings,
  settings,
}: UsageFacts): Usage {
  const { path: savePath, lifetime, ...others } = settings;
  const given = new Map<string, Given | undefined>([
    ['session.save_path', savePath],
    ['session.gc_maxlifetime', lifetime],
    ...Object.entries(others),
  ]);
  return {
    label,
    sapi: 'cli',
    tree,
    runsAs: uid === undefined || uid === null ? null : { uid, name: null },
    chroot: chroot ?? null,
    settings: new Map(
      sessionSettingNames.flatMap((name, index) => {
        const setting = given.get(name);
        if (setting === undefined) return [];
        const { value, setBy } =
          typeof setting === 'string' ? { value: setting, setBy: 0 } : setting;
        const source = { kind: 'file', file: `/etc/${label}.ini`, line: index + 1 } as const;
        return [[name, { value, source, setBy }] as const];
      }),
    ),
    warnings: warnings ?? [],
  };
}

export function configurationOf(toml: string): Configuration {
  return parseConfiguration(toml, '/etc/sescle/sescle.toml');
}

export function merged(usages: readonly Usage[], options: Partial<MergeOptions> = {}): Store[] {
  return mergeUsages(usages.map(locate), {
    warnings: [],
    configuration: defaultConfiguration,
    entryOf: () => undefined,
    rootOf: () => null,
    ...options,
  });
}

/** What reads a tree, once it has found the PHP that there is; it runs none. */
export async function readerOf(
  tree: FileTree,
  options: Pick<TreeOptions, 'clock'> = {},
): Promise<TreeReader> {
  const switches = { ...defaultConfiguration.discover, runPhp: false };
  const reader = new TreeReader(tree, { switches, labelPrefix: '', ...options });
  await reader.readInstallations();
  return reader;
}

/** The only one of these. */
export function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new Error(`not one, but ${values.length}`);
  return value;
}
