/**
 * PHP's configuration in ini files as one SAPI reads it: php.ini, the files of the scan directories,
 * the `-d` options; what is left of them for sessions, and where each value came from.
 *
 * Invariant: reads the files through the tree, runs nothing, never throws for what it reads. What a
 * setting says is PHP's last word before pools, virtual hosts and .user.ini have theirs.
 */

import { Allowances } from '../allowances.js';
import { type ByteString, printable } from '../byte-string.js';
import { type ConfigFile, type FileTree, maxFileBytes, Unreadable } from '../file-tree.js';
import {
  bothSetters,
  orRoot,
  type Setter,
  type Setting,
  type Source,
  type Warning,
} from '../provenance.js';
import { type SessionSettings, sessionSettingNames } from '../usage.js';
import {
  type Directive,
  type Directives,
  type IniExtension,
  IniHash,
  type IniHashOptions,
  type IniOverride,
} from './ini-hash.js';
import { findIniFiles, type IniPlace, type IniQuestion, unreadable } from './ini-places.js';

/** Of all files together: root's are as large as they are, a user could have as many as he likes. */
const maxRootBytes = 256 * 2 ** 20;
const maxUserBytes = 256 * 1024;

export interface IniFilesOptions extends IniQuestion, IniHashOptions {
  /** The text of all `-d` options (see defineText), and where they were given. */
  readonly defines?: { readonly text: ByteString; readonly source: Source } | undefined;
  /** Who could have chosen the files, the options and the environment. Default 0. */
  readonly setBy?: Setter | undefined;
}

/** One [PATH=…] or [HOST=…] section. Only CGI, FPM and FastCGI heed these, not Apache and the CLI. */
export interface SessionOverride {
  readonly kind: 'PATH' | 'HOST';
  readonly key: ByteString;
  readonly settings: SessionSettings;
}

export interface IniConfiguration {
  /** The files that were read, in PHP's order. */
  readonly files: readonly IniPlace[];
  /** All that PHP looks for, there or not: who may write there has a say. */
  readonly lookedAt: readonly IniPlace[];
  readonly settings: SessionSettings;
  readonly overrides: readonly SessionOverride[];
  readonly extensions: readonly IniExtension[];
  readonly extensionDir: Setting | null;
  /** Null: `.user.ini`, PHP's default; an empty value turns these files off. */
  readonly userIniFilename: Setting | null;
  readonly userIniCacheTtl: Setting | null;
  /** All directives, for what is layered upon these files. */
  readonly directives: Directives;
  readonly warnings: readonly Warning[];
}

/** Reads what a SAPI would read at its start. */
export function readIniFiles(tree: FileTree, options: IniFilesOptions): IniConfiguration {
  const { main, scanned, lookedAt, warnings } = findIniFiles(tree, options, orRoot(options.setBy));
  const chosenBy = orRoot(options.setBy);
  const hash = new IniHash(options);
  const files: IniPlace[] = [];
  const bytes = new Allowances(maxRootBytes, maxUserBytes);
  const writers = new Map(lookedAt.map(({ path, setBy }) => [path, setBy]));
  const fetch = (path: ByteString): ConfigFile | Unreadable => {
    const owner = bothSetters(orRoot(writers.get(path)), chosenBy);
    if (bytes.isUsedUp(owner)) return new Unreadable('there is too much before it');
    const file = tree.read(path, Math.min(maxFileBytes, bytes.of(owner)));
    if (!(file instanceof Unreadable)) bytes.take(owner, file.text.length);
    return file instanceof Unreadable && isNullDevice(tree, path) ? nothing(path) : file;
  };
  const read = (path: ByteString) => {
    const file = fetch(path);
    if (file instanceof Unreadable) {
      hash.warnings.push(unreadable(tree, path, file, chosenBy));
      return;
    }
    const setBy = bothSetters(file.setBy, chosenBy);
    files.push({ path, setBy });
    if (file.text.includes('\0'))
      hash.warnings.push({
        message: 'contains NUL bytes: this does not look like a text file',
        source: at(path, 0),
      });
    hash.read({ text: file.text, source: (line) => at(path, line), setBy });
  };
  if (main !== undefined) {
    read(main);
    hash.directives.set('cfg_file_path', { value: main, source: at(main, 0), setBy: chosenBy });
  }
  for (const path of scanned) read(path);
  const { defines } = options;
  if (defines !== undefined)
    hash.read({ text: defines.text, source: () => defines.source, setBy: chosenBy });
  const settings = sessionSettings(hash.directives, hash.warnings);
  for (const loss of hash.losses) hash.warnings.push(loss);
  return {
    files,
    lookedAt: lookedAt.map(({ path, setBy }) => ({ path, setBy: bothSetters(setBy, chosenBy) })),
    settings,
    overrides: hash.overrides.map(({ kind, key, directives }: IniOverride) => ({
      kind,
      key,
      settings: sessionSettings(directives, hash.warnings),
    })),
    extensions: hash.extensions,
    extensionDir: hash.setting('extension_dir') ?? null,
    userIniFilename: hash.setting('user_ini.filename') ?? null,
    userIniCacheTtl: hash.setting('user_ini.cache_ttl') ?? null,
    directives: hash.directives,
    warnings: [...warnings, ...hash.warnings],
  };
}

/**
 * The settings of sessions among directives; those that PHP cannot take are left out, with a warning.
 */
export function sessionSettings(directives: Directives, warnings: Warning[]): SessionSettings {
  const settings = new Map<(typeof sessionSettingNames)[number], Setting>();
  for (const name of sessionSettingNames) {
    // A directive of this name would not be the environment variable.
    if (name === 'TMPDIR') continue;
    const directive = directives.get(name);
    if (directive === undefined) continue;
    const refusal = refusalOf(name, directive);
    if (refusal === undefined && !('array' in directive)) {
      settings.set(name, directive);
      continue;
    }
    warnings.push({ message: `${name} ${refusal}`, source: directive.source });
    // Root's word is not lost by what somebody else wrote over it.
    if (directive.displaced !== undefined) settings.set(name, directive.displaced);
  }
  return settings;
}

function refusalOf(name: string, directive: Directive) {
  if ('array' in directive) return 'is an array here, which crashes PHP';
  // session.c, OnUpdateSaveHandler: only session_set_save_handler() may choose it.
  if (name === 'session.save_handler' && directive.value.toLowerCase() === 'user')
    return `cannot be ${printable(directive.value)} in an ini file: PHP keeps its default`;
  return undefined;
}

/** What PHP makes of a `-d` option (main/php_ini_builder.c); the texts of several are joined. */
export function defineText(option: ByteString): ByteString {
  const equals = option.indexOf('=');
  if (equals < 0) return `${option}=1\n`;
  const value = option.slice(equals + 1);
  if (value === '' || /^[a-zA-Z0-9"']/.test(value)) return `${option}\n`;
  return `${option.slice(0, equals)}="${value}"\n`;
}

/** As `php -c /dev/null` has it: no regular file, and known to be empty. */
function isNullDevice(tree: FileTree, path: ByteString): boolean {
  const place = tree.find(path);
  if (place instanceof Unreadable || place.path !== '/dev/null') return false;
  return !place.stat.isFile() && !place.stat.isDirectory();
}

function nothing(path: ByteString): ConfigFile {
  return { path, text: '', setBy: 0 };
}

function at(file: ByteString, line: number): Source {
  return { kind: 'file', file, line };
}
