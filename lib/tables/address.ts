/**
 * Where a database is, from one line: `mysql://sescle@localhost/shop`, `postgres://…`, `sqlite:/path`.
 *
 * Invariant: an address holds no secret: a password in the line is refused, since the line is shown,
 * logged and kept in files that others read.
 */
import { invalidArgument, SescleError } from '../errors.js';
import type { Family } from './profile.js';

/** `off`: none; `on`: encrypted, whoever the server is; `verify`: and its certificate is checked. */
export type TlsMode = 'off' | 'on' | 'verify';

export interface TlsFiles {
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

export interface DatabaseAddress {
  readonly family: Family;
  /** Null: a unix socket, or SQLite. */
  readonly host: string | null;
  /** Null: the server's usual one. */
  readonly port: number | null;
  /** MySQL: the socket. PostgreSQL: the directory that it lies in. Null: TCP, or the usual one of localhost. */
  readonly socket: string | null;
  readonly user: string | null;
  /** Its name; of SQLite the absolute path of the file. */
  readonly database: string;
  readonly tls: TlsMode;
  readonly tlsFiles: TlsFiles;
}

const schemes: Readonly<Record<string, Family>> = {
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'postgres:': 'postgresql',
  'postgresql:': 'postgresql',
  'pgsql:': 'postgresql',
  'sqlite:': 'sqlite',
};

const tlsModes: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  require: 'on',
  'verify-full': 'verify',
};

const known = ['socket', 'host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];
const noTlsFiles: TlsFiles = { ca: null, certificate: null, key: null };

/**
 * @param text as `database` in sescle.toml
 * @throws SescleError ERR_INVALID_ARGUMENT; it never repeats the text, which may hold a password
 */
export function parseAddress(text: string): DatabaseAddress {
  if (/^sqlite:/i.test(text)) return sqliteAddress(text.slice('sqlite:'.length));
  const url = parsed(text);
  const family = schemes[url.protocol];
  if (family === undefined) throw unreadable();
  if (url.password !== '') {
    throw new SescleError(
      'database holds a password, which anyone who reads this file would know',
      {
        code: 'ERR_INVALID_ARGUMENT',
        remedy: 'move it into a file that only its owner can read, and name that as password_file',
      },
    );
  }
  const database = decoded(url.pathname.slice(1));
  if (database === '')
    throw invalidArgument(
      'database',
      'an address that ends with the database, as mysql://sescle@localhost/shop',
    );
  const options = optionsOf(url);
  const named =
    options.get('socket') ??
    (options.get('host')?.startsWith('/') ? options.get('host') : undefined);
  const host = decoded(url.hostname).replace(/^\[|\]$/g, '');
  const isLocal = ['', 'localhost', '127.0.0.1', '::1'].includes(host);
  return {
    family,
    host: named === undefined && host !== '' ? host : null,
    port: url.port === '' ? null : Number(url.port),
    socket: named === undefined ? null : socketOf(family, named),
    user: url.username === '' ? null : decoded(url.username),
    database,
    tls: tlsOf(options.get('sslmode'), isLocal || named !== undefined),
    tlsFiles: {
      ca: fileOf(options, 'sslrootcert'),
      certificate: fileOf(options, 'sslcert'),
      key: fileOf(options, 'sslkey'),
    },
  };
}

/** For people: without a user, since two stores of one table are one. */
export function addressText({ family, host, port, socket, database }: DatabaseAddress): string {
  if (family === 'sqlite') return `sqlite:${database}`;
  const scheme = family === 'mysql' ? 'mysql' : 'postgres';
  const place = host === null ? '' : host.includes(':') ? `[${host}]` : host;
  const query = socket === null ? '' : `?socket=${socket}`;
  return `${scheme}://${place}${port === null ? '' : `:${port}`}/${database}${query}`;
}

function sqliteAddress(rest: string): DatabaseAddress {
  const path = rest.replace(/^\/\/(?=\/)/, '');
  if (!path.startsWith('/') || path.includes('\0')) {
    throw invalidArgument(
      'database',
      'an absolute path behind sqlite:, as sqlite:/srv/shop/database.sqlite',
    );
  }
  return {
    family: 'sqlite',
    host: null,
    port: null,
    socket: null,
    user: null,
    database: path,
    tls: 'off',
    tlsFiles: noTlsFiles,
  };
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw unreadable();
  }
}

function unreadable(): SescleError {
  return invalidArgument(
    'database',
    'mysql://USER@HOST/DATABASE, postgres://USER@HOST/DATABASE or sqlite:/PATH',
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable();
  }
}

function optionsOf({ searchParams }: URL): Map<string, string> {
  for (const name of searchParams.keys()) {
    if (!known.includes(name))
      throw invalidArgument(`database: ?${name}=`, `one of ${known.join(', ')}`);
  }
  return new Map(searchParams);
}

function socketOf(family: Family, path: string): string {
  if (!path.startsWith('/')) throw invalidArgument('database: ?socket=', 'an absolute path', path);
  // libpq and pg are told the directory, people often the socket.
  return family === 'postgresql' ? path.replace(/\/\.s\.PGSQL\.\d+$/, '') : path;
}

function tlsOf(mode: string | undefined, isLocal: boolean): TlsMode {
  if (mode === undefined) return isLocal ? 'off' : 'verify';
  const known = tlsModes[mode];
  if (known === undefined) {
    throw invalidArgument(
      'database: ?sslmode=',
      `one of ${Object.keys(tlsModes).join(', ')}`,
      mode,
    );
  }
  return known;
}

function fileOf(options: ReadonlyMap<string, string>, name: string): string | null {
  const path = options.get(name);
  if (path === undefined) return null;
  if (!path.startsWith('/')) throw invalidArgument(`database: ?${name}=`, 'an absolute path', path);
  return path;
}
