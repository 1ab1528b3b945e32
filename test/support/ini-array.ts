/**
 * What parse_ini_string() with sections makes of entries: php_ini_parser_cb_with_sections() in PHP's
 * ext/standard/basic_functions.c.
 *
 * Invariant: keys stand as PHP prints them, in PHP's order. PHP's arrays know numbers as keys, which
 * matters for `key[]` (the next number) and for keys before brackets (`0x1[a]` and `010[a]` are
 * strings, `-012[a]` is the number -10).
 */

import type { IniContext, IniEntry } from '../../lib/php/ini/ini.js';
import { parseIni } from '../../lib/php/ini/parse-ini.js';
import type { PhpArray } from './ini-oracle.js';

type Table = Map<string, string | Table>;

/** @returns null where PHP would return false */
export function iniArray(text: string, context: IniContext): PhpArray | null {
  const whole: Table = new Map();
  let active = whole;
  const { error } = parseIni(
    text,
    {
      ...context,
      sectionBegan: (name) => {
        active = new Map();
        whole.set(name, active);
      },
      entered: (entry) => enter(active, entry),
    },
    '8.2',
  );
  return error === null ? pairs(whole) : null;
}

function enter(table: Table, { key, offset, value }: IniEntry): void {
  if (offset === null) {
    table.set(key, value);
    return;
  }
  const index = arrayKey(key);
  const found = table.get(index);
  const array: Table = found instanceof Map ? found : new Map();
  table.set(index, array);
  array.set(offset === '' ? nextIndex(array) : offset, value);
}

function arrayKey(key: string): string {
  const [, sign, digits] = /^[ \n\r\t\v\f]*([+-]?)(\d+)[ \n\r\t\v\f]*$/.exec(key) ?? [];
  if (digits === undefined || (key.length > 1 && key.startsWith('0'))) return key;
  const decimal = BigInt(digits) * (sign === '-' ? -1n : 1n);
  if (decimal !== BigInt.asIntN(64, decimal)) return key;
  // strtoul() with base 0: a zero in front means octal.
  const octal = /^0([0-7]*)/.exec(digits);
  const size = octal ? BigInt(`0o${octal[1] || '0'}`) : BigInt(digits);
  return String(sign === '-' ? -size : size);
}

function nextIndex(array: Table): string {
  const numbers = [...array.keys()].filter((key) => /^(?:0|-?[1-9]\d*)$/.test(key)).map(BigInt);
  if (numbers.length === 0) return '0';
  return String(numbers.reduce((last, number) => (number > last ? number : last)) + 1n);
}

function pairs(table: Table): PhpArray {
  return Array.from(table, ([key, value]) => [key, value instanceof Map ? pairs(value) : value]);
}
