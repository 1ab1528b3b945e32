/**
 * What a PHP program was built with: where it looks for php.ini and php-fpm.conf, and its defaults for
 * sessions. They stand in the program as text, beside the names of PHP's constants (main/main.c,
 * main/main_arginfo.h), and in the `configure` command where the package keeps that.
 *
 * Invariant: nothing is run, and only a program that root alone could have written is believed. What
 * the text does not show is null, never a guess.
 */
import { withRegular } from '../bounded-read.js';
import type { ByteString } from '../byte-string.js';
import { type FileTree, Unreadable } from '../file-tree.js';
import { tidyPath } from '../paths.js';
import { readElfSection } from '../processes/elf-symbols.js';

export interface CompiledPaths {
  /** What it is whatever it is called: Debian has a php-cgi under the name `php8.2`. */
  readonly sapi: 'cli' | 'cgi' | 'fpm' | 'apache2' | 'litespeed';
  /** As `8.2`. */
  readonly version: ByteString | null;
  /** Where php.ini is looked for; null: the text does not show it. */
  readonly iniPath: ByteString | null;
  /** The scan directories; '' for none; null: the text does not show whether there is one. */
  readonly scanPath: ByteString | null;
  readonly sysconfDirectory: ByteString | null;
  /** php-fpm.conf below the directory above, for FPM. */
  readonly fpmName: (version: ByteString | null) => ByteString;
  /** The default of session.save_path. */
  readonly savePath: ByteString;
  /** The default of session.gc_maxlifetime; null: the text does not show it. */
  readonly lifetime: ByteString | null;
  /** Whether the text holds this path as a whole. */
  readonly mentions: (path: ByteString) => boolean;
}

/** Where there are no sections to tell texts from code. */
const maxPlainBytes = 16 * 2 ** 20;

/** @returns null for what is no PHP, or not root's alone */
export function compiledPaths(tree: FileTree, exe: ByteString): CompiledPaths | null {
  const place = tree.find(exe);
  if (place instanceof Unreadable || place.setBy !== tree.setBy) return null;
  const section = withRegular(place, (fd) => readElfSection(fd, '.rodata'));
  const text = section instanceof Unreadable ? tree.read(exe, maxPlainBytes) : section;
  if (text instanceof Unreadable) return null;
  return pathsIn(typeof text === 'string' ? text : text.text);
}

function pathsIn(text: ByteString): CompiledPaths | null {
  if (text.startsWith('#!') || !text.includes('\0PHP_CONFIG_FILE_SCAN_DIR\0')) return null;
  const texts = new Texts(text);
  const given = configureOptions(texts);
  const constant = (name: string) => texts.constant(name);
  const version = /PHP\/(\d+\.\d+)/.exec(texts.holding('X-Powered-By: PHP/') ?? '')?.[1] ?? null;
  const prefix = given?.get('prefix') ?? constant('PHP_PREFIX') ?? '/usr/local';
  const sysconf = given === null ? constant('PHP_SYSCONFDIR') : sysconfOf(given, prefix);
  const isDebians = text.includes('%s/php/%d.%d/fpm/php-fpm.conf');
  return {
    sapi: sapis.find(([own]) => text.includes(`\0${own}`))?.[1] ?? 'cgi',
    version,
    iniPath: tidy(given === null ? texts.iniPath() : iniPathOf(given, prefix)),
    scanPath:
      given === null
        ? constant('PHP_CONFIG_FILE_SCAN_DIR')
        : (given.get('with-config-file-scan-dir') ?? ''),
    sysconfDirectory: tidy(sysconf),
    fpmName: (known) => (isDebians ? `php/${known}/fpm/php-fpm.conf` : 'php-fpm.conf'),
    savePath: texts.defaultOf('session.save_path', /^\//) ?? '',
    lifetime: texts.defaultOf('session.gc_maxlifetime', /^\d+$/),
    mentions: (path) => text.includes(`\0${path}\0`) || text.includes(`\0${path}/\0`),
  };
}

/** Texts that one of them alone has. php-cgi has none that the others lack. */
const sapis = [
  ['cli-server\0', 'cli'],
  ['fpm-fcgi\0', 'fpm'],
  ['apache2handler\0', 'apache2'],
  ['LSPHP_ENABLE_USER_INI\0', 'litespeed'],
  ['LSAPI_', 'litespeed'],
] as const;

function tidy(path: ByteString | null): ByteString | null {
  return path?.startsWith('/') ? tidyPath(path) : null;
}

/** Constants whose value nobody could take for that of the one beside it. */
const telling = [
  ['PHP_BINDIR', /^\/.*bin$/],
  ['PHP_MANDIR', /^\/.*man$/],
  ['PHP_LOCALSTATEDIR', /^\/.*var$/],
] as const;

/** Texts that end with a NUL, by those beside them. */
class Texts {
  readonly #text: ByteString;
  /** Compilers lay a constant's value down before its name (-1) or after it (1); 0: that does not show. */
  readonly #side: -1 | 0 | 1;

  constructor(text: ByteString) {
    this.#text = text;
    const votes = telling.map(([name, value]) => {
      const isAt = (side: -1 | 1) => Number(value.test(this.#beside(name, side) ?? ''));
      return isAt(1) - isAt(-1);
    });
    this.#side = Math.sign(votes.reduce((sum, vote) => sum + vote, 0)) as -1 | 0 | 1;
  }

  /** The first that holds a text, whole. */
  holding(part: string): ByteString | null {
    const at = this.#text.indexOf(part);
    if (at < 0) return null;
    const end = this.#text.indexOf('\0', at);
    return this.#text.slice(this.#text.lastIndexOf('\0', at) + 1, end < 0 ? undefined : end);
  }

  /** Null where it is no path, or stands elsewhere since it is the same as another text. */
  constant(name: string): ByteString | null {
    return this.#side === 0 ? null : asPath(this.#beside(name, this.#side));
  }

  /** Its text may stand where phpinfo() prints it, which comes before the constants. */
  iniPath(): ByteString | null {
    const printed = 'Loaded Configuration File';
    return (
      this.constant('PHP_CONFIG_FILE_PATH') ??
      asPath(this.#beside(printed, -1)) ??
      asPath(this.#beside(printed, 1))
    );
  }

  /** Of a setting: ext/session/session.c names it first. */
  defaultOf(name: string, pattern: RegExp): ByteString | null {
    const value = this.#beside(name, 1);
    return value !== null && pattern.test(value) ? value : null;
  }

  #beside(name: string, direction: -1 | 1): ByteString | null {
    const at = this.#text.indexOf(`\0${name}\0`);
    if (at < 0) return null;
    const text = this.#text;
    if (direction < 0) {
      let end = at;
      while (end > 0 && text.charAt(end - 1) === '\0') end -= 1;
      return text.slice(text.lastIndexOf('\0', end - 1) + 1, end);
    }
    let begin = at + name.length + 2;
    while (begin < text.length && text.charAt(begin) === '\0') begin += 1;
    const end = text.indexOf('\0', begin);
    return text.slice(begin, end < 0 ? text.length : end);
  }
}

function asPath(text: ByteString | null): ByteString | null {
  return text?.startsWith('/') ? text : null;
}

/** What `./configure` was given, as phpinfo() prints it; null where the package took it out. */
function configureOptions(texts: Texts): ReadonlyMap<string, ByteString> | null {
  const command = texts.holding("configure' ");
  if (command === null || !/^ *'[^']*configure' /.test(command)) return null;
  const options = new Map<string, ByteString>();
  for (const [, name = '', value = ''] of command.matchAll(/'--([a-z-]+)(?:=([^']*))?'/g))
    options.set(name, value);
  return options;
}

type Given = ReadonlyMap<string, ByteString>;

/** configure.ac: without --with-config-file-path it is the library directory, with GNU's layout sysconfdir. */
function iniPathOf(given: Given, prefix: ByteString): ByteString {
  const path = given.get('with-config-file-path');
  if (path !== undefined && path !== '') return path;
  if (given.get('with-layout') === 'GNU') return sysconfOf(given, prefix);
  return withPrefix(given.get('libdir') ?? `${prefix}/lib`, prefix);
}

function sysconfOf(given: Given, prefix: ByteString): ByteString {
  return withPrefix(given.get('sysconfdir') ?? `${prefix}/etc`, prefix);
}

function withPrefix(path: ByteString, prefix: ByteString): ByteString {
  return path.replace(/^\$(?:\{(?:exec_)?prefix\}|(?:exec_)?prefix\b)/, prefix);
}
