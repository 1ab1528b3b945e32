/**
 * What a program's arguments tell of its configuration, for each SAPI as that SAPI takes them.
 *
 * Invariant: paths are as they were given, relative ones too: what they are relative to is for
 * those who know the process. Where an option is given twice, the one that the program goes by.
 */
import type { ByteString } from '../byte-string.js';
import { phpOptions } from './getopt.js';
import type { ProcessSapi } from './process.js';

export interface PhpArguments {
  /** `-c`: a php.ini, or the directory of one. */
  readonly iniPath: ByteString | null;
  /** `-n` */
  readonly noIni: boolean;
  /** The values of `-d`, in their order. */
  readonly defines: readonly ByteString[];
  /** FPM's `-y` and `-p`. */
  readonly fpmConfig: ByteString | null;
  readonly fpmPrefix: ByteString | null;
}

export interface ApacheArguments {
  /** `-f`; relative to the server's root. */
  readonly configFile: ByteString | null;
  /** `-d` */
  readonly serverRoot: ByteString | null;
  /** The names of `-D`. */
  readonly defines: readonly ByteString[];
  /** The directives of `-C`, which come before the configuration, and of `-c`, which follow it. */
  readonly directivesBefore: readonly ByteString[];
  readonly directivesAfter: readonly ByteString[];
}

/** @param words what follows the program's name */
export function phpArguments(sapi: ProcessSapi, words: readonly ByteString[]): PhpArguments {
  if (sapi === 'litespeed') return litespeedArguments(words);
  const options = phpOptions(sapi, words);
  const last = (name: string) => options.findLast((option) => option.name === name)?.value ?? null;
  return {
    iniPath: last('c'),
    noIni: options.some(({ name }) => name === 'n'),
    defines: options.filter(({ name }) => name === 'd').map(({ value }) => value),
    fpmConfig: last('y'),
    fpmPrefix: last('p'),
  };
}

/**
 * lsphp looks at the first letter of a word only (sapi/litespeed/lsapi_main.c, parse_opt()).
 * It overwrites them all but where it runs a script from the command line.
 */
function litespeedArguments(words: readonly ByteString[]): PhpArguments {
  let iniPath: ByteString | null = null;
  let noIni = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) break;
    const letter = word.charAt(1);
    if (letter === 'n') noIni = true;
    if (letter !== 'b' && letter !== 'c') continue;
    at += 1;
    if (letter === 'c') iniPath = words[at] ?? iniPath;
  }
  return { iniPath, noIni, defines: [], fpmConfig: null, fpmPrefix: null };
}

const apacheValued = 'CcDdeEfk';

/** Reads options as apr_getopt() does for Apache's server/main.c. */
export function apacheArguments(words: readonly ByteString[]): ApacheArguments {
  const found: { letter: string; value: ByteString }[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    const start = [...word].findIndex(
      (letter, index) => index > 0 && apacheValued.includes(letter),
    );
    if (start < 0) continue;
    const rest = word.slice(start + 1);
    if (rest === '') at += 1;
    const value = rest === '' ? words[at] : rest;
    if (value !== undefined) found.push({ letter: word.charAt(start), value });
  }
  const all = (letter: string) =>
    found.filter((option) => option.letter === letter).map(({ value }) => value);
  return {
    configFile: all('f').at(-1) ?? null,
    serverRoot: all('d').at(-1) ?? null,
    defines: all('D'),
    directivesBefore: all('C'),
    directivesAfter: all('c'),
  };
}
