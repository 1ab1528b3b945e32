/**
 * Small file trees for the tests of Apache's configuration.
 *
 * Invariant: a tree is a temporary directory of its test's own, and all in it belongs to the tests'
 * user unless a test says otherwise.
 */
import { type ApacheConfiguration, readApache } from '../../../../lib/php/apache/read-apache.js';
import { type ApacheUsage, apacheUsages } from '../../../../lib/php/apache/usages.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { describeSource, type Warning } from '../../../../lib/php/provenance.js';
import type { SessionSettings, Usage } from '../../../../lib/php/usage.js';
import { type Files, writeTree } from '../trees.js';

export const loadPhp = 'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n';

export interface Read {
  readonly root: string;
  readonly tree: FileTree;
  readonly configuration: ApacheConfiguration;
}

/** Reads `/etc/apache2/apache2.conf` of such a tree, with mod_php loaded. */
export function readTree(files: Files, defines?: string[]): Read {
  const main = 'etc/apache2/apache2.conf';
  const root = writeTree({ ...files, [main]: loadPhp + (files[main] ?? '') });
  const tree = new FileTree(root);
  const mainFile = `/${main}`;
  const configuration = readApache(tree, defines ? { mainFile, defines } : { mainFile });
  return { root, tree, configuration };
}

/** The usages of what was read. */
export function usagesIn(
  { tree, configuration }: Read,
  base: SessionSettings = new Map(),
  warnings: Warning[] = [],
): ApacheUsage[] {
  return apacheUsages(configuration, base, { tree, labelPrefix: 'apache2', warnings });
}

/** The usages of a main file. */
export function usagesOf(text: string, base: SessionSettings = new Map()): ApacheUsage[] {
  return usagesIn(readTree({ 'etc/apache2/apache2.conf': text }), base);
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
