/**
 * A table as a caller names it, checked and completed.
 *
 * Invariant: behind checkTarget() a table has an address or an application, a profile with every column, and
 * at most one place of its password. What is refused never repeats a password.
 */
import { invalidArgument, SescleError } from '../errors.js';
import { parseAddress } from './address.js';
import type { TableSource, TableTarget } from './planned.js';
import type { TableProfile } from './profile.js';
import { tableProfiles } from './profiles/all.js';
import { type CustomTable, customProfile } from './profiles/custom.js';
import type { SecretSource } from './secrets.js';

/** As sescle.toml has it in a `[[store]]`. */
export interface TableDescription {
  /** `mysql://USER@HOST/DATABASE`, `postgres://…`, `sqlite:/PATH`; or app. */
  readonly database?: string | undefined;
  /** The directory of an application whose own settings say where its sessions are. */
  readonly app?: string | undefined;
  /** A framework, as `laravel`; or what the rows mean. */
  readonly profile: string | CustomTable;
  /** Default: the framework's. */
  readonly table?: string | undefined;
  /** Columns that have other names than the framework's, by their roles: `{ id: 'sid' }`. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Where the password is; at most one of these. */
  readonly passwordFile?: string | undefined;
  /** A systemd credential. */
  readonly credential?: string | undefined;
  /** A variable of the environment. */
  readonly passwordVariable?: string | undefined;
}

/** @throws SescleError ERR_INVALID_ARGUMENT */
export function checkTarget(given: TableDescription): TableTarget {
  const profile = profileOf(given.profile);
  const columns = checkColumns(given.columns ?? {}, profile);
  const table = given.table ?? profile.table;
  if (given.table !== undefined) checkText('table', given.table);
  if (table === null && given.app === undefined) {
    throw invalidArgument('table', 'the name of the table, which this profile has no default for');
  }
  return { source: sourceOf(given), profile, table: given.table ?? null, columns };
}

function sourceOf({ database, app, ...given }: TableDescription): TableSource {
  const secret = secretOf(given);
  if ((database === undefined) === (app === undefined)) {
    throw invalidArgument('database', 'an address, or app in its place: one of the two');
  }
  if (app !== undefined) {
    if (secret.kind !== 'none')
      throw invalidArgument(
        'passwordFile',
        'left out where app is: the application has the password',
      );
    if (typeof app !== 'string' || !app.startsWith('/'))
      throw invalidArgument('app', 'an absolute path', app);
    return { kind: 'app', directory: app };
  }
  checkText('database', database);
  const address = parseAddress(database);
  if (address.family === 'sqlite' && secret.kind !== 'none') {
    throw invalidArgument('passwordFile', 'left out where database is an SQLite file');
  }
  return { kind: 'address', address, secret };
}

function secretOf({
  passwordFile,
  credential,
  passwordVariable,
}: Pick<TableDescription, 'passwordFile' | 'credential' | 'passwordVariable'>): SecretSource {
  const named = [passwordFile, credential, passwordVariable].filter((one) => one !== undefined);
  if (named.length > 1) {
    throw invalidArgument(
      'passwordFile',
      'the one place of the password: passwordFile, credential or passwordVariable',
    );
  }
  for (const one of named) checkText('passwordFile', one);
  if (passwordFile !== undefined) {
    if (!passwordFile.startsWith('/'))
      throw invalidArgument('passwordFile', 'an absolute path', passwordFile);
    return { kind: 'file', path: passwordFile };
  }
  if (credential !== undefined) return { kind: 'credential', name: credential };
  return passwordVariable === undefined
    ? { kind: 'none' }
    : { kind: 'environment', name: passwordVariable };
}

function profileOf(given: string | CustomTable): TableProfile {
  if (typeof given === 'string') {
    const profile = tableProfiles.get(given);
    if (profile !== undefined) return profile;
    throw invalidArgument(
      'profile',
      `one of ${[...tableProfiles.keys()].join(', ')}, or a description of the rows`,
      given,
    );
  }
  const profile = customProfile(given);
  if (typeof profile !== 'string') return profile;
  throw new SescleError(`where is not valid: it ${profile}`, {
    code: 'ERR_INVALID_ARGUMENT',
    remedy: 'correct where',
  });
}

function checkColumns(
  columns: Readonly<Record<string, string>>,
  { columns: known, title }: TableProfile,
) {
  for (const [role, column] of Object.entries(columns)) {
    if (!Object.hasOwn(known, role)) {
      throw invalidArgument(
        `columns: ${role}`,
        `one of the columns of ${title}: ${Object.keys(known).join(', ')}`,
      );
    }
    checkText(`columns: ${role}`, column);
  }
  return columns;
}

function checkText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    throw invalidArgument(name, 'text');
}
