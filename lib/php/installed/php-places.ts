/**
 * Where PHP's programs and configuration lie in a tree, by their names in the usual places: those of
 * PATH, /etc, /usr, /usr/local, /opt, /www/server, and what lies below a directory with PHP's name there.
 *
 * Invariant: names only, no file is opened. It ends, whatever the tree holds: at most maxDirectories
 * are listed, each once, and what is left out is told.
 */
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { join } from '../paths.js';
import { programOf } from '../processes/program.js';

export interface PhpPlaces {
  /** Directories that hold a php.ini, or one of a single SAPI. */
  readonly inis: ByteString[];
  /** Directories called as those are that PHP scans for more .ini files. */
  readonly scanDirectories: ByteString[];
  readonly fpmFiles: ByteString[];
  /** Directories called as those of pool files are. */
  readonly poolDirectories: ByteString[];
  /** Programs, without links, by the name that they were found by. */
  readonly programs: Map<ByteString, ByteString>;
  /** Whether all were looked at. */
  isWhole: boolean;
}

/** Where programs are started from by their names alone. */
const programDirectories: readonly ByteString[] = [
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  // NixOS and Guix
  ...['/run/current-system/sw/bin', '/run/current-system/profile/bin'],
];

/** What has directories with PHP's name. */
const parents: readonly ByteString[] = [
  ...['/etc', '/usr/lib', '/usr/lib64', '/usr/libexec', '/usr/local/etc', '/usr/local/lib'],
  '/home/linuxbrew/.linuxbrew/etc',
];
/** Prefixes that hold everything, as pkgsrc's. */
const prefixes: readonly ByteString[] = ['/usr/pkg', '/home/linuxbrew/.linuxbrew'];
/** What has directories of vendors and of programs besides. */
const grounds: readonly ByteString[] = ['/opt', '/etc/opt', '/usr/local', '/www/server'];
/** No program's own: what is installed there is looked for as what it is. */
const common = /^(?:bin|sbin|etc|games|include|lib(?:32|64|exec)?|man|share|src|var|tmp|log)$/;

/** `php`, `php82`, `php-8.2.20`, `ea-php82`, `lsphp74`, `fpm-php8.2`, `php8.2-sp`; no `phpmyadmin`. */
const phpName = /(?:^|[-_.\d]|ls)php(?![a-z]{3})/;
const versionName = /^\d{1,2}(?:\.\d{1,2}){0,2}$/;
const partName =
  /^(?:root|usr|local|opt|etc|conf|config|s?bin|cli|f?cgi|fastcgi|fpm|apache2?|litespeed|embed|[a-z\d]+-(?:fcgi|cgi|handler|mod_php))$/;
const iniName = /^php(?:-(?:cli|fpm-fcgi|cgi-fcgi|apache2handler|litespeed|embed))?\.ini$/;
const fpmName = /^php(?:-fpm[\d.]*|\d-fpm)\.conf$/;
const scanName = /^(?:(?:php[-.]?)?(?:conf|ini)\.d|php\.d|php\.conf\.d|ext-active|mods-enabled)$/;
const poolName = /^(?:(?:php-?)?fpm(?:-pools?)?\.d|pools?\.d|pools)$/;

const maxDepth = 6;
const maxDirectories = 4_000;
/** In files that a user put together. */
const maxDirectoriesOfUser = 400;

export function phpPlaces(tree: FileTree): PhpPlaces {
  const search = new Search(tree);
  for (const directory of programDirectories) search.programsIn(directory);
  for (const parent of parents) search.children(parent, 1, false);
  for (const ground of grounds) search.children(ground, 1, true);
  for (const prefix of prefixes) search.vendor(prefix, 1);
  return search.places;
}

/** Whether a file is called as PHP's configuration or one of its programs is. */
export function kindOfName(name: ByteString): 'ini' | 'fpm' | 'program' | null {
  if (iniName.test(name)) return 'ini';
  if (fpmName.test(name)) return 'fpm';
  return isProgramName(name) ? 'program' : null;
}

/** Apache's modules and FrankenPHP bring a PHP of their own, which is looked at with those. */
export function isProgramName(name: ByteString): boolean {
  if (!name.includes('php')) return false;
  const sapi = programOf(name)?.sapi;
  return sapi === 'cli' || sapi === 'cgi' || sapi === 'fpm' || sapi === 'litespeed';
}

class Search {
  readonly places: PhpPlaces = {
    inis: [],
    scanDirectories: [],
    fpmFiles: [],
    poolDirectories: [],
    programs: new Map(),
    isWhole: true,
  };
  readonly #tree: FileTree;
  readonly #seen = new Set<ByteString>();
  readonly #maxDirectories: number;

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.#maxDirectories = tree.setBy === 0 ? maxDirectories : maxDirectoriesOfUser;
  }

  programsIn(directory: ByteString): void {
    for (const name of this.#names(directory))
      if (isProgramName(name)) this.#program(directory, name);
  }

  /** @param hasVendors whether what has another name may have a directory of PHP's in it */
  children(parent: ByteString, depth: number, hasVendors: boolean): void {
    for (const name of this.#names(parent)) {
      const path = join(parent, name);
      if (!isProgramName(name)) this.#note(parent, name);
      if (phpName.test(name)) this.#visit(path, depth);
      else if (hasVendors && !common.test(name)) this.vendor(path, depth);
    }
  }

  /** What a vendor has besides PHP is not looked through. */
  vendor(directory: ByteString, depth: number): void {
    if (!this.#isDirectory(directory)) return;
    this.children(directory, depth + 1, false);
    for (const part of ['etc', 'conf', 'lib'])
      this.#files(join(directory, part), ['php.ini', 'php-fpm.conf']);
    for (const part of ['bin', 'sbin'])
      this.#files(join(directory, part), ['php', 'php-fpm', 'php-cgi', 'lsphp']);
  }

  /** Those of these names that are there, where the directory holds much else. */
  #files(directory: ByteString, names: readonly ByteString[]): void {
    if (!this.#isDirectory(directory)) return;
    for (const name of names) {
      if (!(this.#tree.find(join(directory, name)) instanceof Unreadable))
        this.#note(directory, name);
    }
  }

  #visit(directory: ByteString, depth: number): void {
    if (!this.#isDirectory(directory)) return;
    const isLibrary = /\/lib(?:64)?$/.test(directory);
    for (const name of this.#names(directory)) {
      this.#note(directory, name);
      const isPart = partName.test(name) || versionName.test(name) || phpName.test(name);
      const isDeeper = isPart || /^lib(?:64)?$/.test(name);
      // Extensions and PEAR are no configuration.
      if (isDeeper && !isLibrary && depth < maxDepth) this.#visit(join(directory, name), depth + 1);
    }
  }

  #note(directory: ByteString, name: ByteString): void {
    const path = join(directory, name);
    const { inis, fpmFiles, scanDirectories, poolDirectories } = this.places;
    if (iniName.test(name)) addOnce(inis, directory);
    else if (fpmName.test(name)) addOnce(fpmFiles, path);
    else if (scanName.test(name)) addOnce(scanDirectories, path);
    else if (poolName.test(name)) addOnce(poolDirectories, path);
    else if (isProgramName(name)) this.#program(directory, name);
  }

  #program(directory: ByteString, name: ByteString): void {
    const place = this.#tree.find(join(directory, name));
    if (place instanceof Unreadable || !place.stat.isFile()) return;
    const { programs } = this.places;
    if (!programs.has(place.path)) programs.set(place.path, join(directory, name));
  }

  #isDirectory(path: ByteString): boolean {
    const place = this.#tree.find(path);
    return !(place instanceof Unreadable) && place.stat.isDirectory();
  }

  /** Each directory once, however it is called. */
  #names(directory: ByteString): ByteString[] {
    const place = this.#tree.find(directory);
    if (place instanceof Unreadable || this.#seen.has(place.path)) return [];
    if (this.#seen.size >= this.#maxDirectories) {
      this.places.isWhole = false;
      return [];
    }
    this.#seen.add(place.path);
    const names = this.#tree.list(directory);
    if (!(names instanceof Unreadable)) return names;
    if (!names.isClosedToAll && names.reason !== 'EACCES') this.places.isWhole = false;
    return [];
  }
}

function addOnce(list: ByteString[], path: ByteString): void {
  if (!list.includes(path)) list.push(path);
}
