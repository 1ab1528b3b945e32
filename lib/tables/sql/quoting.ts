/**
 * Names and values as each family writes them.
 *
 * Invariant: whatever text goes in, what comes out is one name or one value: it holds whatever mode the
 * server is in (ANSI_QUOTES, NO_BACKSLASH_ESCAPES, standard_conforming_strings) and whatever the
 * character set of the connection is.
 */
import type { Family } from '../profile.js';

/** An identifier. The catalogue was asked whether it is there. */
export function quoteName(family: Family, name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('a name that no database can have');
  return family === 'mysql'
    ? `\`${name.replaceAll('`', '``')}\``
    : `"${name.replaceAll('"', '""')}"`;
}

/** Text as a value. */
export function textValue(family: Family, text: string): string {
  if (text.includes('\0') && family !== 'mysql') throw new Error('text with a NUL');
  switch (family) {
    case 'mysql':
      return `_utf8mb4 x'${Buffer.from(text).toString('hex')}'`;
    case 'postgresql':
      // With E the meaning of a backslash does not depend on the server's settings.
      return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    case 'sqlite':
      return `'${text.replaceAll("'", "''")}'`;
  }
}

/** A constant of a profile. */
export function constant(family: Family, value: number | string): string {
  return typeof value === 'number' ? numberValue(value) : textValue(family, value);
}

function numberValue(value: number): string {
  if (!Number.isFinite(value)) throw new Error('not a number');
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
