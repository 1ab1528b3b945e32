/**
 * The .htaccess and .user.ini files that were found, and what they set of PHP's sessions.
 *
 * Invariant: each is read once. A file counts as the word of the user who could have written it; one that PHP
 * or Apache may have read, and we have not, leaves a doubt in its place.
 */
import { type ByteString, printable } from '../byte-string.js';
import {
  type ConfigFile,
  type FileTree,
  maxFileBytes,
  type Place,
  Unreadable,
} from '../file-tree.js';
import type { ParseIni } from '../ini/ini.js';
import { isLikeConstant, knownConstant } from '../ini/ini-values.js';
import type { PhpValue } from '../nginx/php-values.js';
import { join, prefixes } from '../paths.js';
import {
  orRoot,
  over,
  type Setter,
  type Setting,
  type Source,
  type Warning,
} from '../provenance.js';
import { type SessionSettingName, sessionSettingNames } from '../usage.js';
import type { WarningList } from '../warning-list.js';
import type { ApacheConfiguration } from './read-apache.js';
import type { Section } from './section.js';
import { unreadSection } from './sections.js';
import type { PlacedWrapper } from './wrappers.js';

/** What a file sets for the scripts in its directory and below. */
export interface DirectoryOverride {
  readonly kind: '.htaccess' | '.user.ini';
  readonly file: ByteString;
  readonly directory: ByteString;
  /** The document roots that it is below. */
  readonly roots: readonly ByteString[];
  readonly setBy: Setter;
  /** Of a .user.ini. */
  readonly settings: ReadonlyMap<SessionSettingName, Setting>;
  /** What a .user.ini sets and we cannot tell: PHP may know longer lifetimes. */
  readonly doubts?: readonly Warning[];
  /** What an .htaccess has Apache tell PHP-FPM. */
  readonly phpValues?: readonly PhpValue[];
  /** Of an .htaccess; whether it counts is for AllowOverride to say. */
  readonly section: Section | null;
}

/** More of them no user's file is read. */
const maxUserFileBytes = 64 * 1024;

export interface OverrideFilesOptions {
  readonly tree: FileTree;
  /** Of the document roots. */
  readonly rootPaths: ReadonlySet<ByteString>;
  readonly parseIni: ParseIni;
  readonly apache: ApacheConfiguration | null;
  readonly userIniNames: readonly ByteString[];
  readonly warnings: WarningList;
}

export class OverrideFiles {
  readonly overrides: DirectoryOverride[] = [];
  readonly wrappers: PlacedWrapper[] = [];
  readonly accessFileNames: ReadonlySet<ByteString>;
  readonly #userIniNames: ReadonlySet<ByteString>;
  readonly #tree: FileTree;
  readonly #rootPaths: ReadonlySet<ByteString>;
  readonly #parseIni: ParseIni;
  readonly #apache: ApacheConfiguration | null;
  readonly #warnings: WarningList;
  readonly #seen = new Set<ByteString>();

  constructor({ tree, rootPaths, parseIni, apache, userIniNames, warnings }: OverrideFilesOptions) {
    this.#tree = tree;
    this.#rootPaths = rootPaths;
    this.#parseIni = parseIni;
    this.#apache = apache;
    this.accessFileNames = new Set(apache?.accessFileNames);
    this.#userIniNames = new Set(userIniNames);
    this.#warnings = warnings;
  }

  /** Whether any is wanted at all. */
  get areWanted(): boolean {
    return this.accessFileNames.size > 0 || this.#userIniNames.size > 0;
  }

  isOne(name: ByteString): boolean {
    return this.accessFileNames.has(name) || this.#userIniNames.has(name);
  }

  /** @param entry the file itself, or where a link above the document root leads */
  read(directory: ByteString, name: ByteString, entry: Place | Unreadable): void {
    const file = join(directory, name);
    if (this.#seen.has(file)) return;
    this.#seen.add(file);
    const source: Source = { kind: 'file', file, line: 1 };
    const place = entry instanceof Unreadable ? entry : this.#target(file, entry, source);
    if (place === undefined) return;
    if (place instanceof Unreadable) {
      if (place.isMissing) return;
      const setBy = orRoot(place.setBy);
      this.#warnings.add(
        cannotBeRead(file, place.reason),
        source,
        place.isClosedToAll ? null : setBy,
      );
      if (!place.isClosedToAll) this.#addUnread(directory, name, place.reason, setBy);
      return;
    }
    if (!place.stat.isFile()) {
      this.#warnings.add('is not a regular file: not read', source);
      return;
    }
    const maxBytes = place.setBy === 0 ? maxFileBytes : maxUserFileBytes;
    const read = this.#tree.read(file, maxBytes);
    if (read instanceof Unreadable) {
      if (read.isMissing) return;
      const setBy = read.setBy ?? place.setBy;
      this.#warnings.add(cannotBeRead(file, read.reason), source, setBy);
      this.#addUnread(directory, name, read.reason, setBy);
    } else if (this.accessFileNames.has(name)) {
      this.#readAccessFile(directory, { ...read, path: file });
    } else {
      this.#readUserIni(directory, { ...read, path: file });
    }
  }

  /** Where a file's link leads: PHP and Apache follow it, if they may read what is there. */
  #target(file: ByteString, entry: Place, source: Source): Place | Unreadable | undefined {
    if (!entry.stat.isSymbolicLink()) return entry;
    const target = this.#tree.find(file);
    if (target instanceof Unreadable) return target;
    const mayRead =
      entry.setBy === 0 ||
      entry.setBy === target.stat.uid ||
      (target.stat.mode & 0o004) !== 0 ||
      !target.stat.isFile();
    if (mayRead) return target;
    const message = 'is a link to a file that its owner may not read: its settings are unknown';
    this.#warnings.add(message, source, target.setBy);
    return undefined;
  }

  #readAccessFile(directory: ByteString, file: ConfigFile): void {
    // Macros and variables may hold the words that are looked for.
    if (
      !/php_|<macro|\buse\s|\$\{|fcgid?wrapper|^\s*action\s/im.test(file.text) &&
      isBalanced(file.text)
    )
      return;
    const read = this.#apache?.readAccessFile(file);
    if (read === undefined) return;
    this.#warnings.addAll(read.warnings);
    const doubts = read.warnings.filter(({ hides }) => hides !== undefined);
    const { section, phpValues, wrappers } = read;
    for (const wrapper of wrappers) this.wrappers.push(wrapper);
    if (!setsSomething(section) && doubts.length === 0 && phpValues.length === 0) return;
    this.#add('.htaccess', directory, file, new Map(), { ...section, doubts }, [], phpValues);
  }

  #readUserIni(directory: ByteString, file: ConfigFile): void {
    let unknown: ByteString[] = [];
    const doubts: Warning[] = [];
    const settings = new Map<SessionSettingName, Setting>();
    const { error } = this.#parseIni(file.text, {
      variable: (name) => {
        unknown.push(`\${${name}}`);
        return undefined;
      },
      constant: (name) => {
        const value = knownConstant(name);
        // PHP knows those of all its extensions by now.
        if (value === undefined && isLikeConstant(name)) unknown.push(name);
        return value;
      },
      entered: ({ section, key, offset, value, line }) => {
        const missing = unknown;
        unknown = [];
        // php_ini_parser_cb() keeps what stands under [PATH=…] and [HOST=…] apart.
        if (offset !== null || (section !== null && /^(?:path|host)/i.test(section))) return;
        const known = sessionSettingNames.find((other) => other === key);
        // Only an administrator may set sys_temp_dir; TMPDIR is no ini setting.
        if (known === undefined || known === 'sys_temp_dir' || known === 'TMPDIR') return;
        const source: Source = { kind: 'file', file: file.path, line };
        const [name] = missing;
        if (name !== undefined && known === 'session.gc_maxlifetime') {
          const message = `the value of ${printable(name)} is unknown, and so is the lifetime of the sessions`;
          doubts.push({ message, source, hides: file.setBy });
        } else if (name !== undefined)
          this.#warnings.add(`${printable(name)} is unknown`, source, file.setBy);
        settings.set(known, over(settings.get(known), { value, source, setBy: file.setBy }));
      },
    });
    if (error !== null) {
      // PHP may have read the file before it was broken.
      const source: Source = { kind: 'file', file: file.path, line: error.line };
      doubts.push({ message: error.message, source, hides: file.setBy });
      this.#warnings.add(error.message, source);
    }
    if (settings.size > 0 || doubts.length > 0)
      this.#add('.user.ini', directory, file, settings, null, doubts);
  }

  #add(
    kind: DirectoryOverride['kind'],
    directory: ByteString,
    { path: file, setBy }: ConfigFile,
    settings: DirectoryOverride['settings'],
    section: Section | null,
    doubts: readonly Warning[] = [],
    phpValues: readonly PhpValue[] = [],
  ): void {
    const roots = prefixes(directory).filter((path) => this.#rootPaths.has(path));
    this.overrides.push({
      kind,
      file,
      directory,
      roots,
      setBy,
      settings,
      section,
      doubts,
      phpValues,
    });
  }

  /** A file that PHP or Apache may have read, and we have not. */
  #addUnread(directory: ByteString, name: ByteString, reason: string, setBy: Setter): void {
    const path = join(directory, name);
    const source: Source = { kind: 'file', file: path, line: 0 };
    const message = `cannot be read: ${reason}; its settings are unknown`;
    const doubt = { message, source, hides: setBy };
    const file = { path, text: '', setBy };
    if (this.accessFileNames.has(name))
      this.#add('.htaccess', directory, file, new Map(), unreadSection({ ...doubt, setBy }));
    else this.#add('.user.ini', directory, file, new Map(), null, [doubt]);
  }
}

export function cannotBeRead(path: ByteString, reason: string): string {
  return `${printable(path)} cannot be read: ${reason}`;
}

/** Whether as many sections are closed as are opened. */
function isBalanced(text: ByteString): boolean {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return count(/^[ \t]*<[^/]/gm) === count(/^[ \t]*<\//gm);
}

function setsSomething({ settings, inside }: Section): boolean {
  return settings.length > 0 || inside.some(setsSomething);
}
