/**
 * Whose session a file is, by nothing but its name.
 *
 * Invariant: stricter than the profiles: a name that other software makes just as well is nobody's
 * session here, since what is found is proposed for removal.
 */
import type { ByteString } from '../../php/byte-string.js';
import { hasShape, profiles } from '../profiles.js';

/** Those that can be told apart by a name alone. */
export const sessionKinds = ['php', 'laravel', 'codeigniter'] as const;

export type SessionKind = (typeof sessionKinds)[number];

export function sessionKind(name: ByteString): SessionKind | null {
  if (hasShape(name, profiles.php.shape)) return 'php';
  if (hasShape(name, profiles.codeigniter.shape)) return 'codeigniter';
  // Forty hexadecimal digits are an SHA-1, as of Git, of caches, of Laravel's own cache.
  if (/[A-Zg-z]/.test(name) && hasShape(name, profiles.laravel.shape)) return 'laravel';
  return null;
}

/**
 * Whether PHP would have put a session into this directory for a depth of so many levels (`N;/path`):
 * then the directories' names are the id's first characters.
 *
 * @param letters the names of the directories above the file, each one character
 * @param levels at most as many as there are letters
 */
export function liesInLevels(name: ByteString, letters: ByteString, levels: number): boolean {
  const id = name.slice(profiles.php.shape.prefix.length);
  return id.length > levels && id.startsWith(letters.slice(-levels));
}
