/**
 * Looks below document roots for .htaccess and .user.ini files that set something of PHP's sessions.
 *
 * Invariant: no link to a directory is followed and no document root is left. Every directory is paid
 * for by whoever rules it, from a budget of his own (ScanBudget); what was not looked into is told
 * with whose word it hides. A file counts as the word of whoever could have written it. What several
 * users could have written is read too, from one budget: PHP does not ask who wrote it.
 */
import { type Dir, lstatSync, opendirSync } from 'node:fs';
import { type ByteString, printable, toBytes } from '../byte-string.js';
import {
  attempt,
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
  bothSetters,
  orRoot,
  over,
  type Setter,
  type Setting,
  type Source,
  type Warning,
} from '../provenance.js';
import { type SessionSettingName, sessionSettingNames } from '../usage.js';
import { WarningList } from '../warning-list.js';
import type { ApacheConfiguration, DocumentRoot } from './read-apache.js';
import { ScanBudget } from './scan-budget.js';
import type { Section } from './section.js';
import { unreadSection } from './sections.js';
import type { PlacedWrapper } from './wrappers.js';

export interface ScanOptions {
  readonly parseIni: ParseIni;
  /** `user_ini.filename` of each PHP, usually `.user.ini`; none where nothing reads them. */
  readonly userIniNames: readonly ByteString[];
  /** Whose .htaccess files are wanted; null for none. */
  readonly apache: ApacheConfiguration | null;
  /** Shared by several scans. */
  readonly budget?: ScanBudget;
  readonly maxDepth?: number;
}

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

export interface DirectoryOverrides {
  readonly overrides: readonly DirectoryOverride[];
  /** Of .htaccess files: whether they count is for AllowOverride to say. */
  readonly wrappers: readonly PlacedWrapper[];
  readonly warnings: readonly Warning[];
}

/** More of them no user's file is read. */
const maxUserFileBytes = 64 * 1024;
const defaultMaxDepth = 32;
const entriesBetweenLooks = 256;
/** Where no site lies, but much else, if all of the machine is a document root. */
const kernelDirectories: ReadonlySet<ByteString> = new Set(['dev', 'proc', 'run', 'sys']);

export function scanDocumentRoots(
  tree: FileTree,
  roots: readonly DocumentRoot[],
  options: ScanOptions,
): DirectoryOverrides {
  const scan = new Scan(tree, roots, options);
  scan.lookAbove();
  scan.lookBelow();
  return { overrides: scan.overrides, wrappers: scan.wrappers, warnings: scan.warnings.all };
}

interface Directory {
  /** As Apache calls it: links in the document root's own path are left as they are. */
  readonly path: ByteString;
  readonly place: Place;
  readonly depth: number;
  readonly root: DocumentRoot;
  /** Who rules it, and pays for it. */
  readonly payer: Setter;
}

class Scan {
  readonly overrides: DirectoryOverride[] = [];
  readonly wrappers: PlacedWrapper[] = [];
  readonly warnings = new WarningList();
  readonly #tree: FileTree;
  readonly #roots: readonly DocumentRoot[];
  readonly #rootPaths: ReadonlySet<ByteString>;
  /** Root's own, each with all that is below it. */
  readonly #trustedPaths: ReadonlySet<ByteString>;
  readonly #parseIni: ParseIni;
  readonly #apache: ApacheConfiguration | null;
  readonly #accessFileNames: ReadonlySet<ByteString>;
  readonly #userIniNames: ReadonlySet<ByteString>;
  readonly #maxDepth: number;
  readonly #budget: ScanBudget;
  readonly #read = new Set<ByteString>();
  /** Those of which it was said that several users rule a directory there. */
  readonly #shared = new Set<DocumentRoot>();

  constructor(
    tree: FileTree,
    roots: readonly DocumentRoot[],
    {
      parseIni,
      userIniNames,
      apache,
      budget = new ScanBudget(),
      maxDepth = defaultMaxDepth,
    }: ScanOptions,
  ) {
    this.#tree = tree;
    this.#roots = roots;
    this.#rootPaths = new Set(roots.map(({ path }) => path));
    this.#trustedPaths = new Set(
      roots.filter(({ setBy = 0 }) => setBy === 0).map(({ path }) => path),
    );
    this.#parseIni = parseIni;
    this.#apache = apache;
    this.#accessFileNames = new Set(apache?.accessFileNames);
    this.#userIniNames = new Set(userIniNames);
    this.#maxDepth = maxDepth;
    this.#budget = budget;
  }

  /** Apache also reads the .htaccess files above a document root, as far as AllowOverride lets it. */
  lookAbove(): void {
    if (this.#accessFileNames.size === 0) return;
    const above = new Set(this.#roots.flatMap(({ path }) => prefixes(path).slice(0, -1)));
    for (const directory of above) {
      if (this.#rootPaths.has(directory)) continue;
      for (const name of this.#accessFileNames) {
        const place = this.#tree.find(join(directory, name));
        if (!(place instanceof Unreadable) || !place.isMissing)
          this.#readOverride(directory, name, place);
      }
    }
  }

  /** Breadth first, so that what is left out is what lies deepest. */
  lookBelow(): void {
    if (this.#accessFileNames.size === 0 && this.#userIniNames.size === 0) return;
    this.#budget.start();
    let level: Directory[] = [];
    for (const root of this.#roots) this.#addRoot(root, level);
    while (level.length > 0) {
      const next: Directory[] = [];
      for (const directory of level) {
        if (this.#isOver(directory)) continue;
        this.#look(directory, next);
        this.#budget.charge(directory.payer);
      }
      level = next;
    }
  }

  #addRoot(root: DocumentRoot, level: Directory[]): void {
    const { path, source, setBy = 0 } = root;
    const above = prefixes(path);
    // What root has looked into does not need to be paid for by others.
    if (setBy !== 0 && above.some((directory) => this.#trustedPaths.has(directory))) return;
    const place = this.#tree.find(path);
    if (place instanceof Unreadable) {
      const hides = place.isClosedToAll ? null : bothSetters(setBy, orRoot(place.setBy));
      this.#warn(path, place.reason, source, hides);
      return;
    }
    this.#queue({ path, place, depth: 0, root, payer: bothSetters(setBy, place.setBy) }, level);
  }

  #queue(directory: Directory, level: Directory[]): void {
    const { payer, path, root, depth } = directory;
    if (payer === null) this.#noteShared(path, root);
    if (depth > this.#maxDepth) {
      const message = `below ${printable(root.path)} some directories lie deeper than ${this.#maxDepth}: not looked into`;
      this.warnings.add(message, root.source, payer);
      return;
    }
    const problem = this.#budget.takeDirectory(payer);
    if (problem === undefined) level.push(directory);
    else this.#warnOfRest(root, problem, payer);
  }

  /** Nothing is lost by it: what several users could have written counts for none of them alone. */
  #noteShared(path: ByteString, root: DocumentRoot): void {
    if (this.#shared.has(root)) return;
    this.#shared.add(root);
    this.warnings.add(
      `several users could change what is in ${printable(path)}: .htaccess and .user.ini files there count only for sessions that one pool or virtual host has to itself`,
      root.source,
    );
  }

  #warnOfRest({ path, source }: DocumentRoot, problem: string, hides: Setter): void {
    this.warnings.add(
      `not all directories below ${printable(path)} were looked into: ${problem}`,
      source,
      hides,
    );
  }

  #isOver({ root, payer }: Directory): boolean {
    const problem = this.#budget.outOfTime(payer);
    if (problem !== undefined) this.#warnOfRest(root, problem, payer);
    return problem !== undefined;
  }

  /** Reads what is wanted of a directory, and queues the directories in it. */
  #look(directory: Directory, next: Directory[]): void {
    const { path, place, root, payer } = directory;
    const looked = attempt(() => {
      const entries = opendirSync(toBytes(place.hostPath), {
        encoding: 'latin1' as BufferEncoding,
        bufferSize: 1024,
      });
      try {
        const isOver = (): boolean => {
          this.#budget.charge(payer);
          return this.#isOver(directory);
        };
        for (const { name, kind } of entriesOf(entries, place.hostPath, isOver)) {
          if (this.#accessFileNames.has(name) || this.#userIniNames.has(name))
            this.#readOverride(path, name, this.#tree.entry(place, name));
          else if (kind === 'directory') this.#descend(directory, name, next);
        }
      } finally {
        entries.closeSync();
      }
      return undefined;
    });
    if (!(looked instanceof Unreadable)) return;
    this.#warn(path, looked.reason, root.source, looked.isClosedToAll ? null : payer);
  }

  #descend(directory: Directory, name: ByteString, next: Directory[]): void {
    const { root, payer, depth } = directory;
    const path = join(directory.path, name);
    if (this.#trustedPaths.has(path)) return;
    if (directory.path === '/' && kernelDirectories.has(name)) return;
    // Below a user's directory all is his or nobody's.
    if (payer !== 0 && this.#budget.isUsedUp(payer)) {
      this.#warnOfRest(root, this.#budget.takeDirectory(payer) ?? 'out of time', payer);
      return;
    }
    const place = this.#tree.entry(directory.place, name);
    if (place instanceof Unreadable) {
      if (!place.isMissing)
        this.#warn(path, place.reason, root.source, place.isClosedToAll ? null : payer);
      return;
    }
    const owner = bothSetters(orRoot(root.setBy), place.setBy);
    this.#queue({ path, place, depth: depth + 1, root, payer: owner }, next);
  }

  /** @param entry the file itself, or where a link above the document root leads */
  #readOverride(directory: ByteString, name: ByteString, entry: Place | Unreadable): void {
    const file = join(directory, name);
    if (this.#read.has(file)) return;
    this.#read.add(file);
    const source: Source = { kind: 'file', file, line: 1 };
    const place = entry instanceof Unreadable ? entry : this.#target(file, entry, source);
    if (place === undefined) return;
    if (place instanceof Unreadable) {
      if (place.isMissing) return;
      const setBy = orRoot(place.setBy);
      this.#warn(file, place.reason, source, place.isClosedToAll ? null : setBy);
      if (!place.isClosedToAll) this.#addUnread(directory, name, place.reason, setBy);
      return;
    }
    if (!place.stat.isFile()) {
      this.warnings.add('is not a regular file: not read', source);
      return;
    }
    const maxBytes = place.setBy === 0 ? maxFileBytes : maxUserFileBytes;
    const read = this.#tree.read(file, maxBytes);
    if (read instanceof Unreadable) {
      if (read.isMissing) return;
      const setBy = read.setBy ?? place.setBy;
      this.#warn(file, read.reason, source, setBy);
      this.#addUnread(directory, name, read.reason, setBy);
    } else if (this.#accessFileNames.has(name)) {
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
    const message = 'is a link to what its owner may not read: what it sets is not known';
    this.warnings.add(message, source, target.setBy);
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
    this.warnings.addAll(read.warnings);
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
          const message = `what ${printable(name)} stands for is not known, and so not how long sessions live`;
          doubts.push({ message, source, hides: file.setBy });
        } else if (name !== undefined)
          this.warnings.add(`${printable(name)} is not known`, source, file.setBy);
        settings.set(known, over(settings.get(known), { value, source, setBy: file.setBy }));
      },
    });
    if (error !== null) {
      // PHP may have read the file before it was broken.
      const source: Source = { kind: 'file', file: file.path, line: error.line };
      doubts.push({ message: error.message, source, hides: file.setBy });
      this.warnings.add(error.message, source);
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
    const message = `cannot be read: ${reason}; what it sets is not known`;
    const doubt = { message, source, hides: setBy };
    const file = { path, text: '', setBy };
    if (this.#accessFileNames.has(name))
      this.#add('.htaccess', directory, file, new Map(), unreadSection({ ...doubt, setBy }));
    else this.#add('.user.ini', directory, file, new Map(), null, [doubt]);
  }

  #warn(path: ByteString, reason: string, source: Source, hides: Setter): void {
    this.warnings.add(`${printable(path)} cannot be read: ${reason}`, source, hides);
  }
}

/** Whether as many sections are closed as are opened. */
function isBalanced(text: ByteString): boolean {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  return count(/^[ \t]*<[^/]/gm) === count(/^[ \t]*<\//gm);
}

function setsSomething({ settings, inside }: Section): boolean {
  return settings.length > 0 || inside.some(setsSomething);
}

type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** @param isOver asked now and then: a directory may hold millions of names */
function* entriesOf(
  entries: Dir,
  hostPath: ByteString,
  isOver: () => boolean,
): Generator<{ name: ByteString; kind: EntryKind }> {
  for (let count = 1; ; count++) {
    if (count % entriesBetweenLooks === 0 && isOver()) return;
    const entry = entries.readSync();
    if (entry === null) return;
    const { name } = entry;
    if (entry.isDirectory()) yield { name, kind: 'directory' };
    else if (entry.isFile()) yield { name, kind: 'file' };
    else if (entry.isSymbolicLink()) yield { name, kind: 'link' };
    else if (isOther(entry)) yield { name, kind: 'other' };
    else yield { name, kind: kindOf(join(hostPath, name)) };
  }
}

function isOther(entry: {
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}

/** For file systems whose directories do not say. */
function kindOf(hostPath: ByteString): EntryKind {
  const stat = lstatSync(toBytes(hostPath), { throwIfNoEntry: false });
  if (stat?.isDirectory()) return 'directory';
  if (stat?.isFile()) return 'file';
  return stat?.isSymbolicLink() ? 'link' : 'other';
}
