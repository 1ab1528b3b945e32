/**
 * Which modules this Apache has, as far as its LoadModule lines say.
 *
 * Invariant: an answer is given only where it is sure; undefined means that nobody can tell without
 * running Apache, since a module may be compiled in.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';

/** No Apache of version 2.4 is without them. */
const alwaysThere = new Set([
  'core.c',
  'core_module',
  'http_core.c',
  'http_module',
  'mod_so.c',
  'so_module',
]);

/** A module's file name, as `mod_ssl.so`, from either of the names that <IfModule> takes. */
const fileOf = (name: ByteString): ByteString =>
  name.endsWith('_module')
    ? `mod_${name.slice(0, -'_module'.length)}.so`
    : name.replace(/\.c$/, '.so');

/** Where modules lie, which is one directory everywhere. With fewer of them less is sure. */
const maxDirectories = 8;

export class Modules {
  readonly #tree: FileTree;
  readonly #loaded = new Set<ByteString>();
  readonly #possible = new Set<ByteString>();
  readonly #directories = new Set<ByteString>();
  /** Whether a module's file lies there although nothing loads it. */
  readonly #isUnused = new Map<ByteString, boolean>();
  /** The files of mod_php, as `/usr/lib/apache2/modules/libphp8.2.so`. */
  readonly phpFiles: ByteString[] = [];

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  /** @param file absolute */
  load(symbol: ByteString, file: ByteString, isCertain: boolean): void {
    const slash = file.lastIndexOf('/');
    const directory = file.slice(0, slash);
    if (!this.#directories.has(directory) && this.#directories.size < maxDirectories) {
      this.#directories.add(directory);
      this.#isUnused.clear();
    }
    const names = [symbol, moduleSource(symbol, file.slice(slash + 1))];
    for (const name of names) (isCertain ? this.#loaded : this.#possible).add(name);
    if (isPhp(symbol) && !this.phpFiles.includes(file)) this.phpFiles.push(file);
  }

  /** @param name as `mod_php.c` or `php_module` */
  has(name: ByteString): boolean | undefined {
    if (this.#loaded.has(name) || alwaysThere.has(name)) return true;
    if (this.#possible.has(name) || this.#directories.size === 0) return undefined;
    // PHP is never compiled in; and a module whose file lies there unused is not compiled in either.
    if (isPhp(name)) return false;
    const file = fileOf(name);
    const known = this.#isUnused.get(file);
    if (known !== undefined) return known ? false : undefined;
    const isUnused = [...this.#directories].some(
      (directory) => !(this.#tree.find(`${directory}/${file}`) instanceof Unreadable),
    );
    this.#isUnused.set(file, isUnused);
    return isUnused ? false : undefined;
  }
}

function isPhp(name: ByteString): boolean {
  return /^(?:php[0-9]*_module|mod_php[0-9]*\.c|(?:libphp|mod_php).*\.so)$/.test(name);
}

/** The name of its source file. PHP 8's is mod_php.c, whatever the library is called; 7's mod_php7.c. */
function moduleSource(symbol: ByteString, file: ByteString): ByteString {
  const php = /^(php[0-9]*)_module$/.exec(symbol)?.[1];
  return php === undefined ? file.replace(/\.so$/, '.c') : `mod_${php}.c`;
}
