/**
 * Roundcube: config/config.inc.php over config/defaults.inc.php.
 *
 * Invariant: the lifetime is the collector's, twice session_lifetime: so long a session's row stays though
 * nobody can use it any more.
 *
 * Source: roundcube/roundcubemail program/lib/Roundcube/rcube.php 1.6.5, session_init.
 */
import { printable } from '../php/byte-string.js';
import type { Application, SessionStore } from './application.js';
import { partsOfUrl } from './connection.js';
import { type ApplicationFiles, decoded, type SpokenPhp, said } from './files.js';
import { wholeSeconds } from './lifetimes.js';
import { at, type PhpValue, textOf } from './php/values.js';
import { phpConnection } from './php-connection.js';

export function roundcube(files: ApplicationFiles): Application | null {
  if (!files.has('program/lib/Roundcube/bootstrap.php')) return null;
  const own = files.php('config/config.inc.php');
  const defaults = files.php('config/defaults.inc.php');
  if (own === null) return null;
  const find = (name: string): { readonly value: PhpValue; readonly spoken: SpokenPhp } | null => {
    for (const spoken of [own, defaults]) {
      const value = spoken === null ? null : at(spoken.code.variables.get('config'), name);
      // What may be set to something unknown is not what the defaults say.
      if (spoken !== null && value !== null) return { value, spoken };
    }
    return null;
  };
  if (own.code.includes.length > 0) {
    files.doubt(
      { kind: 'file', file: own.file.path, line: own.code.includes[0]?.line ?? 0 },
      'runs another file, which is not read',
    );
  }
  const lifetime = find('session_lifetime');
  const seconds = wholeSeconds(lifetime?.value ?? null, 2 * 60);
  const storage = find('session_storage');
  const isUsual = storage === null || storage.value.kind === 'null';
  const name = isUsual ? 'db' : textOf(storage.value);
  const place = storage ?? { spoken: own, value: { line: 0 } };
  const store = (): SessionStore | null => {
    if (name === undefined) {
      const { file } = place.spoken;
      files.doubt(
        { kind: 'file', file: file.path, line: place.value.line },
        'session_storage is not a plain text',
      );
      return null;
    }
    if (name === 'php') return { kind: 'files', directory: null };
    if (name !== 'db') return { kind: 'elsewhere', name: printable(name) };
    const written = find('db_dsnw');
    const { file } = written?.spoken ?? own;
    const source = { kind: 'file', file: file.path, line: written?.value.line ?? 0 } as const;
    const url = textOf(written?.value ?? null);
    const parts = url === undefined ? null : partsOfUrl(url, source, files.directory);
    const connection = phpConnection(files, source, {}, parts ?? {});
    const prefix = textOf(find('db_prefix')?.value ?? null) ?? '';
    const table = decoded(`${prefix}session`);
    return { kind: 'table', table: { profile: 'roundcube', table, columns: {}, connection } };
  };
  const found = store();
  if (lifetime !== null && seconds === undefined) {
    files.doubt(
      { kind: 'file', file: lifetime.spoken.file.path, line: lifetime.value.line },
      'session_lifetime is not a whole number of minutes',
    );
  }
  return {
    framework: 'roundcube',
    directory: files.directory,
    evidence: own.file.path,
    store: found === null ? null : said(found, place.spoken.file, place.value.line),
    lifetime:
      seconds === undefined || lifetime === null
        ? null
        : said(seconds, lifetime.spoken.file, lifetime.value.line),
    doubts: files.doubts,
  };
}
