/**
 * In which order rows are looked at: along an index that has what is due at its beginning, or, without
 * one, along the primary key.
 *
 * Invariant: a statement reads no more rows than it was told to. What else a row must be is a column of
 * the answer, not a condition, so that rows that are kept cannot make a statement search on for others.
 */
import type { Reading } from '../profile.js';
import { type Column, positionOf, positionValue } from './dialect.js';
import { textValue } from './quoting.js';
import {
  allOf,
  columnOf,
  conditionOf,
  dueInAny,
  dueOf,
  expired,
  expiredInAny,
  isOwnLifetime,
  type Meaning,
  type Moment,
  ruleOf,
} from './verdict.js';

/** The table as statements name it. */
export interface Table {
  /** Without its schema. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly sql: string;
  readonly meaning: Meaning;
  /** What makes a row unique. */
  readonly ids: readonly Column[];
  /** Of MySQL: its index, quoted. */
  readonly idIndex: string | null;
  /** Quoted, of MySQL; else only whether there is one. By the column's name. */
  readonly indexes: ReadonlyMap<string, string>;
}

export interface Walk {
  /** The column of an index, with what begins and ends it; null: the primary key. */
  readonly along: { readonly column: Column; readonly range: string } | null;
  /** The readings that it serves. */
  readonly readings: readonly Reading[];
}

/** Where a walk goes on. */
export type Position = readonly (string | number)[];

/** One walk for each reading that an index serves, and one for all others together. */
export function walksOf(table: Table, at: Moment): Walk[] {
  const walks: Walk[] = [];
  const others: Reading[] = [];
  for (const reading of table.meaning.profile.readings) {
    const along = alongIndex(table, reading, at);
    if (along === null) others.push(reading);
    else walks.push({ along, readings: [reading] });
  }
  return others.length === 0 ? walks : [...walks, { along: null, readings: others }];
}

function alongIndex({ meaning, indexes }: Table, reading: Reading, at: Moment): Walk['along'] {
  const [rule] = reading.rules;
  const column = columnOf(meaning, rule.role);
  const byRule = !isOwnLifetime(rule) && column.time !== 'number-text' && indexes.has(column.name);
  const walked = byRule
    ? column
    : reading.rows
        .map(({ role }) => columnOf(meaning, role))
        .find(({ name, time }) => time === 'number' && indexes.has(name));
  if (walked === undefined) return null;
  const conditions = reading.rows
    .filter(({ role }) => columnOf(meaning, role) === walked)
    .map((condition) => conditionOf(meaning, condition));
  return {
    column: walked,
    range: allOf(byRule ? [...conditions, ruleOf(meaning, rule, at)] : conditions),
  };
}

/**
 * Rows of a walk: the ids, the place in the walk, whether the row is expired (1, or 0 or null), and when
 * it is due.
 */
export function lookStatement(
  table: Table,
  walk: Walk,
  at: Moment,
  from: Position | null,
  limit: number,
): string {
  const { sql, meaning, ids } = table;
  const { family } = meaning;
  const { verdict, due } = judgedBy(meaning, walk, at);
  const order = walk.along === null ? ids : [walk.along.column];
  const columns = [
    ...ids.map((column, index) => `${readId(meaning, column)} AS id${index}`),
    `${walk.along === null ? '0' : positionOf(family, walk.along.column)} AS place`,
    `CASE WHEN ${verdict} THEN 1 ELSE 0 END AS verdict`,
    `${due} AS due`,
  ];
  const conditions = [
    ...(walk.along === null ? [] : [`(${walk.along.range})`]),
    ...(from === null ? [] : [goOn(table, walk, from)]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const by = order.map((column) => column.sql).join(', ');
  return `SELECT ${columns.join(', ')} FROM ${sql}${hint(table, walk)}${where} ORDER BY ${by} LIMIT ${limit}`;
}

/** When the first row of a walk's index is due that is not now; null where the walk itself has to tell. */
export function nextStatement(table: Table, { along, readings }: Walk, at: Moment): string | null {
  const [reading] = readings;
  if (along === null || reading === undefined) return null;
  const { meaning, sql } = table;
  const [rule] = reading.rules;
  // Along the index of a condition everything was looked at.
  if (isOwnLifetime(rule) || columnOf(meaning, rule.role) !== along.column) return null;
  const conditions = reading.rows
    .filter(({ role }) => columnOf(meaning, role) === along.column)
    .map((condition) => conditionOf(meaning, condition));
  const later = allOf([
    ...conditions,
    `NOT (${ruleOf(meaning, rule, at)})`,
    `${along.column.sql} IS NOT NULL`,
  ]);
  return `SELECT ${dueOf(meaning, { ...reading, rules: [rule] }, at)} AS due FROM ${sql}${hint(table, { along, readings })} WHERE ${later} ORDER BY ${along.column.sql} LIMIT 1`;
}

/** What each row of a walk must be, to be taken. */
export function judgedBy(
  meaning: Meaning,
  { readings }: Walk,
  at: Moment,
): { readonly verdict: string; readonly due: string } {
  const [reading] = readings;
  const isOne = readings.length === 1 && reading !== undefined;
  const some: Meaning = {
    ...meaning,
    profile: {
      ...meaning.profile,
      readings: [readings[0] ?? meaning.profile.readings[0], ...readings.slice(1)],
    },
  };
  return isOne
    ? { verdict: expired(meaning, reading, at), due: dueOf(meaning, reading, at) }
    : { verdict: expiredInAny(some, at), due: dueInAny(some, at) };
}

/** An id as it can be asked for again, whatever the server converts. */
export function readId({ family }: Meaning, { sql }: Column): string {
  return family === 'postgresql' ? `${sql}::text` : sql;
}

/** An index that would have served: for the columns that walks without one would need. */
export function helpfulIndex({ sql, meaning }: Table, walks: readonly Walk[]): string | null {
  const reading = walks.find(({ along }) => along === null)?.readings[0];
  if (reading === undefined) return null;
  const [rule] = reading.rules;
  const column = columnOf(meaning, rule.role);
  if (isOwnLifetime(rule) || column.time === 'number-text') return null;
  const name = `${column.name}_idx`.replace(/[^A-Za-z0-9_]/g, '_');
  const concurrently = meaning.family === 'postgresql' ? ' CONCURRENTLY' : '';
  return `CREATE INDEX${concurrently} ${name} ON ${sql} (${column.sql})`;
}

function hint({ meaning, indexes, idIndex }: Table, { along }: Walk): string {
  if (meaning.family !== 'mysql') return '';
  const index = along === null ? idIndex : (indexes.get(along.column.name) ?? null);
  return index === null ? '' : ` FORCE INDEX (${index})`;
}

/** Behind the rows that were looked at; those of the same place come again. */
function goOn({ meaning, ids }: Table, { along }: Walk, from: Position): string {
  const { family } = meaning;
  if (along !== null) {
    const [place = ''] = from;
    return `${along.column.sql} >= ${typedPosition(family, along.column, place)}`;
  }
  // (a, b) > (x, y), written out: not every server uses its index for the short form.
  const steps = ids.map((column, index) => {
    const before = ids
      .slice(0, index)
      .map((one, at) => `${one.sql} = ${idValue(meaning, one, from[at] ?? '')}`);
    return `(${[...before, `${column.sql} > ${idValue(meaning, column, from[index] ?? '')}`].join(' AND ')})`;
  });
  return steps.length === 1 ? (steps[0] ?? '') : `(${steps.join(' OR ')})`;
}

function typedPosition(family: Meaning['family'], column: Column, place: string | number): string {
  const value = positionValue(family, column, place);
  return family === 'postgresql' && column.time !== 'number'
    ? `${value}::${column.castType}`
    : value;
}

/** An id as a value. Of MySQL and SQLite, bytes come as hex behind `x:`, text behind `t:`, numbers as such. */
export function idValue({ family }: Meaning, column: Column, id: string | number): string {
  if (family === 'postgresql') return `${textValue(family, String(id))}::${column.castType}`;
  if (typeof id === 'number' || /^-?[0-9]+$/.test(id)) return String(id);
  if (id.startsWith('x:')) {
    const hex = id.slice(2);
    if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error('not hexadecimal');
    if (family === 'mysql' && column.time === 'number') return numberIn(hex);
    return `${family === 'mysql' && !column.isBinary ? '_utf8mb4 ' : ''}x'${hex}'`;
  }
  return textValue(family, id.slice(2));
}

/** MySQL sends numbers as their digits. */
function numberIn(hex: string): string {
  const digits = Buffer.from(hex, 'hex').toString('latin1');
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(digits)) throw new Error('not a number');
  return digits;
}
