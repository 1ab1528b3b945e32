/**
 * The lines of sescle.toml that make a store of an application's table.
 *
 * Invariant: they hold no secret and nothing of what the application says but how long its sessions live: it
 * is asked for the rest each time.
 */
import { isUtf8 } from 'node:buffer';
import { type ByteString, toBytes } from '../../php/byte-string.js';
import { formatDuration } from '../../text/duration.js';
import { quoted } from './store-lines.js';

export interface TableLines {
  readonly application: ByteString;
  readonly profile: string;
  /** Null: each row says it. */
  readonly lifetimeSeconds: number | null;
}

/** @returns null where TOML cannot hold the path, which is no UTF-8 */
export function tableLines({
  application,
  profile,
  lifetimeSeconds,
}: TableLines): readonly string[] | null {
  const bytes = toBytes(application);
  if (!isUtf8(bytes)) return null;
  return [
    '[[store]]',
    `app = ${quoted(bytes.toString('utf8'))}`,
    `profile = "${profile}"`,
    ...(lifetimeSeconds === null
      ? []
      : [`lifetime = "${formatDuration(lifetimeSeconds).replaceAll(' ', '')}"`]),
  ];
}
