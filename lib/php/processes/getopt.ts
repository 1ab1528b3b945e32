/**
 * PHP's own reading of its options (main/getopt.c), for the SAPIs that take their configuration
 * from them.
 *
 * An option is `-c`, with others before it in one word where those take no value (`-nc`); its value
 * is the rest of the word, less one `=` before it, or the next word. That of `--name=` is what
 * follows, by the same rule once more. The first word that is no option, `-` and `--` end them. An
 * unknown option is passed over as one without a value.
 *
 * Invariant: what is returned is in the order of the arguments, and only of the options in the table.
 */
import type { ByteString } from '../byte-string.js';
import type { ProcessSapi } from './process.js';

export interface Option {
  /** The short name, which stands for its long ones too. */
  readonly name: string;
  /** '' for an option that takes none. */
  readonly value: ByteString;
}

interface Table {
  /** The short options that take a value, and those that do not. */
  readonly valued: string;
  readonly plain: string;
  readonly long: Readonly<Record<string, string>>;
}

const common = { 'php-ini': 'c', 'no-php-ini': 'n', define: 'd' };

/** Long options without a short one are given a name that is none. */
const tables: Readonly<Partial<Record<ProcessSapi, Table>>> = {
  cli: {
    valued: 'BcdEFfRrStz\n',
    plain: 'aCehilmnqHswv?\t',
    long: {
      ...common,
      'process-begin': 'B',
      'process-end': 'E',
      'process-file': 'F',
      file: 'f',
      'process-code': 'R',
      run: 'r',
      server: 'S',
      docroot: 't',
      'zend-extension': 'z',
      rf: '\n',
      rfunction: '\n',
      rc: '\n',
      rclass: '\n',
      re: '\n',
      rextension: '\n',
      rz: '\n',
      rzendextension: '\n',
      ri: '\n',
      rextinfo: '\n',
      repeat: '\n',
    },
  },
  cgi: {
    valued: 'bcdfzT',
    plain: 'aCehilmnqsw?v',
    long: { ...common, bindpath: 'b', file: 'f', 'zend-extension': 'z', timing: 'T' },
  },
  fpm: {
    valued: 'cdypg',
    plain: 'ehimn?vtRDFO',
    long: { ...common, 'fpm-config': 'y', prefix: 'p', pid: 'g' },
  },
};

/** @param words what follows the program's name */
export function phpOptions(sapi: ProcessSapi, words: readonly ByteString[]): Option[] {
  const table = tables[sapi];
  const options: Option[] = [];
  if (table === undefined) return options;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    const { flags, name, rest } = word.startsWith('--')
      ? longOption(word, table)
      : group(word, table);
    for (const flag of flags) options.push({ name: flag, value: '' });
    if (name === undefined) continue;
    if (rest !== '') {
      options.push({ name, value: rest.startsWith('=') ? rest.slice(1) : rest });
      continue;
    }
    at += 1;
    const value = words[at];
    if (value !== undefined) options.push({ name, value });
  }
  return options;
}

interface Word {
  /** The options in it that take no value. */
  readonly flags: readonly string[];
  /** The option in it that takes one, and what follows it in the word. */
  readonly name?: string;
  readonly rest: ByteString;
}

function group(word: ByteString, { valued, plain }: Table): Word {
  const flags: string[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    // A colon ends the word, whatever follows it.
    if (letter === ':') break;
    if (valued.includes(letter)) return { flags, name: letter, rest: word.slice(at + 1) };
    if (plain.includes(letter)) flags.push(letter);
  }
  return { flags, rest: '' };
}

function longOption(word: ByteString, { valued, long }: Table): Word {
  const [text = ''] = word.slice(2).split('=', 1);
  const name = Object.hasOwn(long, text) ? long[text] : undefined;
  if (name === undefined) return { flags: [], rest: '' };
  if (!valued.includes(name)) return { flags: [name], rest: '' };
  return { flags: [], name, rest: word.slice(2 + text.length + 1) };
}
