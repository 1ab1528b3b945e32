/**
 * One SAPI of one PHP that is installed: what says where its configuration is.
 *
 * Invariant: an installation is one SAPI, since each may have its own php.ini.
 */
import type { ByteString } from '../byte-string.js';
import type { Packager } from '../compiled-in.js';
import type { Sapi, SessionSettings } from '../usage.js';

export interface Installation {
  /** What people call it, as `php8.2-fpm`. */
  readonly label: string;
  readonly sapi: Sapi;
  /** PHP's own name of it, as `fpm-fcgi`. */
  readonly sapiName: string;
  /** As `8.2`, where a path or the program tells. */
  readonly version: string | null;
  /** Where php.ini is looked for. */
  readonly searchDirs: readonly ByteString[];
  /** The scan directories, `:` between them. */
  readonly scanPath: ByteString;
  /** Whether they are only called as such directories are. */
  readonly isScanGuessed?: boolean;
  /** php-fpm.conf, for FPM. */
  readonly fpmFile: ByteString | null;
  /** A directory of pools that no php-fpm.conf was found for. */
  readonly poolDirectory?: ByteString;
  /** The command line's interpreter, which may be asked for what was compiled in. */
  readonly interpreter: ByteString;
  readonly packager: Packager;
  /** Defaults that its program shows, where they are others than the packager's. */
  readonly builtIn?: SessionSettings;
  /** Its programs, without links, where they told of it. */
  readonly programs?: readonly ByteString[];
  /** Containers usually have none. */
  readonly isIniOptional?: true;
  /** Why nobody knows which php.ini it reads. */
  readonly isIniUnknown?: true;
}

/** PHP's own names of the SAPIs. */
export const sapiNames: Readonly<Record<Exclude<Sapi, 'configuration'>, string>> = {
  cli: 'cli',
  cgi: 'cgi-fcgi',
  fpm: 'fpm-fcgi',
  apache2: 'apache2handler',
  litespeed: 'litespeed',
  frankenphp: 'frankenphp',
};

/** `php82`, `ea-php82`, `8.2`, `php-8.2.20` are 8.2. */
export function versionIn(name: ByteString): string | null {
  const digits = /([5-9])\.?(\d{1,2})(?:\.\d+)?$/.exec(name);
  return digits === null ? null : `${digits[1]}.${digits[2]}`;
}
