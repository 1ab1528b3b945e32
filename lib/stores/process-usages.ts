/**
 * What running processes add to the configuration files: PHP that was started with settings, ini
 * files or configurations of its own.
 *
 * Invariant: what a process says of itself is worth as much as its uid.
 */
import type { ByteString } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import type { IniFilesOptions } from '../php/ini/ini-files.js';
import { sapiNames } from '../php/installations.js';
import type { ApacheArguments } from '../php/processes/arguments.js';
import { caddyfileSettings } from '../php/processes/caddyfile.js';
import type { PhpProcess } from '../php/processes/process.js';
import { processSettings } from '../php/processes/settings.js';
import { withStartCommand } from '../php/processes/start-command.js';
import { bothSetters, type Setter, type Setting, type Warning } from '../php/provenance.js';
import { layered, type SessionSettings } from '../php/usage.js';
import { allDoubts, type ReadInstallation, type TreeReader } from './tree-usages.js';

/** Adds the usages of one process to those of the tree that it runs in. */
export function addProcess(
  reader: TreeReader,
  found: PhpProcess,
  tree: FileTree,
  host: FileTree,
): void {
  if (found.master !== null) return;
  const process = withStartCommand(found, host);
  const { settings, ini, fpm, apache } = given(process);
  if (apache !== null) {
    if (process.setBy === 0) addApache(reader, process, apache, ini, tree);
    else reader.warnings.push(notRead(process));
    return;
  }
  const started = startedAs(reader, process, ini);
  const caddy = caddyfileSettings(tree, process);
  const over = layered(settings, caddy.settings);
  const own: ReadInstallation = {
    ...started,
    settings:
      ini === undefined && over.size === 0
        ? started.settings
        : withLifetimeOf(process.setBy, layered(started.settings, over)),
    doubts: [...started.doubts, ...(process.warnings ?? []), ...caddy.warnings],
  };
  if (fpm !== null) {
    const mainFile = fpm.configFile ?? own.installation.fpmFile;
    if (mainFile === null) {
      reader.warnings.push(notRead(process));
      return;
    }
    const { environment } = process;
    const temporary = environment?.get('TMPDIR');
    reader.addPools(
      {
        mainFile,
        prefix: fpm.prefix,
        label: own.installation.sapi === 'fpm' ? own.installation.label : process.label,
        environment,
        setBy: process.setBy,
      },
      temporary === undefined || temporary === ''
        ? own
        : {
            ...own,
            settings: layered(own.settings, new Map([['TMPDIR', said(process, temporary)]])),
          },
    );
    return;
  }
  reader.usages.push({
    ...reader.usage(`${process.label} (pid ${process.pid})`, process.sapi, own.settings),
    runsAs: { uid: process.uid, name: null },
    warnings: allDoubts(own),
  });
}

/** Its PHP with what it reads; a doubt about which PHP it is stays, however it was started. */
function startedAs(
  reader: TreeReader,
  process: PhpProcess,
  ini: Partial<IniFilesOptions> | undefined,
): ReadInstallation {
  const usual = reader.installationOf(process, process.sapi, process.setBy);
  const { iniFiles } = process;
  if (iniFiles !== undefined) {
    const sure = { ...usual, unknown: null };
    // Where something is in doubt, its environment may settle it.
    return hasRead(sure, iniFiles) && sure.doubts.length === 0
      ? sure
      : reader.startedWith({ ...sure, doubts: [] }, ini ?? {});
  }
  if (ini !== undefined) return reader.startedWith(usual, ini);
  return usual.doubts.length === 0 || process.environment === null
    ? usual
    : reader.startedWith(usual, variablesOf(process, new Map()));
}

/** Whether the files that it read are those that a PHP of its layout reads. */
function hasRead(
  { ini }: ReadInstallation,
  { mainFile, scanDirectories }: NonNullable<PhpProcess['iniFiles']>,
): boolean {
  const main = ini.directives.get('cfg_file_path');
  const mainPath = main !== undefined && 'value' in main ? main.value : null;
  const others = ini.files.filter(({ path }) => path !== mainPath);
  const directories = new Set(others.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
  return mainPath === mainFile && [...directories].join(':') === scanDirectories.join(':');
}

/** @returns `ini` undefined where it reads php.ini as it always does */
function given(process: PhpProcess) {
  const { iniOptions, ...rest } = processSettings(process);
  const { path, noIni, phprc, scanDir } = iniOptions;
  const { iniFiles } = process;
  const named = new Map<ByteString, ByteString>();
  if (iniFiles !== undefined) {
    named.set('PHP_INI_SCAN_DIR', iniFiles.scanDirectories.join(':'));
  } else {
    if (phprc !== null) named.set('PHPRC', phprc);
    if (scanDir !== null) named.set('PHP_INI_SCAN_DIR', scanDir);
  }
  const isUsual = path === null && !noIni && named.size === 0;
  const ini: Partial<IniFilesOptions> | undefined = isUsual
    ? undefined
    : {
        sapiName: sapiNames[process.sapi],
        override: iniFiles?.mainFile ?? path ?? undefined,
        ignoreFiles: noIni,
        ...variablesOf(process, named),
        setBy: process.setBy,
        ...(iniFiles === undefined ? {} : { searchDirs: [], scanPath: '' }),
      };
  return { ...rest, ini };
}

/** What `${NAME}` in an ini file stands for, and where that is looked for. */
function variablesOf(
  { environment }: PhpProcess,
  named: ReadonlyMap<ByteString, ByteString>,
): Pick<IniFilesOptions, 'environment' | 'isEnvironmentKnown'> {
  return {
    environment: new Map([...(environment ?? []), ...named]),
    isEnvironmentKnown: environment !== null,
  };
}

function said({ pid, setBy }: PhpProcess, value: ByteString): Setting {
  return { value, source: { kind: 'process', pid }, setBy };
}

/** Whoever starts a server of his own has its configuration to himself. */
function notRead({ label, pid, setBy }: PhpProcess): Warning {
  return {
    message: `the configuration of ${label} (process ${pid}) is not known, and so not how long its sessions live`,
    source: { kind: 'process', pid },
    hides: setBy,
  };
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

/** Its own main file and root, with all that it was started with. */
function addApache(
  reader: TreeReader,
  process: PhpProcess,
  { configFile, serverRoot: given, defines, directivesBefore, directivesAfter }: ApacheArguments,
  iniOptions: Partial<IniFilesOptions> | undefined,
  tree: FileTree,
): void {
  const [root, usualFile] = builtIn.find(
    ([directory]) => !(tree.find(directory) instanceof Unreadable),
  ) ?? ['/', 'apache2.conf'];
  const serverRoot = given ?? root;
  const file = configFile ?? usualFile;
  const { arguments: words, environment } = process;
  reader.addApache({
    mainFile: file.startsWith('/') ? file : `${serverRoot}/${file}`,
    serverRoot,
    ...(words === null ? {} : { defines }),
    before: directivesBefore.map((line) => said(process, line)),
    after: directivesAfter.map((line) => said(process, line)),
    ...(environment === null
      ? {}
      : {
          environment: new Map(
            Array.from(environment, ([name, value]): [ByteString, Setting] => [
              name,
              said(process, value),
            ]),
          ),
        }),
    ...(iniOptions === undefined ? {} : { iniOptions }),
  });
}
