/**
 * Magento 2: app/etc/env.php.
 *
 * Invariant: how long its sessions live is PHP's own session.gc_maxlifetime, which is no setting of these
 * files: no lifetime is said.
 *
 * Sources: magento/magento2 lib/internal/Magento/Framework/Session/SaveHandler/DbTable.php, Session/Config.php.
 */
import { printable } from '../php/byte-string.js';
import type { Application, SessionStore } from './application.js';
import { type ApplicationFiles, decoded, said } from './files.js';
import { at, textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';

const settings = 'app/etc/env.php';

export function magento(files: ApplicationFiles): Application | null {
  if (!files.has(settings) || !files.has('bin/magento')) return null;
  const spoken = files.php(settings);
  const common = {
    framework: 'magento',
    directory: files.directory,
    evidence: files.path(settings),
    lifetime: null,
    doubts: files.doubts,
  } as const;
  if (spoken === null) return { ...common, store: null };
  const { file, code } = spoken;
  const save = at(code.returned, 'session', 'save');
  const name = save === null ? 'files' : textOf(save);
  const line = save?.line ?? 0;
  const source = { kind: 'file', file: file.path, line } as const;
  if (name === undefined) {
    files.doubt(source, 'the place of the sessions is not a literal value');
    return { ...common, store: null };
  }
  const store = (value: SessionStore) => ({ ...common, store: said(value, file, line) });
  if (name === 'files') {
    const path = textOf(at(code.returned, 'session', 'save_path'));
    return store({ kind: 'files', directory: path ?? files.path('var/session') });
  }
  if (name !== 'db') return store({ kind: 'elsewhere', name: printable(name) });
  const entry = at(code.returned, 'db', 'connection', 'default');
  const connection = phpConnection(
    files,
    { ...source, line: entry?.line ?? line },
    {
      host: at(entry, 'host'),
      port: at(entry, 'port'),
      user: at(entry, 'username'),
      password: at(entry, 'password'),
      database: at(entry, 'dbname'),
      socket: at(entry, 'unix_socket'),
    },
    { driver: 'mysql' },
  );
  const prefix = textOf(at(code.returned, 'db', 'table_prefix')) ?? '';
  const table = decoded(`${prefix}session`);
  return store({ kind: 'table', table: { profile: 'magento', table, columns: {}, connection } });
}
