/**
 * `profile = "custom"`: a table that no framework's profile fits, as its administrator describes it.
 *
 * Invariant: nothing that is written becomes part of a statement as it stands. A condition is taken apart
 * into columns, comparisons and constants, which are quoted like any other.
 */
import type { Condition, TableProfile, TimeUnit } from '../profile.js';
import { profile, sinceWrite, source } from './make.js';

export interface CustomTable {
  /** The column, or columns, that tell the rows apart. */
  readonly id: readonly [string, ...string[]];
  readonly time: string;
  readonly unit: TimeUnit;
  readonly means: 'last-write' | 'expiry';
  /** Rows for which it does not hold are never touched: `app = 'shop' and user_id is null`. */
  readonly where?: string | undefined;
}

/** @returns text: what is wrong with the condition, as the end of a sentence */
export function customProfile(given: CustomTable): TableProfile | string {
  const from = source('sescle.toml', 'profile = "custom"');
  const conditions = given.where === undefined ? [] : parseConditions(given.where);
  if (typeof conditions === 'string') return conditions;
  const ids = given.id.map((column, at): [string, string] => [at === 0 ? 'id' : `id${at}`, column]);
  const [first = 'id', ...others] = ids.map(([role]) => role);
  return profile({
    name: 'custom',
    title: 'custom',
    table: null,
    columns: {
      ...Object.fromEntries(ids),
      time: given.time,
      ...Object.fromEntries(conditions.map(({ column }) => [`where ${column}`, column])),
    },
    idRoles: [first, ...others],
    timeTypes: ['number', 'number-text', 'moment', 'wall-clock'],
    unit: given.unit,
    readings: [
      {
        rows: [],
        rules: [
          given.means === 'expiry'
            ? { role: 'time', comparison: '<', means: 'expiry', source: from }
            : sinceWrite(from),
        ],
      },
    ],
    only: conditions.map(({ column, is, value }) => ({
      condition:
        value === undefined
          ? { role: `where ${column}`, is }
          : { role: `where ${column}`, is, value },
      source: from,
    })),
  });
}

interface Part {
  readonly column: string;
  readonly is: Condition['is'];
  readonly value?: number | string;
}

const column = `(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_]*))`;
const constant = String.raw`(?:'((?:[^']|'')*)'|(-?\d{1,15}))`;
const comparison = new RegExp(
  String.raw`\s*${column}\s*(?:(is\s+null|is\s+not\s+null)|(=|<>|!=|<=|>=|<|>)\s*${constant})\s*`,
  'iy',
);
const and = /\s*and\b\s*/iy;
const most = 20;

/** Comparisons of columns with constants, joined by `and`. */
export function parseConditions(text: string): Part[] | string {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    comparison.lastIndex = at;
    const match = comparison.exec(text);
    if (match === null) {
      return `must be comparisons joined by "and", as "app = 'shop' and user_id is null"; cannot read it from "${text.slice(at, at + 20)}" on`;
    }
    const [whole, quotedColumn, bareColumn, isNull, operator, quoted, digits] = match;
    const name = quotedColumn?.replaceAll('""', '"') ?? bareColumn ?? '';
    parts.push(
      isNull === undefined
        ? {
            column: name,
            is: (operator === '!=' ? '<>' : operator) as Condition['is'],
            value: quoted === undefined ? Number(digits) : quoted.replaceAll("''", "'"),
          }
        : { column: name, is: /not/i.test(isNull) ? 'not-null' : 'null' },
    );
    if (parts.length > most) return `has more than ${most} comparisons`;
    at += whole.length;
    if (at === text.length) return parts;
    and.lastIndex = at;
    const joint = and.exec(text);
    if (joint === null) {
      return `must be comparisons joined by "and"; cannot read it from "${text.slice(at, at + 20)}" on`;
    }
    at += joint[0].length;
  }
}
