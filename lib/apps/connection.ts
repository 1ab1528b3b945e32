/**
 * How to reach a database, from what applications write: a URL, or its parts.
 *
 * Invariant: what comes out is complete: a part that is not understood makes the whole unknown.
 */
import { type ByteString, fromBytes } from '../php/byte-string.js';
import type { Source } from '../php/provenance.js';
import { type Connection, Secret } from './application.js';
import { decoded } from './files.js';

export interface ConnectionParts {
  /** As the application calls it: `mysql`, `mysqli`, `mariadb`, `pgsql`, `pdo_pgsql`, `sqlite`. */
  readonly driver: ByteString | undefined;
  readonly host?: ByteString | undefined;
  readonly port?: ByteString | undefined;
  readonly socket?: ByteString | undefined;
  readonly user?: ByteString | undefined;
  readonly password?: ByteString | undefined;
  readonly database?: ByteString | undefined;
  readonly sslmode?: ByteString | undefined;
  readonly ca?: ByteString | undefined;
  readonly certificate?: ByteString | undefined;
  readonly key?: ByteString | undefined;
  readonly source: Source;
}

/** Null: no database that sescle speaks to, or none is named. */
export function connectionOf(parts: ConnectionParts): Connection | null {
  const family = familyOf(parts.driver);
  const database = parts.database === undefined ? '' : decoded(parts.database);
  if (family === null || database === '' || /[\0\n\r]/.test(database)) return null;
  const tlsFiles = {
    ca: pathOf(parts.ca),
    certificate: pathOf(parts.certificate),
    key: pathOf(parts.key),
  };
  const common = { family, database, tlsFiles, source: parts.source };
  if (family === 'sqlite') {
    if (!database.startsWith('/')) return null;
    return {
      ...common,
      host: null,
      port: null,
      socket: null,
      user: null,
      tls: 'off',
      password: null,
    };
  }
  // PostgreSQL's clients take a directory for a host.
  const written = decoded(parts.host ?? '');
  const socket = pathOf(parts.socket) ?? (written.startsWith('/') ? written : null);
  // `localhost:3307`, as MySQL's old clients have it.
  const [, name = written, digits = ''] = /^([^:[\]]+):(\d{1,5})$/.exec(written) ?? [];
  const port = portOf(parts.port === undefined || parts.port === '' ? digits : parts.port);
  if (port === undefined || /[\0\s]/.test(name)) return null;
  return {
    ...common,
    host: socket === null ? name || 'localhost' : null,
    port,
    socket: family === 'postgresql' ? (socket?.replace(/\/\.s\.PGSQL\.\d+$/, '') ?? null) : socket,
    user: parts.user === undefined || parts.user === '' ? null : decoded(parts.user),
    tls: tlsOf(family, parts.sslmode, tlsFiles.ca),
    password:
      parts.password === undefined || parts.password === ''
        ? null
        : new Secret(decoded(parts.password)),
  };
}

/**
 * `mysql://user:pass@host:3306/name?unix_socket=…`, as Laravel's DATABASE_URL, Doctrine's and Symfony's.
 *
 * @param directory what a relative path of SQLite is below; `%kernel.project_dir%` in it is that too
 */
export function connectionOfUrl(
  url: ByteString,
  source: Source,
  directory: ByteString,
): Connection | null {
  const parts = partsOfUrl(url, source, directory);
  return parts === null ? null : connectionOf(parts);
}

/** The parts that a URL names, for those who have others beside it. */
export function partsOfUrl(
  url: ByteString,
  source: Source,
  directory: ByteString,
): ConnectionParts | null {
  const text = url.replaceAll('%kernel.project_dir%', directory);
  const [, scheme = '', rest = ''] = /^([a-zA-Z][a-zA-Z0-9+._-]*):(.*)$/s.exec(text) ?? [];
  if (familyOf(scheme) === 'sqlite') {
    const path = rest.replace(/[?#].*$/s, '').replace(/^\/\/(?:localhost)?(?=\/)/, '');
    // Three slashes begin a relative path to Doctrine's older versions; only four are always absolute.
    const absolute = path.replace(/^\/\/+/, '/');
    return { driver: scheme, database: percentDecoded(absolute), source };
  }
  const parts =
    /^\/\/(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(?:\/([^?#]*))?(?:\?([^#]*))?/.exec(rest);
  if (parts === null) return null;
  const [, login, host = '', port = '', database = '', query = ''] = parts;
  const colon = login?.indexOf(':') ?? -1;
  const options = new URLSearchParams(Buffer.from(query, 'latin1').toString('utf8'));
  const option = (name: string) => {
    const value = options.get(name);
    return value === null ? undefined : fromBytes(Buffer.from(value));
  };
  return {
    driver: scheme,
    host: option('host') ?? percentDecoded(host.replace(/^\[|\]$/g, '')),
    port,
    socket: option('unix_socket') ?? option('socket'),
    user:
      login === undefined ? undefined : percentDecoded(colon < 0 ? login : login.slice(0, colon)),
    password: login === undefined || colon < 0 ? undefined : percentDecoded(login.slice(colon + 1)),
    database: percentDecoded(database),
    sslmode: option('sslmode'),
    ca: option('sslrootcert') ?? option('ssl_ca'),
    source,
  };
}

/** `mysql:host=localhost;dbname=shop`, as PDO has it. */
export function partsOfDsn(dsn: ByteString, source: Source): ConnectionParts | null {
  const [, driver, rest = ''] = /^([a-z]+):(.*)$/s.exec(dsn) ?? [];
  if (driver === undefined) return null;
  if (familyOf(driver) === 'sqlite') return { driver, database: rest, source };
  const parts = new Map(
    rest.split(/[;\s]+/).map((part): [string, string] => {
      const equals = part.indexOf('=');
      return [part.slice(0, Math.max(equals, 0)).trim(), part.slice(equals + 1)];
    }),
  );
  return {
    driver,
    host: parts.get('host'),
    port: parts.get('port'),
    socket: parts.get('unix_socket'),
    user: parts.get('user'),
    password: parts.get('password'),
    database: parts.get('dbname'),
    sslmode: parts.get('sslmode'),
    source,
  };
}

export function familyOf(driver: ByteString | undefined): Connection['family'] | null {
  const name = driver?.toLowerCase().replace(/^pdo[-_]?/, '');
  switch (name) {
    case 'mysql':
    case 'mysql2':
    case 'mysqli':
    case 'mariadb':
    case 'auroramysql':
      return 'mysql';
    case 'pgsql':
    case 'postgres':
    case 'postgresql':
    case 'postgre':
      return 'postgresql';
    case 'sqlite':
    case 'sqlite3':
      return 'sqlite';
    default:
      return null;
  }
}

function tlsOf(
  family: Connection['family'],
  mode: ByteString | undefined,
  ca: string | null,
): Connection['tls'] {
  if (family === 'mysql') return ca === null ? 'off' : 'verify';
  if (mode === 'verify-full' || mode === 'verify-ca') return 'verify';
  return mode === 'require' ? 'on' : 'off';
}

function pathOf(text: ByteString | undefined): string | null {
  return text?.startsWith('/') === true && !/[\0\n\r]/.test(text) ? decoded(text) : null;
}

/** Undefined: no port. */
function portOf(text: ByteString): number | null | undefined {
  if (text === '') return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** As rawurldecode does: what is no escape stays. */
function percentDecoded(text: ByteString): ByteString {
  return text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
