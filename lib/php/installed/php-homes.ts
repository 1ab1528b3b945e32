/**
 * Which PHP a file belongs to, by its path: the directory that all of one PHP lies below, as
 * /opt/plesk/php/8.2, or that its configuration lies below, as /etc/php8.
 *
 * Invariant: text only. `/` stands for what the system's own packages have put everywhere.
 */
import type { ByteString } from '../byte-string.js';
import { nameOf } from '../processes/program.js';
import type { sapiNames } from './installation.js';
import { versionIn } from './installation.js';

type RunSapi = keyof typeof sapiNames;

/** Directories that are parts of a PHP, whatever it is called. */
const part =
  /^(?:s?bin|lib(?:64)?|etc|conf|config|usr|root|(?:php-?)?fpm(?:-pools?)?\.d|pools?(?:\.d)?|(?:php[-.]?)?(?:conf|ini)\.d|php\.d|ext-active)$/;
/** Of what nothing is stripped: all that lies there is of its own. */
const systems = /^\/(?:usr|etc|opt|var|srv|usr\/local|etc\/opt|www\/server|usr\/lib(?:64)?)?$/;

export function directoryOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** @param directory that holds a program, a php.ini, a php-fpm.conf or pools */
export function homeOf(directory: ByteString): ByteString {
  let home = directory;
  while (!systems.test(home)) {
    const name = nameOf(home);
    const isBelow = /php/.test(directoryOf(home));
    const isPart =
      part.test(name) ||
      (name === 'php' && isBelow) ||
      (sapiOfDirectory(name) !== null && !/php/.test(name));
    if (!isPart) return home;
    home = directoryOf(home);
  }
  return home === '/usr' || home === '/etc' ? '/' : home;
}

const sapis: readonly (readonly [RegExp, RunSapi])[] = [
  [/^cli(?:-php[\d.]*)?$/, 'cli'],
  [/^(?:f?cgi|fastcgi|cgi-fcgi)(?:-php[\d.]*)?$/, 'cgi'],
  [/^(?:fpm|fpm-fcgi)(?:-php[\d.]*)?$/, 'fpm'],
  [/^(?:apache2?|apache2?handler|apache2?-mod_php)(?:-php[\d.]*)?$/, 'apache2'],
  [/^(?:litespeed)(?:-php[\d.]*)?$/, 'litespeed'],
];

/** Of a directory that holds one SAPI's configuration; null for one that all share. */
export function sapiOfDirectory(name: ByteString): RunSapi | null {
  return sapis.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** As `8.2`, of the nearest directory that tells. */
export function versionOfPath(path: ByteString): string | null {
  const names = path.split('/').reverse();
  for (const name of names) {
    if (!/php/.test(name) && !/^\d/.test(name)) continue;
    const version = versionIn(name);
    if (version !== null) return version;
  }
  return null;
}

/** What people call it. */
export function labelOf(home: ByteString, name: ByteString, sapi: RunSapi): string {
  const directory = nameOf(home).replace(/^[a-z\d]{32}-/, '');
  const own = /php/.test(directory) ? directory : /^\d/.test(directory) ? `php${directory}` : null;
  const digits = /php[-\d.]*\d/.exec(name)?.[0];
  return `${own ?? digits ?? 'php'}-${sapi}`;
}
