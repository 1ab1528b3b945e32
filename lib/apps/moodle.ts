/**
 * Moodle: $CFG of config.php.
 *
 * Invariant: most of Moodle's settings are in its database. What is not in config.php is not known, and never
 * taken for a default: the lifetime ($CFG->sessiontimeout), and whether sessions are in the database.
 *
 * Sources: moodle/moodle config-dist.php, lib/classes/session/manager.php (get_handler_class).
 */
import { printable } from '../php/byte-string.js';
import { join } from '../php/paths.js';
import type { Application, SessionStore } from './application.js';
import { type ApplicationFiles, decoded, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';

const settings = 'config.php';

export function moodle(files: ApplicationFiles): Application | null {
  if (!files.has('version.php') || !files.has('lib/moodlelib.php')) return null;
  const spoken = files.php(settings);
  if (spoken === null) return null;
  const { file, code } = spoken;
  const config = code.variables.get('CFG') ?? null;
  const value = (...path: readonly [string, ...string[]]) =>
    at(config, `->${path[0]}`, ...path.slice(1));
  const lineOf = (name: string) => value(name)?.line ?? 0;
  const handler = textOf(value('session_handler_class'))?.replace(/^\\+/, '');
  const store = (): SessionStore | null => {
    if (handler === undefined) return null;
    if (handler === 'core\\session\\file') {
      const data = textOf(value('dataroot'));
      const own = textOf(value('session_file_save_path'));
      return {
        kind: 'files',
        directory: own ?? (data === undefined ? null : join(data, 'sessions')),
      };
    }
    if (handler !== 'core\\session\\database') {
      return { kind: 'elsewhere', name: printable(handler) };
    }
    const source = { kind: 'file', file: file.path, line: lineOf('dbtype') } as const;
    const connection = phpConnection(files, source, {
      driver: value('dbtype'),
      host: value('dbhost'),
      user: value('dbuser'),
      password: value('dbpass'),
      database: value('dbname'),
      port: value('dboptions', 'dbport'),
      socket: value('dboptions', 'dbsocket'),
    });
    const table = decoded(`${textOf(value('prefix')) ?? ''}sessions`);
    return { kind: 'table', table: { profile: 'moodle', table, columns: {}, connection } };
  };
  const found = store();
  if (found === null) {
    files.doubt(
      { kind: 'file', file: file.path, line: 0 },
      'where sessions are kept is a setting in its database',
    );
  }
  const seconds = wholeSeconds(value('sessiontimeout'), 1);
  return {
    framework: 'moodle',
    directory: files.directory,
    evidence: file.path,
    store: found === null ? null : said(found, file, lineOf('session_handler_class')),
    lifetime: seconds === undefined ? null : said(seconds, file, lineOf('sessiontimeout')),
    doubts: files.doubts,
  };
}
