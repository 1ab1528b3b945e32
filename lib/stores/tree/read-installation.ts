/**
 * One PHP with what its php.ini says, as it is started.
 *
 * Invariant: a php.ini that should be there and is not, is a doubt, never PHP's defaults.
 */
import { type ByteString, printable } from '../../php/byte-string.js';
import { compiledInSettings } from '../../php/compiled-in.js';
import { type FileTree, Unreadable } from '../../php/file-tree.js';
import {
  type IniConfiguration,
  type IniFilesOptions,
  readIniFiles,
} from '../../php/ini/ini-files.js';
import { dialectOf } from '../../php/ini/scan-rules.js';
import { type Installation, sapiNames } from '../../php/installations.js';
import { orRoot, type Setter, type Warning } from '../../php/provenance.js';
import { layered, type SessionSettings } from '../../php/usage.js';

/** One PHP with what its php.ini says. */
export interface ReadInstallation {
  readonly installation: Installation;
  readonly ini: IniConfiguration;
  /** What was compiled in, without any php.ini. */
  readonly defaults: SessionSettings;
  readonly settings: SessionSettings;
  /** What may say otherwise, and was not read; each hides whose word that would be. */
  readonly doubts: readonly Warning[];
  /** Why another php.ini may be its own, which is a doubt too; null: it is this one. */
  readonly unknown: Warning | null;
}

export function allDoubts({ unknown, doubts }: ReadInstallation): readonly Warning[] {
  return unknown === null ? doubts : [unknown, ...doubts];
}

/**
 * @param defaults what was compiled in
 * @param options how it is started; nothing of them where it is as its packages have it
 * @returns its `doubts` are all that is to be told of it
 */
export function readInstallation(
  tree: FileTree,
  installation: Installation,
  defaults: SessionSettings,
  options: Partial<IniFilesOptions>,
): ReadInstallation {
  const question = { ...iniOptions(installation), ...options };
  const ini = readIniFiles(tree, question);
  const isEvident =
    Object.keys(options).length > 0 ||
    installation.sapi === 'fpm' ||
    installation.sapi === 'apache2' ||
    !(tree.find(installation.interpreter) instanceof Unreadable);
  const missing = [
    ...(isEvident ? missingIni(installation, question, ini) : []),
    ...goneIni(tree, question, ini),
  ];
  const settings = layered(defaults, ini.settings);
  return {
    installation,
    ini,
    defaults,
    settings,
    doubts: [...ini.warnings, ...missing],
    unknown: null,
  };
}

/** Someone's PHP whose php.ini nobody knows: by another's, or PHP's own defaults, and with a doubt. */
export function unknownPhp(
  near: ReadInstallation | undefined,
  sapi: keyof typeof sapiNames,
  program: ByteString,
  setBy: Setter,
): ReadInstallation {
  const defaults = compiledInSettings('upstream');
  const unknown: Warning = {
    message: `which php.ini ${printable(program)} reads is not known, and so not how long its sessions live; name the store in /etc/sescle/sescle.toml`,
    hides: setBy,
  };
  if (near !== undefined) return { ...near, unknown };
  const installation: Installation = {
    label: `php-${sapi}`,
    sapi,
    sapiName: sapiNames[sapi],
    version: null,
    searchDirs: [],
    scanPath: '',
    fpmFile: null,
    interpreter: '',
    packager: 'upstream',
  };
  return { installation, ini: noIni, defaults, settings: defaults, doubts: [], unknown };
}

/**
 * A PHP that has no php.ini where its packages put it: it may have one elsewhere, or be about to get
 * it back.
 */
function missingIni(
  { label, isIniOptional }: Installation,
  { override, environment, ignoreFiles, searchDirs, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  if (directives.has('cfg_file_path')) return [];
  const named = override ?? environment?.get('PHPRC') ?? '';
  const isWithout: boolean =
    ignoreFiles === true || searchDirs.length === 0 || isIniOptional === true;
  if (named === '' && isWithout) return [];
  const directories = named === '' ? searchDirs : [named];
  const message = `no php.ini of ${label} was found in ${directories.map(printable).join(', ')}: how long its sessions live is not known. Set session.gc_maxlifetime in the pool or virtual host, or name the store in /etc/sescle/sescle.toml`;
  return [{ message, hides: orRoot(setBy) }];
}

/** A PHPRC that leads nowhere: a PHP that runs may have read what was there, and not its usual php.ini. */
function goneIni(
  tree: FileTree,
  { override, environment, ignoreFiles, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  const named = environment?.get('PHPRC') ?? '';
  const isUsed = override === undefined && ignoreFiles !== true && named.startsWith('/');
  if (!isUsed || !directives.has('cfg_file_path')) return [];
  const place = tree.find(named);
  if (!(place instanceof Unreadable && place.isMissing)) return [];
  const message = `${printable(named)}, which PHPRC names, is not there: how long sessions live is not known`;
  return [{ message, hides: orRoot(setBy) }];
}

const noIni: IniConfiguration = {
  files: [],
  lookedAt: [],
  settings: new Map(),
  overrides: [],
  extensions: [],
  extensionDir: null,
  userIniFilename: null,
  userIniCacheTtl: null,
  directives: new Map(),
  warnings: [],
};

function iniOptions({ sapiName, searchDirs, scanPath, version }: Installation): IniFilesOptions {
  return {
    sapiName,
    searchDirs,
    scanPath,
    dialect: dialectOf(version),
  };
}
