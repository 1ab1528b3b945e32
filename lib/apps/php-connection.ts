/**
 * How to reach a database, from values of PHP's.
 *
 * Invariant: where one of them is not known, nothing is, and a doubt says which.
 */
import type { ByteString } from '../php/byte-string.js';
import type { Source } from '../php/provenance.js';
import type { Connection } from './application.js';
import { type ConnectionParts, connectionOf } from './connection.js';
import type { ApplicationFiles } from './files.js';
import { type PhpValue, textOf } from './php/values.js';

type Part = Exclude<keyof ConnectionParts, 'source'>;

/** @param base what goes before, as the parts of a URL */
export function phpConnection(
  files: ApplicationFiles,
  source: Source,
  parts: Readonly<Partial<Record<Part, PhpValue | null>>>,
  base: Partial<ConnectionParts> = {},
): Connection | null {
  const texts: Partial<Record<Part, ByteString>> = {};
  for (const [name, value] of Object.entries(parts) as [Part, PhpValue | null][]) {
    const text = textOf(value);
    if (text !== undefined) texts[name] = text;
    else if (value?.kind === 'unknown' || value?.kind === 'array') {
      files.doubt(source, `the database settings are not literal values (${name})`);
      return null;
    }
  }
  const given = Object.entries(base).filter(([, value]) => value !== undefined);
  const connection = connectionOf({
    driver: undefined,
    ...texts,
    ...Object.fromEntries(given),
    source,
  });
  if (connection === null) {
    files.doubt(source, 'names no database of MySQL, MariaDB, PostgreSQL or SQLite');
  }
  return connection;
}
