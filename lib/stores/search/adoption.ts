/**
 * The lines of configuration that make a store of a directory that was found.
 *
 * Invariant: comments tell what the reader has to check.
 */
import type { ByteString } from '../../php/byte-string.js';
import { storeLines } from '../config/store-lines.js';
import { type ProfileName, profiles } from '../profiles.js';
import type { FoundApplication } from './found-application.js';

/** @returns null where TOML cannot hold the path, which is no UTF-8 */
export function adoptionLines(
  directory: ByteString,
  depth: number,
  profile: ProfileName,
  application: FoundApplication | null = null,
): string | null {
  const { seconds: lifetimeSeconds, why } = proposedLifetime(profile, application);
  const lines = storeLines({ directory, depth, profile, lifetimeSeconds });
  return lines && `${lines.join('\n')} # ${why}\n`;
}

/** How long sessions live by all that is known, and what says so or has to be looked at. */
export function proposedLifetime(
  profile: ProfileName,
  application: FoundApplication | null,
): { readonly seconds: number; readonly why: string } {
  if (application?.lifetime != null) {
    const { seconds, source } = application.lifetime;
    return { seconds, why: `set in ${source}` };
  }
  const { usualLifetimeSeconds: seconds, label, lifetimeSetting } = profiles[profile];
  if (application !== null) {
    const why = `the files of ${application.label} in ${application.directory} set none; check ${lifetimeSetting}`;
    return { seconds, why };
  }
  // A name that one framework gives its files proves no framework.
  const isPhps = profile === 'php';
  return {
    seconds,
    why: isPhps
      ? `${label}'s default; check ${lifetimeSetting}`
      : 'a guess from the file names alone: find out which software writes them, and how long they live',
  };
}
