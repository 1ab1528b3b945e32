/**
 * CodeIgniter 4: app/Config/Session.php and .env. CodeIgniter 3: application/config/config.php.
 *
 * Invariant: an expiration of 0 leaves it to PHP, so that none is said.
 *
 * Sources: codeigniter4/framework system/Session/Session.php, system/Config/BaseConfig.php (a variable
 * `session.expiration` goes before the class); bcit-ci/CodeIgniter system/libraries/Session/Session.php.
 */
import { printable } from '../php/byte-string.js';
import { join } from '../php/paths.js';
import type { Application, Said, SessionStore } from './application.js';
import { readPhpdotenv } from './dotenv/phpdotenv.js';
import { type ApplicationFiles, decoded, type SpokenPhp, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, type PhpValue, textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';

export function codeigniter(files: ApplicationFiles): Application | null {
  if (files.has('spark') && files.has('app/Config/App.php')) return four(files);
  if (files.has('application/config/config.php') && files.has('system/core/CodeIgniter.php')) {
    return three(files);
  }
  return null;
}

function four(files: ApplicationFiles): Application {
  const constant = (name: string, line: number): PhpValue | undefined =>
    name === 'WRITEPATH'
      ? { kind: 'string', value: `${files.path('writable')}/`, line }
      : undefined;
  const session = files.php('app/Config/Session.php', { constant });
  const database = files.php('app/Config/Database.php', { constant });
  const environment = files.environment('.env', readPhpdotenv);
  const find = (group: string, spoken: SpokenPhp | null, className: string, path: string[]) => {
    const variable = environment?.get([group, ...path].join('.'));
    if (variable !== undefined) {
      const { value: text, file, line } = variable;
      const value: PhpValue =
        text === null ? { kind: 'unknown', line } : { kind: 'string', value: text, line };
      const to = <T>(each: T): Said<T> => ({
        value: each,
        source: { kind: 'file', file, line },
        setBy: files.setterOf('.env'),
      });
      return { value, to };
    }
    const [property = '', ...rest] = path;
    const value = at(spoken?.code.classes.get(className)?.get(property) ?? null, ...rest);
    if (spoken === null || value === null) return null;
    return { value, to: <T>(each: T): Said<T> => said(each, spoken.file, value.line) };
  };
  const setting = (name: string) => find('session', session, 'Session', [name]);
  const expiration = setting('expiration');
  const seconds = wholeSeconds(expiration?.value ?? null, 1);
  const driver = setting('driver');
  const name = driver?.value.kind === 'class' ? driver.value.name : textOf(driver?.value ?? null);
  const store = (): SessionStore | null => {
    const path = textOf(setting('savePath')?.value ?? null);
    const handler = name?.split('\\').at(-1);
    if (handler === undefined || driver === null) return null;
    if (handler === 'FileHandler') return { kind: 'files', directory: path ?? null };
    if (handler !== 'DatabaseHandler') return { kind: 'elsewhere', name: printable(handler) };
    const group = textOf(setting('DBGroup')?.value ?? null) ?? 'default';
    const part = (key: string) => find('database', database, 'Database', [group, key]);
    const host = part('hostname');
    const connection = phpConnection(files, (host ?? driver).to(0).source, {
      driver: part('DBDriver')?.value ?? null,
      host: host?.value ?? null,
      port: part('port')?.value ?? null,
      user: part('username')?.value ?? null,
      password: part('password')?.value ?? null,
      database: part('database')?.value ?? null,
    });
    const prefix = textOf(part('DBPrefix')?.value ?? null) ?? '';
    const table = decoded(`${prefix}${path ?? 'ci_sessions'}`);
    return { kind: 'table', table: { profile: 'codeigniter4', table, columns: {}, connection } };
  };
  const found = store();
  return {
    framework: 'codeigniter',
    directory: files.directory,
    evidence: files.path('spark'),
    store: found === null || driver === null ? null : driver.to(found),
    lifetime: seconds === undefined || expiration === null ? null : expiration.to(seconds),
    doubts: files.doubts,
  };
}

const configFile = 'application/config/config.php';
const databaseFile = 'application/config/database.php';
const environments = ['production', 'development', 'testing'];

function three(files: ApplicationFiles): Application {
  const constants: Readonly<Record<string, string>> = {
    APPPATH: `${files.path('application')}/`,
    BASEPATH: `${files.path('system')}/`,
    FCPATH: `${files.directory}/`,
  };
  const constant = (name: string, line: number): PhpValue | undefined => {
    const value = constants[name];
    return value === undefined ? undefined : { kind: 'string', value, line };
  };
  const config = files.php(configFile, { constant });
  for (const name of environments) {
    const path = `application/config/${name}/config.php`;
    if (files.has(path)) {
      files.doubt(
        { kind: 'file', file: files.path(path), line: 0 },
        'is read in its place, or not',
      );
    }
  }
  const isPlain = files.doubts.length === 0;
  const value = (name: string) => at(config?.code.variables.get('config'), name);
  const seconds = isPlain ? wholeSeconds(value('sess_expiration'), 1) : undefined;
  const driver = value('sess_driver');
  const store = (): SessionStore | null => {
    const path = textOf(value('sess_save_path'));
    const name = textOf(driver);
    if (name === undefined || !isPlain) return null;
    if (name === 'files') {
      const directory = path?.startsWith('/') === false ? join(files.directory, path) : path;
      return { kind: 'files', directory: directory ?? null };
    }
    if (name !== 'database') return { kind: 'elsewhere', name: printable(name) };
    const database = files.php(databaseFile, { constant });
    const group = textOf(database?.code.variables.get('active_group') ?? null) ?? 'default';
    const entry = at(database?.code.variables.get('db'), group);
    const source = {
      kind: 'file',
      file: files.path(databaseFile),
      line: entry?.line ?? 0,
    } as const;
    const connection = phpConnection(files, source, {
      driver: at(entry, 'dbdriver'),
      host: at(entry, 'hostname'),
      port: at(entry, 'port'),
      user: at(entry, 'username'),
      password: at(entry, 'password'),
      database: at(entry, 'database'),
    });
    const prefix = textOf(at(entry, 'dbprefix')) ?? '';
    const table = decoded(`${prefix}${path ?? 'ci_sessions'}`);
    return { kind: 'table', table: { profile: 'codeigniter3', table, columns: {}, connection } };
  };
  const found = store();
  return {
    framework: 'codeigniter',
    directory: files.directory,
    evidence: files.path('system/core/CodeIgniter.php'),
    store: found === null || config === null ? null : said(found, config.file, driver?.line ?? 0),
    lifetime:
      seconds === undefined || config === null
        ? null
        : said(seconds, config.file, value('sess_expiration')?.line ?? 0),
    doubts: files.doubts,
  };
}
