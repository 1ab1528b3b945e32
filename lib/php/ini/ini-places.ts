/**
 * Which ini files PHP reads, and in which order: php_init_config() in main/php_ini.c.
 *
 * Invariant: every place that PHP looks at is noted, the missing ones too, with who could put
 * something there: a user who may create a php.ini that PHP would read has as much of a say as its owner.
 */

import { Allowances } from '../allowances.js';
import type { ByteString } from '../byte-string.js';
import { type FileTree, type Place, Unreadable } from '../file-tree.js';
import { bothSetters, type Setter, type Source, type Warning } from '../provenance.js';

export interface IniQuestion {
  /** PHP's own name for it: `cli`, `fpm-fcgi`, `cgi-fcgi`, `apache2handler`, `litespeed`, … */
  readonly sapiName: string;
  /** `-c`: a file, or directories with `:` between them; it replaces PHPRC and searchDirs. */
  readonly override?: ByteString | undefined;
  /** `-n`: no ini files but that of `-c`. */
  readonly ignoreFiles?: boolean | undefined;
  /** Where php.ini is looked for: the interpreter's directory, the compiled-in path. */
  readonly searchDirs: readonly ByteString[];
  /** The compiled-in scan directory; '' for none. */
  readonly scanPath: ByteString;
  /** PHPRC, PHP_INI_SCAN_DIR and what `${NAME}` may name. */
  readonly environment?: ReadonlyMap<ByteString, ByteString> | undefined;
}

export interface IniPlace {
  readonly path: ByteString;
  readonly setBy: Setter;
}

export interface IniPlaces {
  readonly main: ByteString | undefined;
  readonly scanned: readonly ByteString[];
  /** Files and directories that PHP looked at, there or not. */
  readonly lookedAt: readonly IniPlace[];
  readonly warnings: readonly Warning[];
}

/**
 * Finds the files that PHP would read.
 *
 * @param chosenBy who could have chosen what is asked
 */
export function findIniFiles(
  tree: FileTree,
  question: IniQuestion,
  chosenBy: Setter = 0,
): IniPlaces {
  const search = new Search(tree, chosenBy);
  const main = search.main(question);
  const scanned = search.scan(question);
  return { main, scanned, lookedAt: search.lookedAt, warnings: search.warnings };
}

class Search {
  readonly lookedAt: IniPlace[] = [];
  readonly warnings: Warning[] = [];
  readonly #tree: FileTree;
  readonly #chosenBy: Setter;
  /** In scan directories, of which there may be as many as anyone names. */
  readonly #files = new Allowances(100_000, 512);

  constructor(tree: FileTree, chosenBy: Setter) {
    this.#tree = tree;
    this.#chosenBy = chosenBy;
  }

  main({ override, ignoreFiles, searchDirs, environment, sapiName }: IniQuestion) {
    if (ignoreFiles && override === undefined) return undefined;
    const named = override ?? environment?.get('PHPRC') ?? '';
    if (named !== '' && this.#look(named)?.stat.isDirectory() === false) return named;
    const directories = [
      ...named.split(':').filter((directory) => directory !== ''),
      ...(override === undefined ? searchDirs : []),
    ];
    for (const name of [`php-${sapiName}.ini`, 'php.ini']) {
      for (const directory of directories) {
        const file = inDirectory(directory, name);
        if (this.#look(file) !== undefined) return file;
      }
    }
    return undefined;
  }

  scan({ ignoreFiles, scanPath, environment }: IniQuestion): ByteString[] {
    if (ignoreFiles) return [];
    const path = environment?.get('PHP_INI_SCAN_DIR') ?? scanPath;
    if (path === '') return [];
    return path
      .split(':')
      .map((directory) => (directory === '' ? scanPath : directory))
      .filter((directory) => directory !== '')
      .flatMap((directory) => this.#scanned(directory));
  }

  /** Sorted by byte, as PHP does in the C locale. */
  #scanned(directory: ByteString): ByteString[] {
    if (this.#files.isUsedUp(this.#chosenBy)) return [];
    const place = this.#look(directory, true);
    if (place === undefined) return [];
    const names = this.#tree.list(directory);
    if (names instanceof Unreadable) {
      this.warnings.push(unreadable(this.#tree, directory, names, this.#chosenBy));
      return [];
    }
    const owner = bothSetters(place.setBy, this.#chosenBy);
    const files = names
      .filter((name) => name.endsWith('.ini'))
      .map((name) => inDirectory(directory, name));
    if (!this.#files.take(owner, files.length + 1)) {
      const reason = `more than ${this.#files.of(owner)} files`;
      this.warnings.push(unreadable(this.#tree, directory, new Unreadable(reason), this.#chosenBy));
      return [];
    }
    return files.filter((file) => {
      const found = this.#look(file);
      if (found === undefined) this.#warnOfLost(file, owner);
      return found?.stat.isFile() === true;
    });
  }

  /** A link to nothing: a PHP that runs may have read what was there. */
  #warnOfLost(file: ByteString, owner: Setter): void {
    const place = this.#tree.find(file);
    if (!(place instanceof Unreadable) || place.reason !== 'ENOENT') return;
    this.warnings.push({
      message: 'is a dangling link: its settings are unknown. Remove the link if it is not needed',
      source: { kind: 'file', file, line: 0 },
      hides: bothSetters(owner, this.#chosenBy),
    });
  }

  /** @param isListed whoever may add an entry to this directory decides on what is read */
  #look(path: ByteString, isListed = false): Place | undefined {
    if (!path.startsWith('/')) {
      this.lookedAt.push({ path, setBy: null });
      this.warnings.push({
        message: 'a relative path: PHP looks in the directory that it was started in',
        source: { kind: 'file', file: path, line: 0 },
        hides: this.#chosenBy,
      });
      return undefined;
    }
    const place = this.#tree.find(path);
    if (place instanceof Unreadable) {
      this.lookedAt.push({ path, setBy: whoMayCreate(this.#tree, path) });
      if (!place.isMissing) this.warnings.push(unreadable(this.#tree, path, place, this.#chosenBy));
      return undefined;
    }
    this.lookedAt.push({ path, setBy: isListed ? this.#tree.whoMayAddTo(place) : place.setBy });
    return place;
  }
}

/** Who could put something where nothing is: who may write to the next directory above it. */
export function whoMayCreate(tree: FileTree, path: ByteString): Setter {
  for (let above = path; above !== ''; ) {
    above = above.slice(0, Math.max(0, above.lastIndexOf('/')));
    const place = tree.find(above === '' ? '/' : above);
    if (!(place instanceof Unreadable)) return tree.whoMayAddTo(place);
  }
  return null;
}

/**
 * Who could have written what is not read: for what cannot be found, who had a hand in the way that
 * leads there, as far as there is one.
 */
export function writerOf(tree: FileTree, path: ByteString): Setter {
  for (let here = path; here !== ''; here = here.slice(0, Math.max(0, here.lastIndexOf('/')))) {
    const place = tree.find(here);
    if (!(place instanceof Unreadable)) return place.setBy;
  }
  const root = tree.find('/');
  return root instanceof Unreadable ? tree.setBy : root.setBy;
}

/** A file that is there, and cannot be read. */
export function unreadable(
  tree: FileTree,
  path: ByteString,
  { reason, isClosedToAll }: Unreadable,
  chosenBy: Setter,
): Warning {
  const source: Source = { kind: 'file', file: path, line: 0 };
  const message = `cannot be read: ${reason}; its settings are unknown`;
  // What is gone by now is not there for PHP either.
  if (isClosedToAll) return { message, source };
  return { message, source, hides: bothSetters(writerOf(tree, path), chosenBy) };
}

function inDirectory(directory: ByteString, name: ByteString): ByteString {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}
