/**
 * What running processes add to the configuration files: PHP that was started with settings, ini
 * files or configurations of its own.
 *
 * Invariant: what a process says of itself is worth as much as its uid.
 */
import type { FileTree } from '../php/file-tree.js';
import { sapiNames } from '../php/installations.js';
import type { PhpProcess } from '../php/processes/process.js';
import { processSettings } from '../php/processes/settings.js';
import { withStartCommand } from '../php/processes/unit-command.js';
import type { SessionSettings, Usage } from '../php/usage.js';
import type { TreeReader } from './tree-usages.js';

/** Adds the usages of one process to those of the tree that it runs in. */
export function addProcess(
  reader: TreeReader,
  found: PhpProcess,
  tree: FileTree,
  host: FileTree,
): void {
  if (found.master !== null) return;
  const process = withStartCommand(found, host);
  const read = reader.installationFor(process.version, sapiNames[process.sapi]);
  if (read === undefined) return;
  const { iniOptions, settings, fpm, apache } = processSettings(process);
  const environment = new Map<string, string>();
  if (iniOptions.phprc !== null) environment.set('PHPRC', iniOptions.phprc);
  if (iniOptions.scanDir !== null) environment.set('PHP_INI_SCAN_DIR', iniOptions.scanDir);
  const isUsual =
    iniOptions.path === null && !iniOptions.noIni && environment.size === 0 && settings.size === 0;
  const own: SessionSettings = isUsual
    ? read.settings
    : new Map([
        ...reader.settingsOf(read, {
          sapiName: sapiNames[process.sapi],
          override: iniOptions.path ?? undefined,
          ignoreFiles: iniOptions.noIni,
          environment,
          setBy: process.setBy,
        }),
        ...settings,
      ]);
  if (fpm !== null) {
    const file = fpm.configFile ?? read.installation.fpmFile;
    if (file !== null && (process.setBy === 0 || tree.setBy !== 0)) {
      reader.addPoolsOf(file, fpm.prefix, process.label, { ...read, settings: own });
    }
    return;
  }
  if (apache !== null) {
    if (apache.configFile !== null && process.setBy === 0) reader.addApacheOf(apache.configFile);
    return;
  }
  const usage: Usage = {
    ...reader.usage(`${process.label} (pid ${process.pid})`, process.sapi, own),
    runsAs: { uid: process.uid, name: null },
  };
  reader.usages.push(usage);
}
