/**
 * Looks below document roots for .htaccess and .user.ini files that set something of PHP's sessions.
 *
 * Invariant: no link to a directory is followed and no document root is left. Every directory counts
 * against the budget of the user who rules it (ScanBudget). A directory that was not searched is reported with
 * whose settings that hides. A file counts as the word of the user who could have written it. Files that several
 * users could have written are read too, from one budget: PHP does not ask who wrote them.
 */
import { opendirSync } from 'node:fs';
import { type ByteString, printable, toBytes } from '../byte-string.js';
import type { FileTree, Place } from '../file-tree.js';
import type { ParseIni } from '../ini/ini.js';
import { join, prefixes } from '../paths.js';
import { bothSetters, orRoot, type Setter, type Source, type Warning } from '../provenance.js';
import { attempt, Unreadable } from '../unreadable.js';
import { WarningList } from '../warning-list.js';
import { entriesOf } from './directory-entries.js';
import { cannotBeRead, type DirectoryOverride, OverrideFiles } from './override-files.js';
import type { ApacheConfiguration, DocumentRoot } from './read-apache.js';
import { ScanBudget } from './scan-budget.js';
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

export interface DirectoryOverrides {
  readonly overrides: readonly DirectoryOverride[];
  /** Of .htaccess files: whether they count is for AllowOverride to say. */
  readonly wrappers: readonly PlacedWrapper[];
  readonly warnings: readonly Warning[];
}

const defaultMaxDepth = 32;
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
  const { overrides, wrappers } = scan.files;
  return { overrides, wrappers, warnings: scan.warnings.all };
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
  readonly files: OverrideFiles;
  readonly warnings = new WarningList();
  readonly #tree: FileTree;
  readonly #roots: readonly DocumentRoot[];
  readonly #rootPaths: ReadonlySet<ByteString>;
  /** Root's own, each with all that is below it. */
  readonly #trustedPaths: ReadonlySet<ByteString>;
  readonly #maxDepth: number;
  readonly #budget: ScanBudget;
  /** Those of which it was said that several users rule a directory there. */
  readonly #shared = new Set<DocumentRoot>();

  constructor(
    tree: FileTree,
    roots: readonly DocumentRoot[],
    { budget = new ScanBudget(), maxDepth = defaultMaxDepth, ...wanted }: ScanOptions,
  ) {
    this.#tree = tree;
    this.#roots = roots;
    this.#rootPaths = new Set(roots.map(({ path }) => path));
    this.#trustedPaths = new Set(
      roots.filter(({ setBy = 0 }) => setBy === 0).map(({ path }) => path),
    );
    this.files = new OverrideFiles({
      tree,
      rootPaths: this.#rootPaths,
      warnings: this.warnings,
      ...wanted,
    });
    this.#maxDepth = maxDepth;
    this.#budget = budget;
  }

  /** Apache also reads the .htaccess files above a document root, as far as AllowOverride lets it. */
  lookAbove(): void {
    const { accessFileNames } = this.files;
    if (accessFileNames.size === 0) return;
    const above = new Set(this.#roots.flatMap(({ path }) => prefixes(path).slice(0, -1)));
    for (const directory of above) {
      if (this.#rootPaths.has(directory)) continue;
      for (const name of accessFileNames) {
        const place = this.#tree.find(join(directory, name));
        if (!(place instanceof Unreadable) || !place.isMissing)
          this.files.read(directory, name, place);
      }
    }
  }

  /** Breadth first, so that what is left out is what lies deepest. */
  lookBelow(): void {
    if (!this.files.areWanted) return;
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
      const message = `sescle looked only ${this.#maxDepth} levels deep below ${printable(root.path)}, and there are more`;
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
      `several users could change files in ${printable(path)}: .htaccess and .user.ini files there count only for sessions that one pool or virtual host has to itself`,
      root.source,
    );
  }

  #warnOfRest({ path, source }: DocumentRoot, problem: string, hides: Setter): void {
    this.warnings.add(
      `sescle did not search all directories below ${printable(path)}: ${problem}`,
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
          if (this.files.isOne(name)) this.files.read(path, name, this.#tree.entry(place, name));
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

  #warn(path: ByteString, reason: string, source: Source, hides: Setter): void {
    this.warnings.add(cannotBeRead(path, reason), source, hides);
  }
}
