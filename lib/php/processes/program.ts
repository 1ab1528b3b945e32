/**
 * Which SAPI a program is, and which PHP, by its path.
 *
 * Invariant: a name proves nothing; what follows from it is worth as much as the process's uid.
 */
import type { ByteString } from '../byte-string.js';
import type { ProcessSapi } from './process.js';

export interface Program {
  readonly name: ByteString;
  readonly sapi: ProcessSapi;
  readonly version: string | null;
}

/** `8.2`, `-8.2`, `82`: as distributors hang the version on a name. */
const digits = String.raw`(?:-?\d(?:\.?\d{1,2})?)?`;

const names: readonly (readonly [RegExp, ProcessSapi])[] = [
  [new RegExp(`^(?:ea-)?php${digits}-fpm${digits}$`), 'fpm'],
  [new RegExp(`^(?:ea-)?php${digits}-cgi${digits}(?:\\.cagefs)?$`), 'cgi'],
  [new RegExp(`^lsphp${digits}(?:\\.cagefs)?$`), 'litespeed'],
  [new RegExp(`^(?:ea-)?php${digits}(?:-cli)?${digits}(?:\\.default)?$`), 'cli'],
  [/^(?:apache2|httpd(?:[.-](?:worker|event|prefork))?|httpd2)$/, 'apache2'],
  [/^frankenphp$/, 'frankenphp'],
];

/**
 * @param path the link /proc/PID/exe, or the name of /proc/PID/stat, which is cut after 15 bytes
 * @returns undefined for what is not known to run PHP
 */
export function programOf(path: ByteString): Program | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const sapi = names.find(([pattern]) => pattern.test(name))?.[1];
  return sapi === undefined ? undefined : { name, sapi, version: versionOf(path) };
}

/** The path of a program that was replaced while it ran, as in an upgrade, without what tells so. */
export function withoutDeleted(exe: ByteString): ByteString {
  return exe.endsWith(' (deleted)') ? exe.slice(0, -' (deleted)'.length) : exe;
}

/** As in `php-fpm8.2`, `php-cgi82`, `/opt/plesk/php/8.1/sbin`, `/opt/remi/php82`, `ea-php81`. */
function versionOf(path: ByteString): string | null {
  const parts = path.split('/');
  for (let at = parts.length - 1; at >= 0; at -= 1) {
    const part = parts[at] ?? '';
    const found =
      /php(?:-(?:fpm|cgi|cli))?-?([5-9])\.?(\d{1,2})(?!\d)/.exec(part) ??
      (parts[at - 1] === 'php' ? /^([5-9])\.(\d{1,2})(?!\d)/.exec(part) : null);
    if (found !== null) return `${found[1]}.${found[2]}`;
  }
  return null;
}

/** The last name of a path. */
export function nameOf(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1);
}
