/**
 * Ways in which PHP runs, and trees of files that they are meant in, for the tests of stores.
 *
 * Invariant: a tree is a temporary directory of its test's own; what a test does not say of a usage
 * is as root's php.ini would have it.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileTree, type FileTreeOptions } from '../../../lib/php/file-tree.js';
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
import { tempDir } from '../../support/temp-dir.js';

export const isRoot = process.geteuid?.() === 0;

/** Files by name; null: a directory; `-> TARGET`: a link. */
export type Files = Readonly<Record<string, string | null>>;

export function writeTree(files: Files, root = tempDir()): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(text === null ? file : path.dirname(file), { recursive: true });
    if (text?.startsWith('-> ')) symlinkSync(text.slice(3), file);
    else if (text !== null) writeFileSync(file, text, 'latin1');
  }
  return root;
}

export function treeOf(files: Files, options: FileTreeOptions = {}): FileTree {
  return new FileTree(writeTree(files), options);
}

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

/** The only one of these. */
export function only<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new Error(`not one, but ${values.length}`);
  return value;
}
