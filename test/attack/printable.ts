/**
 * Names as attackers choose them, and what may be printed of them.
 */
import { isUtf8 } from 'node:buffer';
import { expect } from 'vitest';

/** What a terminal obeys, what a log takes for the next line, what a parser takes for its syntax. */
const wellFormed =
  'a\nforged line\r\t\b\u0007\u001b[2J\u001b]0;owned\u0007\u007f\u009b1m\u202e\u2028\ufeff"\'\\`$(id)%s{}#;|&<!-- ';

/** A name for a file or directory: valid UTF-8. */
export const hostileText = Buffer.from(wellFormed);

/** Another that no decoder takes: broken, overlong, and a surrogate. */
export const hostileBytes = Buffer.concat([
  hostileText,
  Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xfe, 0xc2]),
]);

/** Controls, format controls (such as turn the direction of a text), and what ends a line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Nothing in it but text, in lines of our own. */
export function expectPrintable(output: Buffer | string): void {
  const bytes = Buffer.from(output as Buffer);
  expect(isUtf8(bytes)).toBe(true);
  const lines = bytes.toString('utf8').split('\n');
  expect(lines.filter((line) => unprintable.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('forged'))).toEqual([]);
}

/** Bytes as bash takes them. */
export function bashBytes(bytes: Buffer): string {
  return `$'${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`;
}
