/**
 * What running processes add to the configuration files: PHP that was started with settings, ini
 * files or configurations of its own.
 *
 * Invariant: what a process says of itself is worth as much as its uid.
 */
import { usualApache } from '../php/apache/layouts.js';
import type { ByteString } from '../php/byte-string.js';
import type { FileTree } from '../php/file-tree.js';
import type { IniFilesOptions } from '../php/ini/ini-files.js';
import { sapiNames } from '../php/installed/installation.js';
import { absolutePath, isWithin } from '../php/paths.js';
import type { ApacheArguments } from '../php/processes/arguments.js';
import { caddyfileSettings } from '../php/processes/caddyfile.js';
import type { PhpProcess } from '../php/processes/process.js';
import { processSettings, saidBy } from '../php/processes/settings.js';
import { withStartCommand } from '../php/processes/start-command.js';
import { bothSetters, type Setter, type Setting, type Warning } from '../php/provenance.js';
import { layered, type SessionSettings } from '../php/usage.js';
import { apacheBuild } from '../php/web-servers/build.js';
import { allDoubts, type ReadInstallation } from './tree/read-installation.js';
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
  const { settings, ini, fpm, apache } = given(process);
  if (apache !== null) {
    if (process.setBy === 0) addApache(reader, process, apache, ini, tree);
    else reader.warnings.push(notRead(process));
    return;
  }
  const own = phpOf(reader, process, tree, { settings, ini });
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
            settings: layered(own.settings, new Map([['TMPDIR', saidBy(process, temporary)]])),
          },
    );
    return;
  }
  reader.usages.push({
    ...reader.usage(nameOf(process), process.sapi, own.settings),
    runsAs: { uid: process.uid, name: null },
    warnings: allDoubts(own),
  });
}

/** The PHP that it runs, as it was started. */
export function phpOf(
  reader: TreeReader,
  process: PhpProcess,
  tree: FileTree,
  { settings, ini }: Pick<ReturnType<typeof given>, 'settings' | 'ini'> = given(process),
): ReadInstallation {
  const started = startedAs(reader, process, ini);
  const caddy = caddyfileSettings(tree, process);
  const over = layered(settings, caddy.settings);
  return {
    ...started,
    settings:
      ini === undefined && over.size === 0
        ? started.settings
        : withLifetimeOf(process.setBy, layered(started.settings, over)),
    doubts: [...started.doubts, ...(process.warnings ?? []), ...caddy.warnings],
  };
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

/** One that does not run has no pid. */
function nameOf({ label, pid }: PhpProcess): string {
  return pid === 0 ? label : `${label} (pid ${pid})`;
}

/** Whoever starts a server of his own has its configuration to himself. */
function notRead(process: PhpProcess): Warning {
  const { pid, setBy, source = { kind: 'process', pid } } = process;
  return {
    message: `the configuration of ${nameOf(process)} is unknown, and so is the lifetime of its sessions`,
    source,
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

/** Its own main file and root, with all that it was started with. */
function addApache(
  reader: TreeReader,
  process: PhpProcess,
  { configFile, serverRoot: given, defines, directivesBefore, directivesAfter }: ApacheArguments,
  iniOptions: Partial<IniFilesOptions> | undefined,
  tree: FileTree,
): void {
  const { arguments: words, environment, exe } = process;
  const build = exe === null ? null : apacheBuild(tree, exe);
  const usual = usualApache(tree);
  const usualRoot = build?.prefix ?? usual.serverRoot ?? pathAbove(usual.mainFile);
  const serverRoot = given ?? usualRoot;
  const file = configFile ?? build?.mainFile ?? below(usualRoot, usual.mainFile);
  reader.addApache({
    mainFile: absolutePath(serverRoot, file),
    isRunning: true,
    serverRoot,
    ...(words === null ? {} : { defines }),
    before: directivesBefore.map((line) => saidBy(process, line)),
    after: directivesAfter.map((line) => saidBy(process, line)),
    ...(environment === null
      ? {}
      : {
          environment: new Map(
            Array.from(environment, ([name, value]): [ByteString, Setting] => [
              name,
              saidBy(process, value),
            ]),
          ),
        }),
    ...(iniOptions === undefined ? {} : { iniOptions }),
  });
}

function pathAbove(path: ByteString): ByteString {
  return absolutePath(path, '..');
}

/** As it is written for those whose paths begin there: another root has another such file. */
function below(root: ByteString, path: ByteString): ByteString {
  return isWithin(path, root) ? path.slice(root.length).replace(/^\//, '') : path;
}
