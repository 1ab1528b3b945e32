/**
 * From what a database's catalogue says to a table that can be collected, or to why it cannot.
 *
 * Invariant: a table comes out only where every column that the profile names is there, moments have a
 * type that the profile allows, and the id is unique.
 */
import { type TableError, tableError } from '../failure.js';
import { type Family, type Role, rolesOf, type TimeType } from '../profile.js';
import type { TableSettings } from '../settings.js';
import type { Column } from './dialect.js';
import { quoteName } from './quoting.js';
import { isOwnLifetime, type Meaning } from './verdict.js';
import type { Table } from './walks.js';

export interface CatalogueColumn {
  readonly name: string;
  /** As the database writes it. */
  readonly type: string;
  /** How it could hold moments; null: not at all. */
  readonly time: TimeType | null;
  readonly isBinary: boolean;
}

export interface CatalogueIndex {
  /** Null: an index that has no name of its own, or that need not be named. */
  readonly name: string | null;
  readonly isUnique: boolean;
  /** In their order. */
  readonly columns: readonly string[];
}

export interface Catalogue {
  readonly family: Family;
  /** The table's, without its schema. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly sql: string;
  /** Quoted, with a dot behind it; empty where there is none. */
  readonly schemaSql: string;
  readonly columns: readonly CatalogueColumn[];
  /** Those of all rows, which can be walked in order. */
  readonly indexes: readonly CatalogueIndex[];
}

/** @throws TableError */
export function tableOf(
  catalogue: Catalogue,
  settings: TableSettings,
  advisory: Meaning['profile']['advisory'],
): Table {
  const { family, sql, schemaSql, name, indexes } = catalogue;
  const { profile } = settings;
  const roles = rolesOf({ ...profile, advisory });
  const columns = Object.fromEntries(
    roles.map((role) => [role, columnFor(catalogue, settings, role)]),
  );
  const meaning: Meaning = {
    family,
    profile: { ...profile, advisory },
    columns,
    // Prefixes are the same for all tables of an application.
    siblingSql: (table) =>
      `${schemaSql}${quoteName(family, siblingName(name, profile.table, table))}`,
  };
  checkTimes(catalogue, meaning);
  const ids = profile.idRoles.map((role) => columnIn(columns, role));
  const unique = indexes.find((index) => index.isUnique && isSame(index.columns, ids));
  if (unique === undefined) {
    const names = ids.map(({ name }) => name).join(', ');
    throw tableError(
      'ERR_TABLE_COLUMN',
      `${settings.table} has no primary key or unique index of exactly (${names}), so sescle cannot identify its rows`,
      'name the columns of the primary key as id',
    );
  }
  // In the index's own order, so that walking it needs no sorting.
  const ordered = unique.columns.flatMap((name) => ids.filter((column) => column.name === name));
  const leading = indexes.flatMap(({ name, columns: [first] }) =>
    first === undefined ? [] : [[first, name === null ? '' : quoteName(family, name)] as const],
  );
  return {
    name,
    sql,
    meaning,
    ids: ordered,
    idIndex: unique.name === null ? null : quoteName(family, unique.name),
    indexes: new Map(leading.reverse()),
  };
}

function siblingName(own: string, usual: string | null, sibling: string): string {
  const at = usual === null ? -1 : own.lastIndexOf(usual);
  return at < 0 ? sibling : own.slice(0, at) + sibling + own.slice(at + (usual ?? '').length);
}

function columnFor(
  { family, columns }: Catalogue,
  { table, profile, columns: named }: TableSettings,
  role: Role,
): Column {
  const name = named[role] ?? profile.columns[role];
  if (name === undefined) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `no column is named for ${role}`,
      `name it: ${role} = "COLUMN"`,
    );
  }
  const found = columns.find((column) => column.name === name) ?? onlyInCase(columns, name);
  if (found === undefined) {
    const there = columns
      .map((column) => column.name)
      .slice(0, 12)
      .join(', ');
    throw tableError(
      'ERR_TABLE_COLUMN',
      `${table} has no column ${name} (it has ${there})`,
      `use the profile of the framework that made the table, or name the column: ${role} = "COLUMN"`,
    );
  }
  return {
    name: found.name,
    sql: quoteName(family, found.name),
    time: found.time,
    castType: found.type,
    isBinary: found.isBinary,
  };
}

/** SQL folds the case of names that are not quoted, as the framework may have made them. */
function onlyInCase(
  columns: readonly CatalogueColumn[],
  name: string,
): CatalogueColumn | undefined {
  const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

function checkTimes({ columns: all }: Catalogue, { profile, columns }: Meaning): void {
  for (const rule of profile.readings.flatMap(({ rules }) => rules)) {
    const column = columnIn(columns, rule.role);
    const type = all.find(({ name }) => name === column.name)?.type ?? '';
    const isAllowed = column.time !== null && profile.timeTypes.includes(column.time);
    if (!isAllowed) throw wrongType(column, type, profile.title);
    if (!isOwnLifetime(rule)) continue;
    const lifetime = columnIn(columns, rule.lifetime.role);
    const isNumber = (one: Column) => one.time === 'number' || one.time === 'number-text';
    if (!isNumber(column)) throw wrongType(column, type, profile.title);
    if (!isNumber(lifetime)) throw wrongType(lifetime, lifetime.castType, profile.title);
  }
}

function wrongType({ name }: Column, type: string, title: string): TableError {
  return tableError(
    'ERR_TABLE_TYPE',
    `column ${name} has the type ${type}, which ${title} does not use for times`,
    'use the profile of the framework that made the table, or another column',
  );
}

function columnIn(columns: Readonly<Record<Role, Column>>, role: Role): Column {
  const column = columns[role];
  if (column === undefined) throw new Error(`no column for ${role}`);
  return column;
}

function isSame(names: readonly string[], columns: readonly Column[]): boolean {
  return names.length === columns.length && columns.every(({ name }) => names.includes(name));
}
