/**
 * The lines of configuration that make a store of a directory that was found.
 *
 * Invariant: comments tell what the reader has to check.
 */
import type { ByteString } from '../../php/byte-string.js';
import { storeLines } from '../config/store-lines.js';
import { type ProfileName, profiles } from '../profiles.js';

/** @returns null where TOML cannot hold the path, which is no UTF-8 */
export function adoptionLines(
  directory: ByteString,
  depth: number,
  profileName: ProfileName,
): string | null {
  const { usualLifetimeSeconds: lifetimeSeconds, label, lifetimeSetting } = profiles[profileName];
  const lines = storeLines({ directory, depth, profile: profileName, lifetimeSeconds });
  return lines && `${lines.join('\n')} # ${label}'s default; check ${lifetimeSetting}\n`;
}
