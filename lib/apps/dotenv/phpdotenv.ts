/**
 * .env as vlucas/phpdotenv reads it, for Laravel.
 *
 * Invariant: what is read here is read as phpdotenv 5 does. Where its older versions would take another value
 * (a name that stands twice: they keep the first, it takes the last), none is known; but of two lifetimes the
 * longer one is.
 *
 * Source: vlucas/phpdotenv 5.6.4, src/Parser.
 */
import type { ByteString } from '../../php/byte-string.js';
import { BadEnvironment, type Environment, type EnvironmentValue } from './environment.js';

/** Up to 5.4 a line within a value could begin another. */
export const readDifferently =
  'has a value over several lines that versions of phpdotenv read differently';

interface Entry {
  readonly text: ByteString;
  readonly line: number;
}

export function readPhpdotenv(text: ByteString, file: ByteString): Environment | BadEnvironment {
  const values = new Map<string, EnvironmentValue>();
  const entries = entriesOf(text.replace(/^\xef\xbb\xbf/, ''));
  if (entries instanceof BadEnvironment) return entries;
  for (const { text: entry, line } of entries) {
    const equals = entry.indexOf('=');
    // Only what an equals sign divides is trimmed.
    const name = nameOf(equals < 0 ? entry : trim(entry.slice(0, equals)));
    if (name === null) return new BadEnvironment(line, 'has an invalid name');
    if (equals < 0) {
      values.delete(name);
      continue;
    }
    const value = valueIn(trim(entry.slice(equals + 1)), values);
    if (value === undefined) return new BadEnvironment(line, `has an invalid value for ${name}`);
    const before = values.get(name);
    const isUnsure = before !== undefined && before.value !== value;
    if (!isUnsure) values.set(name, { value, file, line });
    else if (!isLonger(name, before.value, value)) values.set(name, { value: null, file, line });
    else if (Number(value) > Number(before.value)) values.set(name, { value, file, line });
  }
  return values;
}

/** Whether both are lifetimes, of which the longer one can be told. */
function isLonger(name: string, a: ByteString | null, b: ByteString | null): boolean {
  const isNumber = (text: ByteString | null) => text !== null && /^[0-9]{1,10}$/.test(text);
  return /lifetime$|expiration$/i.test(name) && isNumber(a) && isNumber(b);
}

/** Lines that set something; a value in double quotes may go over several. */
function entriesOf(text: ByteString): Entry[] | BadEnvironment {
  const entries: Entry[] = [];
  let open: { lines: ByteString[]; line: number } | null = null;
  for (const [index, written] of text.split(/\r\n|\n|\r/).entries()) {
    const looksOpen = written.includes('="') && !closes(written, true);
    if (looksOpen && open !== null) return new BadEnvironment(index + 1, readDifferently);
    const starts = open === null && looksOpen;
    if (starts) open = { lines: [], line: index + 1 };
    let entry: Entry = { text: written, line: index + 1 };
    if (open !== null) {
      const { lines, line } = open;
      lines.push(written);
      if (!closes(written, starts)) continue;
      open = null;
      entry = { text: lines.join('\n'), line };
    }
    const shown = trim(entry.text);
    if (shown !== '' && !shown.startsWith('#')) entries.push(entry);
  }
  return entries;
}

function closes(line: ByteString, hasStarted: boolean): boolean {
  if (line === '"') return true;
  const quotes = [...line.replaceAll('\\\\', '').matchAll(/(?=([^\\]"))/g)].length;
  return hasStarted ? quotes > 1 : quotes >= 1;
}

function nameOf(written: ByteString): string | null {
  let name = written;
  if (name.length > 8 && /^export\s/.test(name))
    name = name.slice(6).replace(/^[ \t\n\r\v\f]+/, '');
  if (name.length >= 3 && /^(?:"[\s\S]*"|'[\s\S]*')$/.test(name)) name = name.slice(1, -1);
  return /^[A-Za-z0-9_.\x80-\xff]+$/.test(name) ? name : null;
}

/** @returns null: it is not known; undefined: phpdotenv refuses it */
function valueIn(written: ByteString, values: Environment): ByteString | null | undefined {
  let value = '';
  let isKnown = true;
  let state: 'start' | 'bare' | 'single' | 'double' | 'space' = 'start';
  for (let at = 0; at < written.length; at += 1) {
    const character = written.charAt(at);
    if (state === 'start') {
      if (character === "'") state = 'single';
      else if (character === '"') state = 'double';
      else state = 'bare';
      if (state !== 'bare') continue;
    }
    if (state === 'single') {
      if (character === "'") state = 'space';
      else value += character;
      continue;
    }
    if (state === 'double') {
      if (character === '"') {
        state = 'space';
        continue;
      }
      if (character === '\\') {
        at += 1;
        const escaped = escapes[written.charAt(at)];
        if (escaped === undefined) return undefined;
        value += escaped;
        continue;
      }
    } else {
      if (character === '#') break;
      if (/\s/.test(character)) {
        state = 'space';
        continue;
      }
      if (state === 'space') return undefined;
    }
    const [whole = '', name = ''] =
      character === '$' ? (/^\$\{([A-Za-z0-9_.]+)\}/.exec(written.slice(at, at + 200)) ?? []) : [];
    if (whole !== '') {
      const other = values.get(name)?.value ?? null;
      // phpdotenv counts characters: in what is not UTF-8 it takes a variable from the wrong place.
      isKnown &&= other !== null && !/[\x80-\xff]/.test(written);
      value += other ?? '';
      at += whole.length - 1;
    } else value += character;
  }
  if (state === 'single' || state === 'double') return undefined;
  return isKnown ? value : null;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  $: '$',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** As PHP's trim does. */
function trim(text: ByteString): ByteString {
  return text.replace(/^[ \n\r\t\0\v]+/, '').replace(/[ \n\r\t\0\v]+$/, '');
}
