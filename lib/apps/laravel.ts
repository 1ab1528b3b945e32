/**
 * Laravel: .env, config/session.php and config/database.php, or what `php artisan config:cache` made of
 * them, which goes before them.
 *
 * Invariant: what the server's environment sets is not seen; a value that stands in .env is taken for it.
 *
 * Sources: laravel/framework config/session.php, Illuminate/Support/Env.php, ConfigurationUrlParser.php.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import { join } from '../php/paths.js';
import type { Source } from '../php/provenance.js';
import type { Application, Connection, Said, SessionStore } from './application.js';
import { type ConnectionParts, connectionOf, partsOfUrl } from './connection.js';
import type { Environment, EnvironmentValue } from './dotenv/environment.js';
import { readPhpdotenv } from './dotenv/phpdotenv.js';
import { type ApplicationFiles, decoded, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, type PhpValue, textOf, unknown } from './php/values.js';

const cachedFile = 'bootstrap/cache/config.php';

export function laravel(files: ApplicationFiles): Application | null {
  if (!files.has('artisan')) return null;
  const hasFramework =
    files.has('bootstrap/app.php') || files.has('config/session.php') || files.has(cachedFile);
  if (!hasFramework) return null;
  const config = new Configuration(files);
  return {
    framework: 'laravel',
    directory: files.directory,
    evidence: files.path('artisan'),
    store: storeOf(config, files),
    lifetime: lifetimeOf(config, files),
    doubts: files.doubts,
  };
}

/** Seconds, where nothing but the directory of the sessions is known to be Laravel's. */
export function laravelLifetime(files: ApplicationFiles): Said<number> | null {
  return lifetimeOf(new Configuration(files), files);
}

/** A value of the configuration, and what says it. */
interface Spoken {
  readonly value: PhpValue | null;
  readonly said: <T>(value: T) => Said<T>;
}

/** Laravel's configuration as a whole: cached, or from its files, which ask the environment. */
class Configuration {
  readonly #files: ApplicationFiles;
  readonly #environment: Environment;
  /** Of the lines of a file of configuration, what they asked for. */
  readonly #asked = new Map<string, EnvironmentValue>();

  constructor(files: ApplicationFiles) {
    this.#files = files;
    const isCached = files.has(cachedFile);
    this.#environment = isCached
      ? new Map()
      : (files.environment('.env', readPhpdotenv) ?? new Map());
  }

  /**
   * @param name as `session`
   * @param environment what the framework's own configuration asks for, where the file or the key is missing
   */
  get(name: string, path: readonly string[], environment?: string): Spoken {
    const cached = this.#files.php(cachedFile);
    if (cached !== null) {
      const value = at(cached.code.returned, name, ...path);
      return { value, said: (each) => said(each, cached.file, value?.line ?? 0) };
    }
    const file = `config/${name}.php`;
    const written = this.#files.php(file, { call: this.#call(file) });
    const value = written === null ? null : at(written.code.returned, ...path);
    if (written !== null && value !== null) {
      const asked = this.#asked.get(`${file}:${value.line}`);
      return {
        value,
        said: (each) =>
          asked === undefined
            ? said(each, written.file, value.line)
            : this.#fromEnvironment(each, asked),
      };
    }
    const found = environment === undefined ? undefined : this.#environment.get(environment);
    return {
      value: found === undefined ? null : asValue(found),
      said: (each) =>
        found === undefined
          ? { value: each, source: { kind: 'default', of: 'Laravel' }, setBy: 0 }
          : this.#fromEnvironment(each, found),
    };
  }

  #fromEnvironment<T>(value: T, { file, line }: EnvironmentValue): Said<T> {
    return { value, source: { kind: 'file', file, line }, setBy: this.#files.setterOf('.env') };
  }

  #call(file: string) {
    const { directory } = this.#files;
    return (name: string, args: readonly PhpValue[], line: number): PhpValue | undefined => {
      const first = args[0] === undefined ? '' : textOf(args[0]);
      if (first === undefined) return undefined;
      if (name === 'env') {
        const found = this.#environment.get(first);
        if (found === undefined) return args[1] ?? { kind: 'null', line };
        this.#asked.set(`${file}:${line}`, found);
        return { ...asValue(found), line };
      }
      const below = folders[name];
      if (below === undefined) return undefined;
      return { kind: 'string', value: join(join(directory, below), first), line };
    };
  }
}

const folders: Readonly<Record<string, string>> = {
  storage_path: 'storage',
  database_path: 'database',
  base_path: '',
};

/** As env() has it: some words are values. */
function asValue({ value, line }: EnvironmentValue): PhpValue {
  if (value === null) return unknown(line);
  switch (value.toLowerCase()) {
    case 'true':
    case '(true)':
      return { kind: 'bool', value: true, line };
    case 'false':
    case '(false)':
      return { kind: 'bool', value: false, line };
    case 'empty':
    case '(empty)':
      return { kind: 'string', value: '', line };
    case 'null':
    case '(null)':
      return { kind: 'null', line };
    default: {
      const quoted = /^(['"])([\s\S]*)\1$/.exec(value)?.[2];
      return { kind: 'string', value: quoted ?? value, line };
    }
  }
}

function lifetimeOf(config: Configuration, files: ApplicationFiles): Said<number> | null {
  const spoken = config.get('session', ['lifetime'], 'SESSION_LIFETIME');
  // A default is nobody's word.
  if (spoken.value === null) return null;
  const seconds = wholeSeconds(spoken.value, 60);
  const found = spoken.said(seconds ?? 0);
  if (seconds === undefined) {
    files.doubt(found.source, 'the lifetime is not a whole number of minutes');
    return null;
  }
  return { ...found, value: seconds };
}

function storeOf(config: Configuration, files: ApplicationFiles): Said<SessionStore> | null {
  const spoken = config.get('session', ['driver'], 'SESSION_DRIVER');
  const driver = spoken.value === null ? undefined : textOf(spoken.value);
  if (driver === undefined) {
    // 11 and later keep sessions in the database, older versions in files.
    files.doubt(spoken.said(0).source, 'the place of the sessions is not a literal value');
    return null;
  }
  if (driver === 'file' || driver === 'native') {
    const directory = config.get('session', ['files']).value;
    const written = directory === null ? undefined : textOf(directory);
    return spoken.said({ kind: 'files', directory: written ?? null });
  }
  if (driver !== 'database') return spoken.said({ kind: 'elsewhere', name: printable(driver) });
  const { connection, prefix } = connectionFor(config, files);
  const table =
    textOf(config.get('session', ['table'], 'SESSION_TABLE').value ?? null) ?? 'sessions';
  return spoken.said({
    kind: 'table',
    table: { profile: 'laravel', table: decoded(`${prefix}${table}`), columns: {}, connection },
  });
}

function connectionFor(
  config: Configuration,
  files: ApplicationFiles,
): { readonly connection: Connection | null; readonly prefix: ByteString } {
  const own = textOf(config.get('session', ['connection'], 'SESSION_CONNECTION').value);
  const chosen = config.get('database', ['default'], 'DB_CONNECTION');
  const name = own === undefined || own === '' ? textOf(chosen.value) : own;
  const entry = config.get('database', ['connections', name ?? '']);
  const source: Source = entry.said(0).source;
  if (name === undefined || entry.value?.kind !== 'array') {
    files.doubt(source, 'the database settings are not literal values');
    return { connection: null, prefix: '' };
  }
  const part = (...keys: readonly string[]) => {
    const value = at(entry.value, ...keys);
    return value === null
      ? undefined
      : (textOf(value) ?? (value.kind === 'null' ? undefined : null));
  };
  const parts = {
    driver: part('driver'),
    host: part('write', 'host') ?? part('host'),
    port: part('port'),
    socket: part('unix_socket'),
    user: part('username'),
    password: part('password'),
    database: part('database'),
    sslmode: part('sslmode'),
  };
  const url = part('url');
  const missing = Object.entries({ ...parts, url }).find(([, value]) => value === null);
  // What the URL names goes before the rest.
  const named =
    typeof url === 'string' && url !== '' ? partsOfUrl(url, source, files.directory) : {};
  const connection =
    missing !== undefined || named === null
      ? null
      : connectionOf({ driver: undefined, ...defined(parts), ...defined({ ...named }), source });
  if (connection === null) {
    files.doubt(
      source,
      `the database settings are not understood (${missing?.[0] ?? 'driver or database'})`,
    );
  }
  return { connection, prefix: part('prefix') ?? '' };
}

function defined(parts: Readonly<Record<string, unknown>>): Partial<ConnectionParts> {
  const given = Object.entries(parts).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(given);
}
