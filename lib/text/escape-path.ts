/**
 * Paths for people: what a terminal, a log or a mail may safely show of a name.
 *
 * Invariant: the result has no control, format or line-breaking character and is valid Unicode;
 * different bytes give different texts, and bash's `$'...'` turns the text back into the bytes
 * (but for quotes, which are left as they are).
 */
import { isUtf8 } from 'node:buffer';

/** Controls (C0, DEL, C1), format controls (bidi, zero-width), line and paragraph separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/gu;

/** What most paths are made of: it stays as it is. */
const plain = /^[ -[\]-~]*$/;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\\': '\\\\' };

/** Whether a text, or bytes as Latin-1, is its own escaped form. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/**
 * Makes a path printable: a newline as `\n`, a tab as `\t`, a backslash as `\\`, every byte of
 * another unprintable character or of broken UTF-8 as `\xNN`; printable Unicode stays as it is.
 *
 * @param path a file name or path, as bytes or as text
 */
export function escapePath(path: Uint8Array | string): string {
  if (typeof path === 'string' && isPlain(path)) return path;
  const bytes =
    typeof path === 'string'
      ? Buffer.from(path)
      : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const text = bytes.toString('latin1');
  if (isPlain(text)) return text;
  if (isUtf8(bytes)) return escapeText(bytes.toString('utf8'));
  let escaped = '';
  for (let at = 0; at < bytes.length; ) {
    const character = bytes.subarray(at, at + sequenceLength(bytes[at] ?? 0));
    if (isUtf8(character)) {
      escaped += escapeText(character.toString('utf8'));
      at += character.length;
    } else {
      escaped += escapeBytes(bytes.subarray(at, at + 1));
      at += 1;
    }
  }
  return escaped;
}

function escapeText(text: string): string {
  return text.replace(
    unprintable,
    (character) => short[character] ?? escapeBytes(Buffer.from(character)),
  );
}

function escapeBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** How long the UTF-8 sequence is that begins with this byte; 1 where none can begin. */
function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  if (lead >= 0xc0) return 2;
  return 1;
}
