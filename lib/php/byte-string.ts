/**
 * PHP's configuration is bytes, not text. In lib/php it is held in strings with one character a
 * byte, so that it can be taken apart like text and put together again without a loss.
 *
 * Invariant: a ByteString holds no character above U+00FF.
 */
import { escapePath, isPlain } from '../text/escape-path.js';

/** A string of bytes: each character stands for one. */
export type ByteString = string;

export function toBytes(text: ByteString): Buffer {
  return Buffer.from(text, 'latin1');
}

export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** For people: UTF-8 is decoded, what is not printable is escaped. */
export function printable(text: ByteString): string {
  return isPlain(text) ? text : escapePath(toBytes(text));
}
