/**
 * What may make the php.ini that was read another than the one that PHP reads.
 *
 * Invariant: each doubt hides the settings of the users who could have written the unread file. So it keeps
 * sessions and never ends them.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import { type FileTree, Unreadable } from '../php/file-tree.js';
import { type IniConfiguration, type IniFilesOptions, readIniFiles } from '../php/ini/ini-files.js';
import type { Installation } from '../php/installed/installation.js';
import { orRoot, type Setter, type Warning } from '../php/provenance.js';
import type { SessionSettings } from '../php/usage.js';

/**
 * A PHP that has no php.ini where its packages put it: it may have one elsewhere, or be about to get
 * it back.
 */
export function missingIni(
  { label, isIniOptional }: Installation,
  { override, environment, ignoreFiles, searchDirs, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  if (directives.has('cfg_file_path')) return [];
  const named = override ?? environment?.get('PHPRC') ?? '';
  const isWithout: boolean =
    ignoreFiles === true || searchDirs.length === 0 || isIniOptional === true;
  if (named === '' && isWithout) return [];
  const places = named === '' ? searchDirs : [named];
  const message = `no php.ini of ${label} was found in ${places.map(printable).join(', ')}: the lifetime of its sessions is unknown. Set session.gc_maxlifetime in the pool or virtual host, or add the store to /etc/sescle/sescle.toml`;
  return [{ message, hides: orRoot(setBy) }];
}

/** A PHPRC that leads nowhere: a PHP that runs may have read what was there, and not its usual php.ini. */
export function goneIni(
  tree: FileTree,
  { override, environment, ignoreFiles, setBy }: IniFilesOptions,
  { directives }: IniConfiguration,
): Warning[] {
  const named = environment?.get('PHPRC') ?? '';
  const isUsed = override === undefined && ignoreFiles !== true && named.startsWith('/');
  if (!isUsed || !directives.has('cfg_file_path')) return [];
  const place = tree.find(named);
  if (!(place instanceof Unreadable && place.isMissing)) return [];
  const message = `PHPRC names ${printable(named)}, which does not exist: the lifetime of the sessions is unknown`;
  return [{ message, hides: orRoot(setBy) }];
}

export function unknownIni(program: ByteString, setBy: Setter): Warning {
  return {
    message: `sescle does not know which php.ini ${printable(program)} reads, so the lifetime of its sessions is unknown; add the store to /etc/sescle/sescle.toml`,
    hides: setBy,
  };
}

/** An FPM that has pools where it looks for them by itself; others are started with a file that is named. */
export function hasUsualPools({ sapi, fpmFile, poolDirectory }: Installation): boolean {
  return sapi === 'fpm' && (fpmFile !== null || poolDirectory !== undefined);
}

/** A program that does not show where it looks may be told when it is started. */
export function isIniKnown(
  { isIniUnknown }: Installation,
  options: Partial<IniFilesOptions>,
): boolean {
  return isIniUnknown !== true || options.override !== undefined || options.ignoreFiles === true;
}

/** Where a directory only looks as if PHP scanned it, and that makes a difference. */
export function scanDoubts(
  tree: FileTree,
  question: IniFilesOptions & Pick<Installation, 'isScanGuessed' | 'label'>,
  ini: IniConfiguration,
): Warning[] {
  if (question.isScanGuessed !== true || question.scanPath === '') return [];
  const without = readIniFiles(tree, { ...question, scanPath: '' });
  const values = [ini, without].map(({ settings }) => JSON.stringify(valuesOf(settings)));
  if (values[0] === values[1]) return [];
  const message = `sescle does not know whether ${question.label} reads ${printable(question.scanPath)}, so the lifetime of its sessions is unknown; add the store to /etc/sescle/sescle.toml`;
  return [{ message, hides: tree.setBy }];
}

/** Settings, to be compared. */
export function valuesOf(settings: SessionSettings): unknown[] {
  return Array.from(settings, ([name, { value, setBy }]) => [name, value, setBy]);
}
