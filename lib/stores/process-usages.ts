/**
 * What running processes add to the configuration files: PHP that was started with settings, ini
 * files or configurations of its own.
 *
 * Invariant: what a process says of itself is worth as much as its uid.
 */
import type { ByteString } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { sapiNames } from '../php/installations.js';
import type { ApacheArguments } from '../php/processes/arguments.js';
import type { PhpProcess } from '../php/processes/process.js';
import { processSettings } from '../php/processes/settings.js';
import { withStartCommand } from '../php/processes/unit-command.js';
import { bothSetters, type Setter, type Setting } from '../php/provenance.js';
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
    : withLifetimeOf(
        process.setBy,
        new Map([
          ...reader.settingsOf(read, {
            sapiName: sapiNames[process.sapi],
            override: iniOptions.path ?? undefined,
            ignoreFiles: iniOptions.noIni,
            environment,
            setBy: process.setBy,
          }),
          ...settings,
        ]),
      );
  if (fpm !== null) {
    const file = fpm.configFile ?? read.installation.fpmFile;
    if (file !== null && (process.setBy === 0 || tree.setBy !== 0)) {
      reader.addPoolsOf(file, fpm.prefix, process.label, { ...read, settings: own });
    }
    return;
  }
  if (apache !== null) {
    if (process.setBy === 0) addApache(reader, process, apache, tree);
    return;
  }
  const usage: Usage = {
    ...reader.usage(`${process.label} (pid ${process.pid})`, process.sapi, own),
    runsAs: { uid: process.uid, name: null },
  };
  reader.usages.push(usage);
}

/** Whoever leaves the usual php.ini out has chosen PHP's own default instead of root's word. */
function withLifetimeOf(setBy: Setter, settings: SessionSettings): SessionSettings {
  const lifetime = settings.get('session.gc_maxlifetime');
  if (lifetime === undefined) return settings;
  const bounded = { ...lifetime, setBy: bothSetters(lifetime.setBy, setBy) };
  return new Map([...settings, ['session.gc_maxlifetime', bounded]]);
}

/** What apache2 is built with: where its paths begin, and its main file there. */
const builtIn: readonly (readonly [root: ByteString, mainFile: ByteString])[] = [
  ['/etc/apache2', 'apache2.conf'],
  ['/etc/httpd', 'conf/httpd.conf'],
  ['/usr/local/apache2', 'conf/httpd.conf'],
];

/** Its own main file and root; where it has the usual ones they have been read already. */
function addApache(
  reader: TreeReader,
  { pid, arguments: words, environment, setBy }: PhpProcess,
  { configFile, serverRoot: given, defines }: ApacheArguments,
  tree: FileTree,
): void {
  if (configFile === null && given === null) return;
  const [root, usualFile] = builtIn.find(
    ([directory]) => !(tree.find(directory) instanceof Unreadable),
  ) ?? ['/', 'apache2.conf'];
  const serverRoot = given ?? root;
  const file = configFile ?? usualFile;
  const setting = (value: ByteString): Setting => ({
    value,
    source: { kind: 'process', pid },
    setBy,
  });
  reader.addApacheOf({
    mainFile: file.startsWith('/') ? file : `${serverRoot}/${file}`,
    serverRoot,
    ...(words === null ? {} : { defines }),
    ...(environment === null
      ? {}
      : {
          environment: new Map(
            Array.from(environment, ([name, value]): [ByteString, Setting] => [
              name,
              setting(value),
            ]),
          ),
        }),
  });
}
