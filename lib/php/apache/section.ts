/**
 * What an Apache configuration says of PHP's sessions: hosts, and the sections in them.
 *
 * Invariant: sections and settings are in the order in which Apache reads them; nothing is merged
 * here (./merge.ts does).
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Setting, Source, Warning } from '../provenance.js';
import type { SessionSettingName } from '../usage.js';

export interface PhpSetting extends Setting {
  readonly name: SessionSettingName;
  /** php_admin_value and php_admin_flag, which no php_value of a later section overrides. */
  readonly isAdmin: boolean;
  /** False where it stands in a condition that only a running Apache can decide. */
  readonly isCertain: boolean;
  /** It stands in an .htaccess file: PHP is asked whether it takes it. */
  readonly isOfAccessFile?: true;
  /** Why its value is not all that Apache knows. */
  readonly doubt?: Warning;
}

/** A directory that is served, and who could have said so. */
export interface ServedDirectory {
  readonly path: ByteString;
  readonly source: Source;
  readonly setBy: Setter;
}

export type SectionKind =
  /** What stands in no section: of the server, a virtual host, or an .htaccess file. */
  | 'top'
  | 'directory'
  | 'location'
  | 'files'
  /** Depends on the request. */
  | 'if';

export interface Section {
  readonly kind: SectionKind;
  /** A path, a pattern, a regular expression; '' at the top. Directories have no slash at the end. */
  readonly pattern: ByteString;
  readonly isRegex: boolean;
  /** As people write it, `<Directory /srv/www>`; '' at the top. */
  readonly title: string;
  readonly settings: readonly PhpSetting[];
  /** The `<Files>` and `<If>` in it. */
  readonly inside: readonly Section[];
  /** Whether AllowOverride lets .htaccess files set PHP's values; null: it does not say. */
  readonly allowsOverride: boolean | null;
  readonly source: Source;
  readonly setBy: Setter;
  /** Why what it sets is not all known: of an .htaccess that was not read. */
  readonly doubts?: readonly Warning[];
}

/** The server itself, or a virtual host. */
export interface ApacheScope {
  /** `shop.example:80`; null for the server itself. */
  readonly name: string | null;
  readonly source: Source;
  readonly top: Section;
  readonly directories: readonly Section[];
  readonly locations: readonly Section[];
  /** Null where it says nothing: then the server's. */
  readonly documentRoot: ServedDirectory | null;
  readonly aliases: readonly (ServedDirectory & { readonly url: ByteString })[];
  /** What UserDir says of the users' directories, `public_html` or a path. */
  readonly userDirectories: readonly ServedDirectory[];
  /** Null where it says nothing: then the server's. */
  readonly accessFileNames: readonly ByteString[] | null;
  /** Whom its requests run as (mod_mpm_itk, mod_ruid2); for the server its User. */
  readonly user: { readonly text: ByteString; readonly source: Source } | null;
}
