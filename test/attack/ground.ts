/**
 * Where attacks take place: directories and links of the attacker's own, beside those of others.
 *
 * Invariant: what is the attacker's is the attacker's in truth, links too, as if they had made it.
 */
import { chownSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../support/temp-dir.js';
import { mallory } from './attackers.js';

/** @returns the path of a new directory */
export function ownDirectory(...parts: readonly string[]): string {
  const directory = join(...parts);
  mkdirSync(directory, { mode: 0o755 });
  chownSync(directory, mallory, mallory);
  return directory;
}

/** @returns the path of a new link */
export function ownLink(target: string, ...parts: readonly string[]): string {
  const link = join(...parts);
  symlinkSync(target, link);
  lchownSync(link, mallory, mallory);
  return link;
}

export interface Ground {
  /** Root's. */
  readonly base: string;
  /** The attacker's, in `base`. */
  readonly home: string;
  /** The attacker's session directory, in `home`. */
  readonly store: string;
}

export function makeGround(): Ground {
  const base = tempDir();
  const home = ownDirectory(base, 'home');
  return { base, home, store: ownDirectory(home, 'sessions') };
}
