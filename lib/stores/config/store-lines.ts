/**
 * The lines of sescle.toml that name one directory and how long its sessions live.
 *
 * Invariant: they are valid as they are, and say what they say whatever the directory is called.
 */
import { isUtf8 } from 'node:buffer';
import { type ByteString, toBytes } from '../../php/byte-string.js';
import { formatDuration } from '../../text/duration.js';
import type { ProfileName } from '../profiles.js';

export interface StoreLines {
  readonly directory: ByteString;
  readonly depth: number;
  readonly profile: ProfileName;
  readonly lifetimeSeconds: number;
}

/** @returns null where TOML cannot hold the path, which is no UTF-8 */
export function storeLines({
  directory,
  depth,
  profile,
  lifetimeSeconds,
}: StoreLines): readonly string[] | null {
  const bytes = toBytes(directory);
  if (!isUtf8(bytes)) return null;
  const path = bytes.toString('utf8');
  return [
    '[[store]]',
    depth > 0 ? `save_path = ${quoted(savePath(path, depth))}` : `path = ${quoted(path)}`,
    ...(profile === 'php' ? [] : [`profile = "${profile}"`]),
    `lifetime = "${formatDuration(lifetimeSeconds).replaceAll(' ', '')}"`,
  ];
}

/** For a sentence of one line. */
export function inOneLine(lines: readonly string[]): string {
  return `write ${lines.join(' ⏎ ')} into /etc/sescle/sescle.toml`;
}

/** With a mode where the path has a `;`, at which PHP would split it. */
function savePath(path: string, depth: number): string {
  return path.includes(';') ? `${depth};0600;${path}` : `${depth};${path}`;
}

/** A TOML string, without a character that could hide or rearrange what is shown. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const digits = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
