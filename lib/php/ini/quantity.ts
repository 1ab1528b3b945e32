/**
 * Numbers in ini settings, as PHP takes `session.gc_maxlifetime`: zend_ini_parse_quantity()
 * (Zend/zend_ini.c, since PHP 8.2), `1440`, `1K`, `0x5A0`, `0o17`, `0b1`, ` 2 m `.
 *
 * Invariant: like PHP, this always comes to a number; what PHP would warn about is in `complaint`.
 * The number fits 64 bits, overflow included: it wraps around as PHP's does.
 *
 * Before 8.2 (zend_atol()) the base prefixes `0b` and `0o` were read as 0, white space at the end hid
 * the multiplier, and nothing was ever complained about; else the values are the same.
 */
import { type ByteString, printable } from '../byte-string.js';

export interface Quantity {
  readonly value: bigint;
  /** Why PHP warns, in words of ours; null where it does not. */
  readonly complaint: string | null;
}

const shifts: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n };
const bases: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };
const digitsOf: Readonly<Record<number, RegExp>> = {
  2: /^[01]+/,
  8: /^[0-7]+/,
  10: /^\d+/,
  16: /^[\da-f]+/i,
};
const maxLong = 2n ** 63n - 1n;
const maxUlong = 2n ** 64n - 1n;

/** @param text a setting's value, as PHP's ini has it */
export function parseQuantity(text: ByteString): Quantity {
  const trimmed = trim(text);
  if (trimmed === '') return { value: 0n, complaint: null };
  const isNegative = trimmed.startsWith('-');
  const unsigned = /^[+-]/.test(trimmed) ? trimmed.slice(1) : trimmed;
  if (!/^\d/.test(unsigned)) return nothing(text, 'it does not begin with a digit');
  if (unsigned === '0') return { value: 0n, complaint: null };

  let base = /^0\d/.test(unsigned) ? 8 : 10;
  let rest = unsigned;
  if (/^0[^\dgmk]/i.test(unsigned)) {
    const prefixed = bases[unsigned.charAt(1).toLowerCase()];
    if (prefixed === undefined) return nothing(text, 'its prefix is unknown');
    base = prefixed;
    rest = unsigned.slice(2);
    if (/^[ \t\n\r\v\f]*[+-]?0$/.test(rest)) return { value: 0n, complaint: null };
    // strtoul() would take white space, a sign or a second prefix here; PHP does not let it.
    if (rest === '' || /^(?:[ \t\n\r\v\f+-]|0[xob])/i.test(rest))
      return nothing(text, 'no digits follow its prefix');
  }
  const digits = digitsOf[base]?.exec(rest)?.[0];
  if (digits === undefined) return nothing(text, 'no digits follow its prefix');
  const number = signed(toNumber(digits, base), isNegative);
  return multiply(text, number, rest.slice(digits.length).replace(/^[ \t\n\r\v\f]+/, ''));
}

/** Not by an expression: those take quadratic time over long runs of blanks. */
function trim(text: ByteString): ByteString {
  const isBlank = (at: number) => ' \t\n\r\v\f'.includes(text.charAt(at));
  let begin = 0;
  let end = text.length;
  while (begin < end && isBlank(begin)) begin += 1;
  while (end > begin && isBlank(end - 1)) end -= 1;
  return text.slice(begin, end);
}

interface Signed {
  readonly value: bigint;
  readonly isOverflow: boolean;
}

/** What strtoul() and the sign make of the digits. */
function signed(number: bigint, isNegative: boolean): Signed {
  // ERANGE: the sign is not looked at any more.
  if (number > maxUlong) return { value: BigInt.asIntN(64, maxUlong), isOverflow: true };
  if (number > maxLong && !(isNegative && number === maxLong + 1n))
    return { value: BigInt.asIntN(64, number), isOverflow: true };
  return { value: isNegative ? -number : number, isOverflow: false };
}

/** The last character alone decides: in `1xyzK` it is the K. */
function multiply(text: ByteString, { value, isOverflow }: Signed, suffix: string): Quantity {
  if (suffix === '') return { value, complaint: isOverflow ? tooLarge(text) : null };
  const shift = shifts[suffix.slice(-1).toLowerCase()];
  if (shift === undefined)
    return { value, complaint: complain(text, 'its multiplier is unknown', value) };
  const product = value << shift;
  const wrapped = BigInt.asIntN(64, product);
  if (suffix.length > 1)
    return {
      value: wrapped,
      complaint: complain(text, 'other text follows its digits', wrapped),
    };
  return { value: wrapped, complaint: isOverflow || product !== wrapped ? tooLarge(text) : null };
}

function toNumber(digits: string, base: number): bigint {
  // More digits than any 64-bit number has only say that it is too large.
  const significant = digits.replace(/^0+/, '');
  if (significant.length > 64) return maxUlong + 1n;
  if (base === 10) return BigInt(significant || '0');
  const prefix = base === 16 ? '0x' : base === 8 ? '0o' : '0b';
  return BigInt(`${prefix}${significant || '0'}`);
}

function nothing(text: ByteString, reason: string): Quantity {
  return { value: 0n, complaint: complain(text, reason, 0n) };
}

function complain(text: ByteString, reason: string, value: bigint): string {
  return `"${printable(text)}" is not a valid quantity: ${reason}; PHP takes it for ${value}`;
}

function tooLarge(text: ByteString): string {
  return `"${printable(text)}" is not a valid quantity: it does not fit 64 bits, and PHP uses only part of it`;
}
