/**
 * FPM's pools as their packages start it, where no process and no service told of another way; and what
 * lies beside them that nothing names.
 *
 * Invariant: what runs was read before. Pools that nothing includes keep their sessions.
 */
import { printable } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { join } from '../php/paths.js';
import { hasUsualPools } from './ini-doubts.js';
import { allDoubts, type ReadInstallation } from './tree/read-installation.js';
import { filesOf, withDoubts } from './tree/usage-doubts.js';
import type { TreeReader } from './tree-usages.js';

export function addUsualPools(reader: TreeReader, tree: FileTree): void {
  if (!reader.switches.fpm) return;
  const run = new Set(reader.runFiles);
  for (const read of reader.installations) {
    const { fpmFile: mainFile, label } = read.installation;
    if (mainFile === null || run.has(mainFile)) continue;
    reader.addPools({ mainFile, prefix: null, label, environment: null, setBy: 0 }, read);
  }
  for (const read of reader.installations) addLonePools(reader, tree, read);
  for (const read of reader.installations) addOwnDirectory(reader, read);
}

/** Pools that no php-fpm.conf was found for, which would say what else belongs to them. */
function addLonePools(reader: TreeReader, tree: FileTree, read: ReadInstallation): void {
  const { poolDirectory, label } = read.installation;
  if (poolDirectory === undefined) return;
  const names = tree.list(poolDirectory);
  const message = `no php-fpm.conf was found that includes ${printable(poolDirectory)}: the lifetime of its pools' sessions is unknown`;
  const doubt = { message, hides: tree.setBy };
  if (names instanceof Unreadable) {
    if (!names.isClosedToAll) reader.warnings.push(doubt);
    return;
  }
  for (const name of names) {
    const mainFile = join(poolDirectory, name);
    if (!name.endsWith('.conf') || reader.poolFiles.has(mainFile)) continue;
    const start = { mainFile, prefix: null, label, environment: null, setBy: 0 };
    reader.addPools(start, { ...read, doubts: [...read.doubts, doubt] });
  }
}

/** The directory that php.ini gives pools which have none of their own: there may have been such. */
function addOwnDirectory(reader: TreeReader, read: ReadInstallation): void {
  const { installation, ini, settings } = read;
  const savePath = ini.settings.get('session.save_path');
  if (!hasUsualPools(installation) || savePath === undefined) return;
  const isUsed = reader.usages.some(
    (usage) => usage.settings.get('session.save_path')?.value === savePath.value,
  );
  if (isUsed) return;
  const usage = reader.usage(`${installation.label}, by php.ini alone`, 'fpm', settings);
  reader.add([withDoubts({ ...usage, readFrom: filesOf(ini) }, allDoubts(read))], ini);
}
