/**
 * What is known of a php-fpm pool: what its files say of how its processes run, and of their sessions.
 *
 * Invariant: each value has its source, and who could have written it.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Source, Warning } from '../provenance.js';
import type { SessionSettingName, SessionSettings } from '../usage.js';

export interface FpmPool {
  readonly name: ByteString;
  /** Null: none is named, the tree's /etc/passwd does not know it, or it is not to be believed. */
  readonly user: { readonly uid: number; readonly name: string | null } | null;
  readonly group: ByteString | null;
  readonly prefix: ByteString | null;
  /** Absolute. */
  readonly chroot: ByteString | null;
  /** Who could have chosen `chroot`, or that there is none. */
  readonly chrootSetBy: Setter;
  readonly chdir: ByteString | null;
  /** Whether its processes forget the environment of the master. */
  readonly clearEnv: boolean;
  /** What the pool itself sets. */
  readonly settings: SessionSettings;
  /** Those which neither a script nor a .user.ini can change: php_admin_value and php_admin_flag. */
  readonly adminSettings: ReadonlySet<SessionSettingName>;
  /** The first of its sections. */
  readonly source: Source;
  /** php-fpm would not start with it; `warnings` say why. */
  readonly isBroken: boolean;
  /** One that hides something is about this pool alone. */
  readonly warnings: readonly Warning[];
  /** It is what the lines that are root's say, where those of others make something else of it. */
  readonly isRootsAlone?: true;
}
