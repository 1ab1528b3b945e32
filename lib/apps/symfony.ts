/**
 * Symfony: config/packages/framework.yaml, config/services.yaml and .env.
 *
 * Invariant: only YAML is read, of which what the environment in use adds goes before the rest. A handler
 * that is put together in PHP is not seen, of which there is a doubt.
 *
 * Sources: symfony/http-foundation Session/Storage/Handler/SessionHandlerFactory.php, symfony/dotenv
 * Dotenv.php (loadEnv), symfony/framework-bundle DependencyInjection.
 */
import { type ByteString, printable } from '../php/byte-string.js';
import type { ConfigFile } from '../php/file-tree.js';
import type { Application, Connection, Said, SessionStore } from './application.js';
import { connectionOf, partsOfDsn, partsOfUrl } from './connection.js';
import type { Environment } from './dotenv/environment.js';
import { readSymfonyDotenv } from './dotenv/symfony-dotenv.js';
import { type ApplicationFiles, decoded, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, type PhpValue, textOf } from './php/values.js';
import { readYaml } from './yaml.js';

export function symfony(files: ApplicationFiles): Application | null {
  if (!files.has('bin/console') || !files.has('config/bundles.php')) return null;
  const kernel = new Kernel(files);
  return {
    framework: 'symfony',
    directory: files.directory,
    evidence: files.path('config/bundles.php'),
    store: storeOf(kernel, files),
    lifetime: lifetimeOf(kernel),
    doubts: files.doubts,
  };
}

/** A value and the file that it stands in. */
interface Found {
  readonly value: PhpValue;
  readonly file: ConfigFile;
}

class Kernel {
  readonly #files: ApplicationFiles;
  readonly #variables: Environment;
  readonly environment: string;
  readonly #setBy: Said<null>['setBy'];

  constructor(files: ApplicationFiles) {
    this.#files = files;
    const dumped = files.php('.env.local.php');
    let variables: Environment = new Map();
    let setBy: Said<null>['setBy'] = 0;
    const read = (name: string) => {
      const found = files.environment(name, (text, file) =>
        readSymfonyDotenv(text, file, variables),
      );
      variables = found ?? variables;
      if (found !== null) setBy = both(setBy, files.setterOf(name));
    };
    if (dumped !== null) {
      const { returned } = dumped.code;
      const entries = returned?.kind === 'array' ? [...returned.entries] : [];
      variables = new Map(
        entries.map(([name, value]) => [
          name,
          { value: textOf(value) ?? null, file: dumped.file.path, line: value.line },
        ]),
      );
      setBy = dumped.file.setBy;
    } else {
      read('.env');
      const environment = variables.get('APP_ENV')?.value ?? 'dev';
      if (environment !== 'test') read('.env.local');
      const named = variables.get('APP_ENV')?.value ?? environment;
      if (/^[A-Za-z0-9_]{1,40}$/.test(named) && named !== 'local') {
        read(`.env.${named}`);
        read(`.env.${named}.local`);
      }
    }
    this.#variables = variables;
    this.#setBy = setBy;
    this.environment = variables.get('APP_ENV')?.value ?? 'dev';
  }

  /** What is said last of a path below `framework: session:`. */
  session(key: string): Found | null {
    const files = [
      'config/packages/framework',
      `config/packages/${this.#environmentFolder}/framework`,
    ];
    let found: Found | null = null;
    for (const file of files.flatMap((name) => [`${name}.yaml`, `${name}.yml`])) {
      const read = this.yaml(file);
      if (read === null) continue;
      for (const top of [[], [`when@${this.environment}`]]) {
        const value = at(read.value, ...top, 'framework', 'session', key);
        const isThere = value !== null && (value.kind !== 'unknown' || value.line > 0);
        if (isThere) found = { value, file: read.file };
      }
    }
    return found;
  }

  get #environmentFolder(): string {
    return /^[A-Za-z0-9_]{1,40}$/.test(this.environment) ? this.environment : 'dev';
  }

  yaml(name: string): Found | null {
    const file = this.#files.text(name);
    if (file === null) return null;
    const value = readYaml(file.text);
    if (value === null && file.text.trim() !== '') {
      this.#files.doubt({ kind: 'file', file: file.path, line: 0 }, 'is not understood');
    }
    return value === null ? null : { value, file };
  }

  /** With `%env(NAME)%` and the kernel's own parameters put in; null: not known. */
  resolved(text: ByteString, found: Found): Said<ByteString> | null {
    let from: Said<ByteString> = said('', found.file, found.value.line);
    let isKnown = true;
    const value = text.replaceAll(
      /%(?:env\((?:(?:resolve|string|trim|key:[a-z]+|url):)?([A-Za-z0-9_]+)\)|([A-Za-z0-9_.]+)|)%/g,
      (whole, name?: string, parameter?: string) => {
        if (name !== undefined) {
          const variable = this.#variables.get(name);
          if (variable?.value == null) {
            isKnown = false;
            return '';
          }
          from = {
            value: '',
            source: { kind: 'file', file: variable.file, line: variable.line },
            setBy: this.#setBy,
          };
          return variable.value;
        }
        if (parameter === undefined) return '%';
        const own = this.#parameter(parameter);
        isKnown &&= own !== null;
        return own ?? whole;
      },
    );
    // Another way to say %env()% was not replaced.
    if (!isKnown || /%env\(/.test(value)) return null;
    return { ...from, value: value.replaceAll('%kernel.project_dir%', this.#files.directory) };
  }

  #parameter(name: string): ByteString | null {
    if (name === 'kernel.project_dir') return this.#files.directory;
    if (name === 'kernel.environment') return this.environment;
    if (name === 'kernel.cache_dir')
      return `${this.#files.directory}/var/cache/${this.environment}`;
    const services = this.yaml('config/services.yaml');
    const value = textOf(at(services?.value, 'parameters', name));
    return value === undefined || value.includes('%') ? null : value;
  }
}

function both(a: Said<null>['setBy'], b: Said<null>['setBy']): Said<null>['setBy'] {
  return a === 0 || a === b ? b : b === 0 ? a : null;
}

function lifetimeOf(kernel: Kernel): Said<number> | null {
  const found = kernel.session('gc_maxlifetime');
  const text = textOf(found?.value ?? null);
  if (found === null || text === undefined) return null;
  const resolved = kernel.resolved(text, found);
  const seconds = resolved === null ? undefined : wholeSeconds(resolved.value, 1);
  return resolved === null || seconds === undefined ? null : { ...resolved, value: seconds };
}

const nativeHandlers = ['session.handler.native_file', 'session.handler.native'];

function storeOf(kernel: Kernel, files: ApplicationFiles): Said<SessionStore> | null {
  const found = kernel.session('handler_id');
  const id = textOf(found?.value ?? null);
  if (found === null) return null;
  if (found.value.kind === 'null' || (id !== undefined && nativeHandlers.includes(id))) {
    const saved = kernel.session('save_path');
    const path = textOf(saved?.value ?? null);
    const resolved = saved === null || path === undefined ? null : kernel.resolved(path, saved);
    return said(
      { kind: 'files', directory: resolved?.value ?? null },
      found.file,
      found.value.line,
    );
  }
  const resolved = id === undefined ? null : kernel.resolved(id, found);
  if (resolved === null || id === undefined) {
    files.doubt(
      { kind: 'file', file: found.file.path, line: found.value.line },
      'the place of the sessions is not a literal value',
    );
    return null;
  }
  const scheme = /^([a-z0-9+_-]+):/.exec(resolved.value)?.[1];
  if (scheme !== undefined) {
    const parts = /:\/\//.test(resolved.value)
      ? partsOfUrl(resolved.value, resolved.source, files.directory)
      : partsOfDsn(resolved.value, resolved.source);
    const connection = parts === null ? null : connectionOf(parts);
    return connection === null && !/^(?:pdo_)?(?:mysql|pgsql|postgres|sqlite)/.test(scheme)
      ? { ...resolved, value: { kind: 'elsewhere', name: printable(scheme) } }
      : { ...resolved, value: tableOf(connection, {}) };
  }
  return pdoService(id, found, kernel, files);
}

/** A service of config/services.yaml whose class is PdoSessionHandler. */
function pdoService(
  id: ByteString,
  found: Found,
  kernel: Kernel,
  files: ApplicationFiles,
): Said<SessionStore> | null {
  const services = kernel.yaml('config/services.yaml');
  const service = at(services?.value, 'services', id);
  const className = textOf(at(service, 'class')) ?? id;
  if (!/(?:^|\\)PdoSessionHandler$/.test(className) || services === null) {
    files.doubt(
      { kind: 'file', file: found.file.path, line: found.value.line },
      `${printable(id)} is not understood`,
    );
    return null;
  }
  const first = at(service, 'arguments', '0') ?? at(service, 'arguments', '$pdoOrDsn');
  const options = at(service, 'arguments', '1') ?? at(service, 'arguments', '$options');
  const option = (name: string) => {
    const text = textOf(at(options, name));
    return text === undefined
      ? undefined
      : kernel.resolved(text, { ...services, value: options ?? services.value })?.value;
  };
  // A connection of Doctrine's goes by DATABASE_URL unless somebody wrote otherwise.
  const written = textOf(first);
  const isDsn = written !== undefined && !/^@/.test(written);
  const dsn = kernel.resolved(isDsn ? written : '%env(DATABASE_URL)%', {
    file: services.file,
    value: first ?? service ?? services.value,
  });
  const parts =
    dsn === null
      ? null
      : /:\/\//.test(dsn.value)
        ? partsOfUrl(dsn.value, dsn.source, files.directory)
        : partsOfDsn(dsn.value, dsn.source);
  const user = option('db_username');
  const password = option('db_password');
  const connection =
    parts === null
      ? null
      : connectionOf({
          ...parts,
          ...(user === undefined ? {} : { user }),
          ...(password === undefined ? {} : { password }),
        });
  if (connection === null) {
    files.doubt(
      { kind: 'file', file: services.file.path, line: service?.line ?? 0 },
      'the database settings are not literal values',
    );
  }
  const columns = Object.entries({
    id: 'db_id_col',
    expiry: 'db_lifetime_col',
    time: 'db_time_col',
  });
  const store = tableOf(connection, {
    table: option('db_table'),
    columns: Object.fromEntries(
      columns.flatMap(([role, name]) => {
        const column = option(name);
        return column === undefined ? [] : [[role, decoded(column)]];
      }),
    ),
  });
  return said(store, found.file, found.value.line);
}

function tableOf(
  connection: Connection | null,
  {
    table = 'sessions',
    columns = {},
  }: { table?: ByteString | undefined; columns?: Record<string, string> },
): SessionStore {
  return {
    kind: 'table',
    table: { profile: 'symfony', table: decoded(table), columns, connection },
  };
}
