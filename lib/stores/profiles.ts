/**
 * What session files are called, by the software that writes them.
 *
 * Invariant: every profile here goes by the file's mtime, as its own collector does (software that
 * keeps the expiry elsewhere cannot be offered), and its shape names nothing that the software
 * would not have written itself. Where a collector differs by a second (`>=` for PHP's `>`), PHP's
 * later instant holds.
 *
 * Sources: php-src ext/session/mod_files.c (ps_files_valid_key); laravel/framework
 * Illuminate/Session/Store.php (isValidId), FileSessionHandler.php (gc: Finder's date() is mtime);
 * CodeIgniter 3 Session.php, Session_files_driver.php and 4 Session/Handlers/FileHandler.php (gc:
 * cookie name, then with matchIP an MD5, then the id, filemtime); Symfony's NativeFileSessionHandler
 * and Magento's Session/SaveHandler/Native.php only choose the directory of PHP's own handler.
 */
import type { ByteString } from '../php/byte-string.js';

/** A file name: the prefix, then from minLength to maxLength characters of the alphabet. */
export interface NameShape {
  readonly prefix: string;
  /** Every character that may follow the prefix. */
  readonly alphabet: string;
  /** Of what follows the prefix. */
  readonly minLength: number;
  readonly maxLength: number;
}

export const profileNames = ['php', 'laravel', 'symfony', 'codeigniter', 'magento'] as const;

export type ProfileName = (typeof profileNames)[number];

export interface Profile {
  /** What people call it. */
  readonly label: string;
  readonly shape: NameShape;
  /** Whether the sessions may lie some levels of directories deeper, as PHP's `N;/path` has it. */
  readonly canNest: boolean;
  /** Whether the prefix is the administrator's choice. */
  readonly canRename: boolean;
  /** What the software does when nobody tells it otherwise; a proposal, never a guess. */
  readonly usualLifetimeSeconds: number;
  /** Where people find the lifetime that they have set. */
  readonly lifetimeSetting: string;
}

const nameMax = 255;
const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `session.sid_bits_per_character` 4, 5 and 6 all lie in it. */
const phpAlphabet = `${alphanumeric},-`;

const phpFiles = {
  shape: { prefix: 'sess_', alphabet: phpAlphabet, minLength: 1, maxLength: nameMax - 5 },
  canNest: true,
  canRename: false,
  usualLifetimeSeconds: 1440,
} as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  php: { ...phpFiles, label: 'PHP', lifetimeSetting: 'session.gc_maxlifetime' },
  laravel: {
    label: 'Laravel',
    // Locks a file while it reads or writes it, not for the whole request.
    shape: { prefix: '', alphabet: alphanumeric, minLength: 40, maxLength: 40 },
    canNest: false,
    canRename: false,
    usualLifetimeSeconds: 7200,
    lifetimeSetting: 'SESSION_LIFETIME (minutes) in .env, or lifetime in config/session.php',
  },
  symfony: {
    ...phpFiles,
    label: 'Symfony',
    lifetimeSetting: 'framework.session.gc_maxlifetime, else session.gc_maxlifetime',
  },
  codeigniter: {
    label: 'CodeIgniter',
    // An id has at least 160 bits (27 characters of 6), but in new versions 32 characters of 4;
    // with matchIP 32 more go before it. Nothing bounds sid_length but the file system.
    shape: {
      prefix: 'ci_session',
      alphabet: phpAlphabet,
      minLength: 27,
      maxLength: nameMax - 'ci_session'.length,
    },
    canNest: false,
    canRename: true,
    usualLifetimeSeconds: 7200,
    lifetimeSetting: 'expiration in app/Config/Session.php, or sess_expiration in config.php',
  },
  magento: {
    ...phpFiles,
    label: 'Magento',
    lifetimeSetting: 'session.gc_maxlifetime',
  },
};

/** The shape of a profile's names under another prefix. */
export function renamed(shape: NameShape, prefix: string): NameShape {
  return { ...shape, prefix, maxLength: nameMax - prefix.length };
}

/** Whether a file's name is of this shape. */
export function hasShape(name: ByteString, shape: NameShape): boolean {
  const length = name.length - shape.prefix.length;
  if (length < shape.minLength || length > shape.maxLength) return false;
  if (!name.startsWith(shape.prefix)) return false;
  for (let at = shape.prefix.length; at < name.length; at++) {
    if (!shape.alphabet.includes(name.charAt(at))) return false;
  }
  return true;
}
