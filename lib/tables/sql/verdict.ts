/**
 * A profile as SQL: which rows are expired at one moment, and when the others will be.
 *
 * Invariant: pure; every statement about one pass goes by the same moment and the same words. What is
 * not certainly expired (a null, a text that is no time) is not.
 */
import type {
  Condition,
  ExpiryRule,
  Family,
  Reading,
  Role,
  SiblingValue,
  TableProfile,
} from '../profile.js';
import {
  type Column,
  formGuard,
  greatest,
  inSeconds,
  numberOf,
  secondsOf,
  sumOf,
} from './dialect.js';
import { constant, quoteName, textValue } from './quoting.js';

/** The one moment of a pass, by the database's clock. */
export interface Moment {
  /** Whole seconds since 1970: PHP's time() at that moment, or a little before. */
  readonly nowSeconds: number;
  readonly lifetimeSeconds: number;
  readonly graceSeconds: number;
  /**
   * The moment so many seconds before now, as the column's own type has it and the server wrote it; null:
   * before all time.
   */
  readonly textOf: (type: 'moment' | 'wall-clock', secondsAgo: number) => string | null;
}

/** What a profile became for one table. */
export interface Meaning {
  readonly family: Family;
  readonly profile: TableProfile;
  readonly columns: Readonly<Record<Role, Column>>;
  /** Another table of the same application, quoted, with its schema. */
  readonly siblingSql: (table: string) => string;
}

export function columnOf({ columns, profile }: Meaning, role: Role): Column {
  const column = columns[role];
  if (column === undefined) throw new Error(`${profile.name} has no column for ${role}`);
  return column;
}

/** Whether a row is expired, read in any of the profile's ways. */
export function expiredInAny(meaning: Meaning, at: Moment): string {
  return anyOf(meaning.profile.readings.map((reading) => expired(meaning, reading, at)));
}

/** Whether a row is expired by one reading. */
export function expired(meaning: Meaning, reading: Reading, at: Moment): string {
  const rules = reading.rules.map((rule) => ruleOf(meaning, rule, at));
  return allOf([...rowsOf(meaning, reading), ...rules]);
}

/** Whether one rule says so. */
export function ruleOf(meaning: Meaning, rule: ExpiryRule, at: Moment): string {
  const { family, profile } = meaning;
  const column = columnOf(meaning, rule.role);
  const guard = formGuard(family, column);
  const verdict = isOwnLifetime(rule)
    ? compared(ownExpiry(meaning, rule), rule, secondsAgo(rule, at), profile, at)
    : columnCompared(family, column, rule, profile, at);
  return guard === null ? verdict : `(${guard} AND ${verdict})`;
}

/** Whether it compares the column itself with a constant, so that an index can find what is due. */
export function isOwnLifetime(
  rule: ExpiryRule,
): rule is Extract<ExpiryRule, { means: 'last-write' }> & { lifetime: { role: Role } } {
  return (
    rule.means === 'last-write' && typeof rule.lifetime === 'object' && 'role' in rule.lifetime
  );
}

/** Seconds since 1970 from which on a row is expired by a reading; null where it never is. */
export function dueOf(meaning: Meaning, reading: Reading, at: Moment): string {
  const { family, profile } = meaning;
  const dues = reading.rules.map((rule) => {
    const moment = isOwnLifetime(rule)
      ? inSeconds(ownExpiry(meaning, rule), profile.unit)
      : secondsOf(family, columnOf(meaning, rule.role), profile.unit);
    return sumOf(
      family,
      `(${moment})`,
      String(secondsAgo(rule, at) + (rule.comparison === '<' ? 1 : 0)),
    );
  });
  return greatest(family, dues);
}

/** The same of whichever reading a row is read in. */
export function dueInAny(meaning: Meaning, at: Moment): string {
  const { readings } = meaning.profile;
  const [first] = readings;
  if (readings.length === 1) return dueOf(meaning, first, at);
  const cases = readings.map((reading) => {
    const rows = reading.rows.map((condition) => conditionOf(meaning, condition));
    return `WHEN ${allOf(rows)} THEN ${dueOf(meaning, reading, at)}`;
  });
  return `(CASE ${cases.join(' ')} END)`;
}

/** Which rows a reading is about, those that are never touched left out. */
export function rowsOf(meaning: Meaning, { rows }: Reading): string[] {
  const only = meaning.profile.only.map(({ condition }) => condition);
  return [...rows, ...only].map((condition) => conditionOf(meaning, condition));
}

export function conditionOf(meaning: Meaning, { role, is, value }: Condition): string {
  const { sql } = columnOf(meaning, role);
  if (is === 'null') return `${sql} IS NULL`;
  if (is === 'not-null') return `${sql} IS NOT NULL`;
  if (value === undefined) throw new Error(`a condition on ${role} without a value`);
  const other =
    typeof value === 'object' ? siblingOf(meaning, value) : constant(meaning.family, value);
  return `${sql} ${is} ${other}`;
}

/** A whole number that another table holds; null, with which nothing compares, where it holds none. */
function siblingOf(
  { family, siblingSql }: Meaning,
  { table, column, where }: SiblingValue,
): string {
  const name = quoteName(family, column);
  const number = numberOf(family, {
    name: column,
    sql: name,
    time: 'number-text',
    castType: '',
    isBinary: false,
  });
  const is = `${quoteName(family, where.column)} = ${textValue(family, where.is)}`;
  return `(SELECT ${number} FROM ${siblingSql(table)} WHERE ${is} LIMIT 1)`;
}

/** How long before now a moment must lie. */
export function secondsAgo(
  rule: ExpiryRule,
  { lifetimeSeconds, graceSeconds }: Pick<Moment, 'lifetimeSeconds' | 'graceSeconds'>,
): number {
  return Math.min(timesLifetime(rule) * lifetimeSeconds + graceSeconds, Number.MAX_SAFE_INTEGER);
}

function timesLifetime(rule: ExpiryRule): number {
  if (rule.means === 'expiry') return 0;
  if (rule.lifetime === 'store') return 1;
  return 'times' in rule.lifetime ? rule.lifetime.times : 0;
}

/** How long before now the moments lie that the rules of a profile compare with. */
export function agosOf(
  { readings }: Pick<TableProfile, 'readings'>,
  policy: Pick<Moment, 'lifetimeSeconds' | 'graceSeconds'>,
): number[] {
  return [
    ...new Set(readings.flatMap(({ rules }) => rules.map((rule) => secondsAgo(rule, policy)))),
  ];
}

export function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '1 = 1' : conditions.join(' AND ');
}

function anyOf(verdicts: readonly string[]): string {
  const [first = '1 = 0', ...rest] = verdicts;
  return rest.length === 0 ? first : `(${verdicts.map((one) => `(${one})`).join(' OR ')})`;
}

function ownExpiry(
  meaning: Meaning,
  rule: ExpiryRule & { readonly lifetime: { readonly role: Role } },
): string {
  const [moment, lifetime] = [rule.role, rule.lifetime.role].map((role) =>
    numberOf(meaning.family, columnOf(meaning, role)),
  );
  return sumOf(meaning.family, String(moment), String(lifetime));
}

function columnCompared(
  family: Family,
  column: Column,
  rule: ExpiryRule,
  profile: TableProfile,
  at: Moment,
): string {
  const ago = secondsAgo(rule, at);
  if (column.time === 'moment' || column.time === 'wall-clock') {
    const text = at.textOf(column.time, ago);
    if (text === null) return '1 = 0';
    return `${column.sql} ${rule.comparison} ${typedMoment(family, column.time, text)}`;
  }
  return compared(numberOf(family, column), rule, ago, profile, at);
}

/** A moment's text with its type: else the text's own would decide how they are compared. */
export function typedMoment(family: Family, type: 'moment' | 'wall-clock', text: string): string {
  const value = textValue(family, text);
  switch (family) {
    case 'mysql':
      return `CAST(${value} AS DATETIME(6))`;
    case 'postgresql':
      return `${value}::${type === 'moment' ? 'timestamptz' : 'timestamp'}`;
    case 'sqlite':
      return value;
  }
}

function compared(
  expression: string,
  { comparison }: ExpiryRule,
  ago: number,
  { unit }: TableProfile,
  { nowSeconds }: Moment,
): string {
  const limit = (BigInt(nowSeconds) - BigInt(ago)) * (unit === 'seconds' ? 1n : 1000n);
  return `${expression} ${comparison} ${limit}`;
}
