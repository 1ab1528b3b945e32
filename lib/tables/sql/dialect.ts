/**
 * How the families express moments: as seconds since 1970, and as what a column is compared with.
 *
 * Invariant: an expression is null, and so nobody's verdict, where a value is not what its type says.
 */
import type { Family, TimeType, TimeUnit } from '../profile.js';
import { textValue } from './quoting.js';

/** A column of the table, as the catalogue has it. */
export interface Column {
  readonly name: string;
  /** Quoted. */
  readonly sql: string;
  /** How it holds moments; null: not at all. */
  readonly time: TimeType | null;
  /** What a value is converted back to, in PostgreSQL. */
  readonly castType: string;
  /** Whether it holds bytes, not text. */
  readonly isBinary: boolean;
}

/** A column's number, also where it is text: null where that is no number. */
export function numberOf(family: Family, { sql, time }: Column): string {
  if (time !== 'number-text') return sql;
  switch (family) {
    case 'mysql':
      return `(CASE WHEN ${sql} REGEXP '^[0-9]{1,18}$' THEN CAST(${sql} AS SIGNED) END)`;
    case 'postgresql':
      return `(CASE WHEN ${sql} ~ '^[0-9]{1,18}$' THEN ${sql}::bigint END)`;
    case 'sqlite':
      return `(CASE WHEN ${sql} GLOB '[0-9]*' AND ${sql} NOT GLOB '*[^0-9]*' THEN CAST(${sql} AS INTEGER) END)`;
  }
}

/** The sum of two numbers, which no type of the columns can overflow. */
export function sumOf(family: Family, a: string, b: string): string {
  return family === 'postgresql' ? `(${a}::numeric + ${b}::numeric)` : `(${a} + ${b})`;
}

/** Seconds since 1970 of a column's moment. */
export function secondsOf(family: Family, column: Column, unit: TimeUnit): string {
  const { sql, time } = column;
  if (time === 'number' || time === 'number-text') return inSeconds(numberOf(family, column), unit);
  switch (family) {
    case 'mysql':
      return `UNIX_TIMESTAMP(${sql})`;
    case 'postgresql':
      return time === 'moment'
        ? `extract(epoch from ${sql})`
        : `extract(epoch from ${sql} at time zone current_setting('TimeZone'))`;
    case 'sqlite':
      return `CAST(strftime('%s', ${sql}) AS INTEGER)`;
  }
}

/** What is a number of units, in seconds. */
export function inSeconds(expression: string, unit: TimeUnit): string {
  return unit === 'seconds' ? expression : `(${expression} / 1000.0)`;
}

/** Whether a value of the column can be compared with a moment at all; null: always. */
export function formGuard(family: Family, { sql, time }: Column): string | null {
  if (family !== 'sqlite') return null;
  if (time === 'number') return `typeof(${sql}) IN ('integer', 'real')`;
  if (time === 'wall-clock' || time === 'moment') {
    return `${sql} GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'`;
  }
  return null;
}

export function greatest(family: Family, expressions: readonly string[]): string {
  const [first = '0', ...rest] = expressions;
  if (rest.length === 0) return first;
  return `${family === 'sqlite' ? 'max' : 'GREATEST'}(${expressions.join(', ')})`;
}

/** A column's moment as text that, quoted, is the same moment again. */
export function positionOf(family: Family, { sql }: Column): string {
  switch (family) {
    case 'mysql':
      return `CAST(${sql} AS CHAR)`;
    case 'postgresql':
      return `${sql}::text`;
    case 'sqlite':
      return sql;
  }
}

/** Where a walk goes on: numbers as such, so that an index of numbers serves. */
export function positionValue(family: Family, { time }: Column, position: string | number): string {
  if (time === 'number' && /^-?[0-9]+(\.[0-9]+)?$/.test(String(position))) return String(position);
  return textValue(family, String(position));
}
