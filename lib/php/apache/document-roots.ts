/**
 * Looks below document roots for .htaccess and .user.ini files that set something of PHP's sessions.
 *
 * Invariant: no link is followed and no document root is left; no more than maxDirectories are looked
 * into, no deeper than maxDepth, and not past the deadline. What was left out is said. A file counts
 * as the word of whoever could have written it.
 */
import { type Dir, lstatSync, opendirSync } from 'node:fs';
import { type ByteString, printable, toBytes } from '../byte-string.js';
import { type ConfigFile, type FileTree, Unreadable } from '../file-tree.js';
import type { ParseIni } from '../ini/ini.js';
import { join, prefixes } from '../paths.js';
import type { Setter, Setting, Source, Warning } from '../provenance.js';
import { type SessionSettingName, sessionSettingNames } from '../usage.js';
import type { ApacheConfiguration, DocumentRoot } from './read-apache.js';
import type { Section } from './section.js';
import { WarningList } from './warning-list.js';

export interface ScanOptions {
  /** Whether the time for looking is over. */
  readonly deadline: () => boolean;
  readonly parseIni: ParseIni;
  /** `user_ini.filename`, usually `.user.ini`; null where nothing reads them. */
  readonly userIniName: ByteString | null;
  /** Whose .htaccess files are wanted; null for none. */
  readonly apache: ApacheConfiguration | null;
  readonly maxDirectories?: number;
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
  /** Of an .htaccess; whether it counts is for AllowOverride to say. */
  readonly section: Section | null;
}

export interface DirectoryOverrides {
  readonly overrides: readonly DirectoryOverride[];
  readonly warnings: readonly Warning[];
}

const defaultMaxDirectories = 20_000;
const defaultMaxDepth = 32;
const entriesBetweenLooks = 256;

export function scanDocumentRoots(
  tree: FileTree,
  roots: readonly DocumentRoot[],
  options: ScanOptions,
): DirectoryOverrides {
  const scan = new Scan(tree, roots, options);
  scan.lookAbove();
  scan.lookBelow();
  return { overrides: scan.overrides, warnings: scan.warnings.all };
}

interface Directory {
  /** As Apache calls it: links in the document root's own path are left as they are. */
  readonly path: ByteString;
  /** Without links, for the kernel. */
  readonly hostPath: ByteString;
  readonly depth: number;
  readonly root: DocumentRoot;
}

class Scan {
  readonly overrides: DirectoryOverride[] = [];
  readonly warnings = new WarningList();
  readonly #tree: FileTree;
  readonly #roots: readonly DocumentRoot[];
  readonly #rootPaths: ReadonlySet<ByteString>;
  readonly #options: ScanOptions;
  readonly #accessFileNames: ReadonlySet<ByteString>;
  readonly #maxDirectories: number;
  readonly #maxDepth: number;

  constructor(tree: FileTree, roots: readonly DocumentRoot[], options: ScanOptions) {
    this.#tree = tree;
    this.#roots = roots;
    this.#rootPaths = new Set(roots.map(({ path }) => path));
    this.#options = options;
    const { apache } = options;
    this.#accessFileNames = new Set(apache?.runsPhp === true ? apache.accessFileNames : []);
    this.#maxDirectories = options.maxDirectories ?? defaultMaxDirectories;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** Apache also reads the .htaccess files above a document root, as far as AllowOverride lets it. */
  lookAbove(): void {
    const above = new Set(this.#roots.flatMap(({ path }) => prefixes(path).slice(0, -1)));
    for (const directory of above) {
      if (this.#rootPaths.has(directory)) continue;
      for (const name of this.#accessFileNames) {
        const place = this.#tree.find(join(directory, name));
        if (!(place instanceof Unreadable)) this.#readAccessFile(directory, name);
      }
    }
  }

  /** Breadth first, so that what is left out is what lies deepest. */
  lookBelow(): void {
    if (this.#accessFileNames.size === 0 && this.#options.userIniName === null) return;
    const queue: Directory[] = [];
    for (const root of this.#roots) {
      const place = this.#tree.find(root.path);
      if (place instanceof Unreadable) this.#warn(root.path, place.reason, root.source);
      else queue.push({ path: root.path, hostPath: place.hostPath, depth: 0, root });
    }
    const seen = new Set<ByteString>(this.#rootPaths);
    for (let at = 0; at < queue.length; at++) {
      const directory = queue[at];
      if (directory === undefined) return;
      if (at >= this.#maxDirectories || this.#options.deadline()) {
        const reason = at >= this.#maxDirectories ? `more than ${at} directories` : 'out of time';
        const { path, source } = directory.root;
        this.warnings.add(
          `not all directories below ${printable(path)} were looked into: ${reason}`,
          source,
        );
        return;
      }
      for (const name of this.#look(directory)) {
        const path = join(directory.path, name);
        if (seen.has(path)) continue;
        seen.add(path);
        if (queue.length > this.#maxDirectories) continue;
        const hostPath = join(directory.hostPath, name);
        queue.push({ path, hostPath, depth: directory.depth + 1, root: directory.root });
      }
    }
  }

  /** Reads what is wanted of a directory; returns the directories in it. */
  #look({ path, hostPath, depth, root }: Directory): ByteString[] {
    const below: ByteString[] = [];
    let isTooDeep = false;
    try {
      const entries = opendirSync(toBytes(hostPath), {
        encoding: 'latin1' as BufferEncoding,
        bufferSize: 1024,
      });
      try {
        for (const { name, kind } of entriesOf(entries, hostPath, this.#options.deadline)) {
          if (this.#accessFileNames.has(name) || name === this.#options.userIniName)
            this.#readOverride(path, name, kind);
          else if (kind === 'directory' && depth < this.#maxDepth) below.push(name);
          else isTooDeep ||= kind === 'directory';
        }
      } finally {
        entries.closeSync();
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      this.#warn(path, code, root.source);
    }
    if (isTooDeep)
      this.warnings.add(
        `below ${printable(root.path)} some directories lie deeper than ${this.#maxDepth}: not looked into`,
        root.source,
      );
    return below;
  }

  #readOverride(directory: ByteString, name: ByteString, kind: EntryKind): void {
    const source: Source = { kind: 'file', file: join(directory, name), line: 1 };
    if (kind === 'file') {
      if (this.#accessFileNames.has(name)) this.#readAccessFile(directory, name);
      else this.#readUserIni(directory, name);
    } else if (kind === 'link') {
      this.warnings.add('is a link, which is not followed: what it sets is not known', source);
    } else this.warnings.add('is not a regular file: not read', source);
  }

  #read(file: ByteString): ConfigFile | undefined {
    const read = this.#tree.read(file);
    if (!(read instanceof Unreadable)) return { ...read, path: file };
    if (!read.isMissing) this.#warn(file, read.reason, { kind: 'file', file, line: 1 });
    return undefined;
  }

  #readAccessFile(directory: ByteString, name: ByteString): void {
    const file = this.#read(join(directory, name));
    if (file === undefined || !/php_/i.test(file.text)) return;
    const read = this.#options.apache?.readAccessFile(file);
    if (read === undefined) return;
    for (const { message, source } of read.warnings) this.warnings.add(message, source);
    if (!setsSomething(read.section)) return;
    this.#add('.htaccess', directory, file, new Map(), read.section);
  }

  #readUserIni(directory: ByteString, name: ByteString): void {
    const file = this.#read(join(directory, name));
    if (file === undefined) return;
    const context = { variable: () => undefined, constant: () => undefined };
    const { entries, error } = this.#options.parseIni(file.text, context);
    if (error !== null)
      this.warnings.add(error.message, { kind: 'file', file: file.path, line: error.line });
    const settings = new Map<SessionSettingName, Setting>();
    for (const { section, key, offset, value, line } of entries) {
      // php_ini_parser_cb() keeps what stands under [PATH=…] and [HOST=…] apart.
      if (offset !== null || (section !== null && /^(?:path|host)/i.test(section))) continue;
      const known = sessionSettingNames.find((other) => other === key);
      // Only an administrator may set sys_temp_dir; TMPDIR is no ini setting.
      if (known === undefined || known === 'sys_temp_dir' || known === 'TMPDIR') continue;
      const source: Source = { kind: 'file', file: file.path, line };
      settings.set(known, { value, source, setBy: file.setBy });
    }
    if (settings.size > 0) this.#add('.user.ini', directory, file, settings, null);
  }

  #add(
    kind: DirectoryOverride['kind'],
    directory: ByteString,
    { path: file, setBy }: ConfigFile,
    settings: DirectoryOverride['settings'],
    section: Section | null,
  ): void {
    const roots = prefixes(directory).filter((path) => this.#rootPaths.has(path));
    this.overrides.push({ kind, file, directory, roots, setBy, settings, section });
  }

  #warn(path: ByteString, reason: string, source: Source): void {
    this.warnings.add(`${printable(path)} cannot be read: ${reason}`, source);
  }
}

function setsSomething({ settings, inside }: Section): boolean {
  return settings.length > 0 || inside.some(setsSomething);
}

type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** @param deadline asked now and then: a directory may hold millions of names */
function* entriesOf(
  entries: Dir,
  hostPath: ByteString,
  deadline: () => boolean,
): Generator<{ name: ByteString; kind: EntryKind }> {
  for (let count = 1; ; count++) {
    if (count % entriesBetweenLooks === 0 && deadline()) return;
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
