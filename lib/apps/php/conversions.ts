/**
 * How PHP makes one value of another.
 *
 * Invariant: whole numbers stay within what JavaScript holds exactly; what would not is unknown.
 */
import type { ByteString } from '../../php/byte-string.js';
import { type PhpValue, unknown } from './values.js';

/** The index of the next element without a key; null: PHP's versions differ. */
export function indexAfter(before: number | null, key: string): number | null {
  if (before === null || !/^(?:0|-?[1-9]\d*)$/.test(key)) return before;
  const index = Number(key);
  if (!Number.isSafeInteger(index) || index < 0) return null;
  return Math.max(before, index + 1);
}

export function integer(written: string, line: number): PhpValue {
  const digits = written.replaceAll('_', '');
  const isOctal = /^0[oO]?[0-7]+$/.test(digits);
  if (/^0\d/.test(digits) && !isOctal) return unknown(line);
  const value = Number(isOctal ? `0o${digits.replace(/^0[oO]?/, '')}` : digits);
  return Number.isSafeInteger(value) ? { kind: 'int', value, line } : unknown(line);
}

export function floating(written: string, line: number): PhpValue {
  return { kind: 'float', value: Number(written.replaceAll('_', '')), line };
}

/** A text that doubles in each line would soon fill all memory. */
const longestText = 2 ** 20;

export function concatenated(left: PhpValue, right: PhpValue, line: number): PhpValue {
  const [a, b] = [asText(left), asText(right)];
  if (a === null || b === null || a.length + b.length > longestText) return unknown(line);
  return { kind: 'string', value: a + b, line };
}

function asText(value: PhpValue): ByteString | null {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'int':
      return String(value.value);
    case 'bool':
      return value.value ? '1' : '';
    case 'null':
      return '';
    default:
      return null;
  }
}

/** Of whole numbers whose result is one too. */
export function combined(
  left: PhpValue | null,
  right: PhpValue | null,
  combine: (a: number, b: number) => number,
): PhpValue | null {
  if (left === null || right === null) return null;
  if (left.kind !== 'int' || right.kind !== 'int') return unknown(left.line);
  const value = combine(left.value, right.value);
  return Number.isSafeInteger(value)
    ? { kind: 'int', value: value === 0 ? 0 : value, line: left.line }
    : unknown(left.line);
}

export function cast(type: string, value: PhpValue, line: number): PhpValue {
  if (value.kind === 'unknown') return unknown(line);
  if (type === 'int' || type === 'integer') {
    if (value.kind === 'int') return value;
    if (value.kind === 'bool') return { kind: 'int', value: value.value ? 1 : 0, line };
    if (value.kind === 'null') return { kind: 'int', value: 0, line };
    if (value.kind === 'string') return numberIn(value.value, line);
  } else if (type === 'string') {
    const text = asText(value);
    if (text !== null) return { kind: 'string', value: text, line };
  } else if (type === 'bool' || type === 'boolean') {
    if (value.kind === 'bool') return value;
    if (value.kind === 'int') return { kind: 'bool', value: value.value !== 0, line };
    if (value.kind === 'null') return { kind: 'bool', value: false, line };
    if (value.kind === 'string') {
      return { kind: 'bool', value: value.value !== '' && value.value !== '0', line };
    }
  }
  return unknown(line);
}

/** A text cast to a whole number: its digits at the beginning. */
function numberIn(text: ByteString, line: number): PhpValue {
  const digits = /^[ \t\n\r\v\f]*([+-]?\d{1,15})(?![\d.eE])/.exec(text)?.[1];
  if (digits !== undefined) return { kind: 'int', value: Number(digits) || 0, line };
  return /^[ \t\n\r\v\f]*[+-]?\.?\d/.test(text) ? unknown(line) : { kind: 'int', value: 0, line };
}
