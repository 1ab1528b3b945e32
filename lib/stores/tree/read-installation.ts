/**
 * One PHP with what its php.ini says, as it is started.
 *
 * Invariant: a php.ini that should be there and is not, is a doubt, never PHP's defaults.
 */
import type { ByteString } from '../../php/byte-string.js';
import { compiledInSettings } from '../../php/compiled-in.js';
import { type FileTree, Unreadable } from '../../php/file-tree.js';
import {
  type IniConfiguration,
  type IniFilesOptions,
  readIniFiles,
} from '../../php/ini/ini-files.js';
import { dialectOf } from '../../php/ini/scan-rules.js';
import { type Installation, sapiNames } from '../../php/installed/installation.js';
import type { Setter, Warning } from '../../php/provenance.js';
import { layered, type SessionSettings } from '../../php/usage.js';
import {
  goneIni,
  hasUsualPools,
  isIniKnown,
  missingIni,
  scanDoubts,
  unknownIni,
} from '../ini-doubts.js';

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
    hasUsualPools(installation) ||
    installation.sapi === 'apache2' ||
    (installation.sapi !== 'fpm' && installation.programs !== undefined) ||
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
    doubts: [...ini.warnings, ...missing, ...scanDoubts(tree, question, ini)],
    unknown: isIniKnown(installation, options)
      ? null
      : unknownIni(installation.programs?.[0] ?? installation.label, tree.setBy),
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
  const unknown = unknownIni(program, setBy);
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

function iniOptions({
  sapiName,
  searchDirs,
  scanPath,
  version,
  label,
  isScanGuessed = false,
}: Installation): IniFilesOptions & Pick<Installation, 'label' | 'isScanGuessed'> {
  return {
    sapiName,
    searchDirs,
    scanPath,
    dialect: dialectOf(version),
    label,
    isScanGuessed,
  };
}
