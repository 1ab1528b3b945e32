/**
 * Small file trees for the tests of Apache's configuration.
 *
 * Invariant: a tree is a temporary directory of its test's own, and all in it belongs to the tests'
 * user unless a test says otherwise.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ApacheConfiguration, readApache } from '../../../../lib/php/apache/read-apache.js';
import { type ApacheUsage, apacheUsages } from '../../../../lib/php/apache/usages.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { describeSource, type Warning } from '../../../../lib/php/provenance.js';
import type { SessionSettings, Usage } from '../../../../lib/php/usage.js';
import { tempDir } from '../../../support/temp-dir.js';

export const loadPhp = 'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n';

/** Writes files below a new directory. */
export function writeTree(files: Readonly<Record<string, string>>, root = tempDir()): string {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, 'latin1');
  }
  return root;
}

export interface Read {
  readonly root: string;
  readonly tree: FileTree;
  readonly configuration: ApacheConfiguration;
}

/** Reads `/etc/apache2/apache2.conf` of such a tree, with mod_php loaded. */
export function readTree(files: Readonly<Record<string, string>>, defines?: string[]): Read {
  const main = 'etc/apache2/apache2.conf';
  const root = writeTree({ ...files, [main]: loadPhp + (files[main] ?? '') });
  const tree = new FileTree(root);
  const mainFile = `/${main}`;
  const configuration = readApache(tree, defines ? { mainFile, defines } : { mainFile });
  return { root, tree, configuration };
}

/** The usages of a main file. */
export function usagesOf(text: string, base: SessionSettings = new Map()): ApacheUsage[] {
  const { tree, configuration } = readTree({ 'etc/apache2/apache2.conf': text });
  return apacheUsages(configuration, base, { tree, labelPrefix: 'apache2' });
}

/** `label: name=value …`, for comparisons. */
export function summary({ label, settings }: Usage): string {
  const values = [...settings].map(
    ([name, { value }]) => `${name.replace('session.', '')}=${value}`,
  );
  return `${label}: ${values.sort().join(' ')}`;
}

export function texts(warnings: readonly Warning[]): string[] {
  return warnings.map(({ message, source }) =>
    source === undefined ? message : `${describeSource(source)}: ${message}`,
  );
}
