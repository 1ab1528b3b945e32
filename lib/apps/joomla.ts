/**
 * Joomla: the class JConfig of configuration.php.
 *
 * Invariant: the lifetime is the one that Joomla itself gives PHP as session.gc_maxlifetime, in minutes in
 * the file.
 *
 * Sources: joomla/joomla-cms libraries/src/Service/Provider/Session.php, configuration.php-dist.
 */
import { printable } from '../php/byte-string.js';
import type { Application, SessionStore } from './application.js';
import { type ApplicationFiles, decoded, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';

const settings = 'configuration.php';

export function joomla(files: ApplicationFiles): Application | null {
  if (!files.hasDirectory('administrator') || !files.hasDirectory('libraries')) return null;
  const spoken = files.php(settings);
  const config = spoken?.code.classes.get('JConfig');
  if (spoken === null || config === undefined) return null;
  const { file } = spoken;
  const value = (name: string) => config.get(name) ?? null;
  const sourceOf = (name: string) =>
    ({ kind: 'file', file: file.path, line: value(name)?.line ?? 0 }) as const;
  const seconds = wholeSeconds(value('lifetime'), 60);
  if (seconds === undefined) {
    files.doubt(sourceOf('lifetime'), 'lifetime is not a whole number of minutes');
  }
  const handler = textOf(value('session_handler'));
  const store = (): SessionStore | null => {
    if (handler === undefined) return null;
    if (handler === 'none' || handler === 'filesystem') {
      const path = textOf(value('session_filesystem_path'));
      return { kind: 'files', directory: path === '' ? null : (path ?? null) };
    }
    if (handler !== 'database') return { kind: 'elsewhere', name: printable(handler) };
    const connection = phpConnection(files, sourceOf('host'), {
      driver: value('dbtype'),
      host: value('host'),
      user: value('user'),
      password: value('password'),
      database: value('db'),
    });
    const table = decoded(`${textOf(value('dbprefix')) ?? ''}session`);
    return { kind: 'table', table: { profile: 'joomla', table, columns: {}, connection } };
  };
  const found = store();
  return {
    framework: 'joomla',
    directory: files.directory,
    evidence: file.path,
    store: found === null ? null : said(found, file, sourceOf('session_handler').line),
    lifetime: seconds === undefined ? null : said(seconds, file, sourceOf('lifetime').line),
    doubts: files.doubts,
  };
}
