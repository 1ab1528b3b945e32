/**
 * One way in which PHP runs on this machine, with the settings that it has there: what every
 * reader of configuration (ini files, FPM pools, Apache, running processes) finds, and what
 * lib/stores merges into stores.
 *
 * Invariant: a Usage says what PHP would use, not what is sensible; nothing is resolved against our
 * own working directory or environment. Values that PHP would refuse are as PHP would have them.
 */
import type { ByteString } from './byte-string.js';
import type { FileTree } from './file-tree.js';
import { displacing, type Setting, type Warning } from './provenance.js';

/** The settings that decide where sessions are, how long they live, and who collects them. */
export const sessionSettingNames = [
  'session.save_handler',
  'session.save_path',
  'session.gc_maxlifetime',
  'session.gc_probability',
  'session.gc_divisor',
  'sys_temp_dir',
  /** Decides which directories a .user.ini or an .htaccess may still choose. */
  'open_basedir',
  /** Not an ini setting: the environment variable, which PHP falls back to. */
  'TMPDIR',
] as const;

export type SessionSettingName = (typeof sessionSettingNames)[number];

/** Whether it says how long sessions live, and who collects them; not where they are. */
export function isAboutLifetime(name: SessionSettingName): boolean {
  return name.startsWith('session.gc_');
}

/** What is set; what is missing has PHP's own default. */
export type SessionSettings = ReadonlyMap<SessionSettingName, Setting>;

/** Settings with others laid over them: what is set there wins. */
export function layered(base: SessionSettings, over: SessionSettings): SessionSettings {
  const settings = new Map(base);
  for (const [name, setting] of over) settings.set(name, displacing(setting, base.get(name)));
  return settings;
}

/** The same usage as root alone has it set up; null where nobody else has a say that root had too. */
export function asRootSays(usage: Usage): Usage | null {
  const settings = new Map(usage.settings);
  let isOther = false;
  for (const [name, { displaced }] of usage.settings) {
    if (displaced === undefined) continue;
    settings.set(name, displaced);
    isOther = true;
  }
  return isOther ? { ...usage, settings } : null;
}

export type Sapi =
  | 'cli'
  | 'cgi'
  | 'fpm'
  | 'apache2'
  | 'litespeed'
  | 'frankenphp'
  /** A value in sescle's own configuration. */
  | 'configuration';

export interface Usage {
  /** What people call it, as `php8.2-fpm pool www`, `apache2 vhost shop.example:80`. */
  readonly label: string;
  readonly sapi: Sapi;
  /** The files that its paths are meant in: this machine's, or a container's. */
  readonly tree: FileTree;
  /** Whom it writes sessions as; null: anyone may run it, or it is not known. */
  readonly runsAs: { readonly uid: number; readonly name: string | null } | null;
  /** FPM's `chroot`, below which PHP sees its paths; null: none. */
  readonly chroot: ByteString | null;
  readonly settings: SessionSettings;
  /** The pool or the virtual host that it is of; undefined: of any site. */
  readonly site?: string;
  /** Whether it is what a .user.ini or an .htaccess makes of another, which root never asked for. */
  readonly isUserFile?: boolean;
  /** The files that its settings were read from, as `/etc/php.d/*.ini (23 files)`; printable. */
  readonly readFrom?: readonly string[];
  /** About this usage; one that hides something is about the sessions that it writes. */
  readonly warnings: readonly Warning[];
}
