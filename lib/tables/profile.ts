/**
 * What the rows of a framework's session table mean, as data: which of them its own collector deletes.
 *
 * Invariant: a profile is the framework's own verdict, each rule with its source. Where a framework
 * deletes by one rule and refuses by another when it reads, a row is expired only if both say so.
 */

/** MariaDB and MySQL are one family: where they differ, the server's version decides. */
export type Family = 'mysql' | 'postgresql' | 'sqlite';

/** How a column holds a moment. */
export type TimeType =
  /** A number of units since 1970, in a column of numbers. */
  | 'number'
  /** The same in a column of text. No index helps. */
  | 'number-text'
  /** A moment: MySQL's TIMESTAMP, PostgreSQL's timestamptz. */
  | 'moment'
  /**
   * A date and time of day without a zone: MySQL's DATETIME, PostgreSQL's timestamp, text in SQLite. It is
   * compared with the server's own `now()`, as the framework does; in SQLite with UTC.
   */
  | 'wall-clock';

export type TimeUnit = 'seconds' | 'milliseconds';

/**
 * What a column is for. `id` is what tells rows apart (its columns are in `idRoles`), the others are
 * named by the rules and conditions that use them. Which column that is, is in `columns`.
 */
export type Role = string;

/** Where a rule was read. */
export interface Source {
  /** Package with version, file and line, or an address. */
  readonly at: string;
  /** The statement or expression there. */
  readonly says: string;
}

/**
 * A value that another table of the application holds, asked in the same statement. That table is called as
 * the store's is, with `table` where the store's name has the profile's own: of `mdl_sessions`, `mdl_config`.
 * Where there is no such row, no comparison with it holds.
 */
export interface SiblingValue {
  readonly table: string;
  readonly column: string;
  readonly where: { readonly column: string; readonly is: string };
}

/** One comparison of a column with a constant, for rows that are meant or must never be touched. */
export interface Condition {
  readonly role: Role;
  readonly is: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'null' | 'not-null';
  /** Not for `null` and `not-null`. A whole number where it is a sibling's. */
  readonly value?: number | string | SiblingValue;
}

/** When a row is expired. Now is the database's clock, less the grace. */
export type ExpiryRule = {
  /** Role of the column of the moment. */
  readonly role: Role;
  /**
   * `<`: expired when moment + lifetime < now, as PHP's files. `<=`: a second earlier.
   * The lifetime of an expiry is 0.
   */
  readonly comparison: '<' | '<=';
  readonly source: Source;
} & (
  | { readonly means: 'expiry' }
  | {
      readonly means: 'last-write';
      /** The store's, a multiple of it, or each row's own: the role of a column that holds it, in the same unit. */
      readonly lifetime: 'store' | { readonly times: number } | { readonly role: Role };
    }
);

/** One way in which rows say when they expire. The readings of a profile exclude each other by `rows`. */
export interface Reading {
  /** The rows that are read so: those for which all of these hold. Empty: all. */
  readonly rows: readonly Condition[];
  /** All must say that the row is expired. Rows are found by the first one's column. */
  readonly rules: readonly [ExpiryRule, ...ExpiryRule[]];
}

/** A lock that a request holds while it has a session in hand, beside any lock on the row. */
export type AdvisoryLock =
  /** MySQL's GET_LOCK(name). */
  | { readonly kind: 'name'; readonly name: string }
  /** PostgreSQL's pg_advisory_lock(bigint). */
  | { readonly kind: 'key'; readonly key: bigint }
  /** PostgreSQL's pg_advisory_lock(integer, integer). */
  | { readonly kind: 'key-pair'; readonly keys: readonly [number, number] }
  /** PostgreSQL's pg_advisory_lock(hashtext(a)), or with two texts (hashtext(a), hashtext(b)). */
  | { readonly kind: 'hashtext'; readonly texts: readonly [string] | readonly [string, string] };

/** What the name of a lock can follow from. */
export interface LockedRow {
  /** The values of `idRoles` and of `advisory.roles`, as text. */
  readonly values: Readonly<Record<Role, string>>;
  /** The database's name as the server has it, and the table's without its schema. */
  readonly database: string;
  readonly table: string;
}

export interface AdvisoryRule {
  /** Further columns that the name follows from. */
  readonly roles: readonly Role[];
  /**
   * All locks that any configuration of the framework would take for the row: sescle takes them all, or
   * leaves the row. A server that is missing here has no such lock.
   */
  readonly locks: Readonly<
    Partial<Record<'mysql' | 'postgresql', (row: LockedRow) => readonly AdvisoryLock[]>>
  >;
  readonly source: Source;
}

export interface TableProfile {
  /** As in sescle.toml: `profile = "laravel"`. */
  readonly name: string;
  /** For people: "Laravel". */
  readonly title: string;
  readonly servers: readonly Family[];
  /** The framework's default; null: there is none. */
  readonly table: string | null;
  /** Each role's column, by the framework's default. sescle.toml may name others. */
  readonly columns: Readonly<Record<Role, string>>;
  /** What makes a row unique: the primary key, or a unique index. Nearly always `['id']`. */
  readonly idRoles: readonly [Role, ...Role[]];
  /** Types that the columns of moments may have; anything else is refused. */
  readonly timeTypes: readonly [TimeType, ...TimeType[]];
  /** Of numbers. */
  readonly unit: TimeUnit;
  readonly readings: readonly [Reading, ...Reading[]];
  /** Rows for which any of these fails are never touched, nor counted as expired. */
  readonly only: readonly { readonly condition: Condition; readonly source: Source }[];
  /**
   * Whether requests lock the row (SELECT … FOR UPDATE) while they run. For documents: sescle passes over
   * locked rows wherever the server can.
   */
  readonly locksRows: boolean;
  readonly advisory: AdvisoryRule | null;
  /** Roles of the index that the framework itself creates and that serves to find what is due; null: none. */
  readonly index: readonly Role[] | null;
  /** Of the lifetime, where it is the store's: what sets it in the framework. */
  readonly lifetimeSource: Source | null;
}

/** Whether a store of this profile needs a lifetime: expiries have it in them. */
export function needsLifetime({ readings }: TableProfile): boolean {
  return readings.some(({ rules }) =>
    rules.some(
      (rule) =>
        rule.means === 'last-write' && (rule.lifetime === 'store' || 'times' in rule.lifetime),
    ),
  );
}

/** All roles of columns that a profile reads. */
export function rolesOf({ idRoles, readings, only, advisory }: TableProfile): Role[] {
  const ofRules = readings.flatMap(({ rows, rules }) => [
    ...rows.map(({ role }) => role),
    ...rules.flatMap((rule) =>
      rule.means === 'last-write' && typeof rule.lifetime === 'object' && 'role' in rule.lifetime
        ? [rule.role, rule.lifetime.role]
        : [rule.role],
    ),
  ]);
  const others = only.map(({ condition }) => condition.role);
  return [...new Set([...idRoles, ...ofRules, ...others, ...(advisory?.roles ?? [])])];
}
