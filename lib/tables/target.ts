/**
 * A table as people and programs name it, checked.
 *
 * Invariant: a table comes out only where everything that was said goes together; every mistake is
 * reported with the name of what is wrong, and none holds a secret.
 */
import type { StorePolicy } from '../engine/engine.js';
import { graceRange, lifetimeRange, type Range } from '../engine/numbers.js';
import { SescleError } from '../errors.js';
import { type DatabaseAddress, parseAddress } from './address.js';
import type { TableDescription } from './description.js';
import type { TableSource, TableTarget } from './planned.js';
import { needsLifetime, type TableProfile } from './profile.js';
import { tableProfiles } from './profiles/all.js';
import { customProfile } from './profiles/custom.js';
import type { SecretSource } from './secrets.js';

export type TableKey = keyof TableDescription;

/** @param text one sentence without its subject's name, as `must be ...`; key undefined: about all of it */
export type ReportTable = (key: TableKey | undefined, text: string) => void;

const customKeys = ['id', 'time', 'unit', 'means', 'where'] as const;
const secretKeys = ['passwordFile', 'credential', 'passwordVariable'] as const;

const known: Readonly<Record<TableKey, true>> = {
  database: true,
  app: true,
  table: true,
  profile: true,
  id: true,
  time: true,
  unit: true,
  means: true,
  where: true,
  columns: true,
  passwordFile: true,
  credential: true,
  passwordVariable: true,
  maxLifetimeSeconds: true,
  graceSeconds: true,
  shard: true,
};

/** @returns null where something was reported */
export function checkTable(target: TableDescription, report: ReportTable): TableTarget | null {
  let isSound = true;
  const refuse: ReportTable = (key, text) => {
    isSound = false;
    report(key, text);
  };
  for (const key of Object.keys(target)) {
    if (!Object.hasOwn(known, key)) refuse(key as TableKey, 'is not known');
  }
  const source = sourceOf(target, refuse);
  const profile = profileOf(target, source, refuse);
  const table = tableOf(target, profile, refuse);
  const columns = columnsOf(target, profile, refuse);
  if (!isSound || source === null || profile === null || table === undefined) return null;
  return { source, table, profile, columns };
}

function sourceOf(target: TableDescription, refuse: ReportTable): TableSource | null {
  const { database, app } = target;
  if (database !== undefined && app !== undefined) {
    refuse('app', "goes only without 'database': the application's own settings say where it is");
    return null;
  }
  if (app === undefined) return addressOf(target, refuse);
  for (const key of secretKeys) {
    if (target[key] !== undefined) refuse(key, "goes only with 'database'");
  }
  if (!isText(app, 'app', refuse)) return null;
  if (app.startsWith('/')) return { kind: 'app', directory: app };
  refuse('app', 'must be an absolute path, one that begins with /');
  return null;
}

function addressOf(target: TableDescription, refuse: ReportTable): TableSource | null {
  const { database } = target;
  if (database === undefined) {
    refuse(undefined, "names no database; give it 'database' or 'app'");
    return null;
  }
  if (!isText(database, 'database', refuse)) return null;
  const address = parsed(database, refuse);
  const secret = secretOf(target, refuse);
  if (address?.family === 'sqlite' && secret.kind !== 'none') {
    const given = secretKeys.find((key) => target[key] !== undefined);
    refuse(given, 'is of no use with SQLite: a file has no password');
  }
  return address && { kind: 'address', address, secret };
}

function parsed(database: string, refuse: ReportTable): DatabaseAddress | null {
  try {
    return parseAddress(database);
  } catch (error) {
    if (!(error instanceof SescleError)) throw error;
    const { message, remedy } = error;
    refuse('database', `cannot be used: ${message}${remedy === undefined ? '' : `; ${remedy}`}`);
    return null;
  }
}

function secretOf(target: TableDescription, refuse: ReportTable): SecretSource {
  const [key, second] = secretKeys.filter((one) => target[one] !== undefined);
  if (second !== undefined) refuse(second, `and '${key}' are two ways to say the same; keep one`);
  const value = key && target[key];
  if (key === undefined || !isText(value, key, refuse)) return { kind: 'none' };
  switch (key) {
    case 'passwordFile':
      if (!value.startsWith('/')) refuse(key, 'must be an absolute path, one that begins with /');
      return { kind: 'file', path: value };
    case 'credential':
      if (!/^[\w-][\w.-]*$/.test(value))
        refuse(key, 'must be a name of letters, digits, -, _ and .');
      return { kind: 'credential', name: value };
    case 'passwordVariable':
      if (!/^[A-Za-z_]\w*$/.test(value)) refuse(key, 'must be the name of an environment variable');
      return { kind: 'environment', name: value };
  }
}

function profileOf(
  target: TableDescription,
  source: TableSource | null,
  refuse: ReportTable,
): TableProfile | null {
  const { profile: name } = target;
  const names = [...tableProfiles.keys(), 'custom'].join(', ');
  if (name === undefined) {
    refuse(
      undefined,
      `does not say which software writes the sessions; add 'profile', one of ${names}`,
    );
    return null;
  }
  if (name === 'custom') return customOf(target, refuse);
  for (const key of customKeys) {
    if (target[key] !== undefined) refuse(key, 'goes only with profile = "custom"');
  }
  const profile = tableProfiles.get(name);
  if (profile === undefined) {
    refuse('profile', `must be one of ${names}`);
    return null;
  }
  const { title, servers } = profile;
  const family = source?.kind === 'address' ? source.address.family : null;
  if (family !== null && !servers.includes(family)) {
    refuse(
      'profile',
      `does not fit: ${title} keeps no sessions in ${family}, only in ${servers.join(', ')}`,
    );
  }
  return profile;
}

function customOf(target: TableDescription, refuse: ReportTable): TableProfile | null {
  const { id, time, unit = 'seconds', means, where } = target;
  const ids = typeof id === 'string' ? [id] : id;
  const [first, ...others] = Array.isArray(ids) ? ids : [];
  if (first === undefined || ![first, ...others].every(isName)) {
    refuse('id', 'must be a column, or a list of columns, with profile = "custom"');
  }
  if (!isName(time)) refuse('time', 'must be a column with profile = "custom"');
  if (unit !== 'seconds' && unit !== 'milliseconds')
    refuse('unit', 'must be "seconds" or "milliseconds"');
  if (means !== 'last-write' && means !== 'expiry')
    refuse('means', 'must be "last-write" or "expiry" with profile = "custom"');
  if (where !== undefined && !isText(where, 'where', refuse)) return null;
  if (!isName(first) || !isName(time) || !others.every(isName)) return null;
  if (means !== 'last-write' && means !== 'expiry') return null;
  const made = customProfile({ id: [first, ...others], time, unit, means, where });
  if (typeof made !== 'string') return made;
  refuse('where', made);
  return null;
}

/** @returns undefined where something was reported */
function tableOf(
  { table, app }: TableDescription,
  profile: TableProfile | null,
  refuse: ReportTable,
): string | null | undefined {
  if (table !== undefined) return isText(table, 'table', refuse) ? table : undefined;
  if (app !== undefined) return null;
  if (profile === null) return undefined;
  if (profile.table === null) refuse(undefined, "names no table; give it 'table'");
  return profile.table ?? undefined;
}

function columnsOf(
  { columns = {} }: TableDescription,
  profile: TableProfile | null,
  refuse: ReportTable,
): Readonly<Record<string, string>> {
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns)) {
    refuse('columns', 'must be a table, as { time = "last_used" }');
    return {};
  }
  const roles = profile === null ? null : Object.keys(profile.columns);
  for (const [role, column] of Object.entries(columns)) {
    if (!isName(column)) refuse('columns', `must give '${role}' a column's name`);
    if (roles !== null && !roles.includes(role)) {
      refuse(
        'columns',
        `has '${role}', which profile = "${profile?.name}" does not have; it has ${roles.join(', ')}`,
      );
    }
  }
  return { ...columns };
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !name.includes('\0');
}

function isText(value: unknown, key: TableKey, refuse: ReportTable): value is string {
  if (isName(value)) return true;
  refuse(key, 'must be text in quotes');
  return false;
}

/** @returns null where something was reported */
export function tablePolicy(
  { maxLifetimeSeconds: own, graceSeconds = 0 }: TableDescription,
  { profile }: Pick<TableTarget, 'profile'>,
  report: ReportTable,
): StorePolicy | null {
  const isOwn = own === undefined || isWhole(own, lifetimeRange);
  if (!isOwn) report('maxLifetimeSeconds', 'must be a whole number of seconds, at least 1');
  if (!isWhole(graceSeconds, graceRange)) {
    report('graceSeconds', 'must be a whole number of seconds, at least 0');
    return null;
  }
  if (!isOwn) return null;
  const needed = needsLifetime(profile);
  if (needed && own === undefined) return null;
  const maxLifetimeSeconds = needed ? (own ?? 0) : 0;
  return { maxLifetimeSeconds, graceSeconds, lifetimesByUid: [], doubt: null };
}

function isWhole(value: unknown, { min, max }: Range): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
}
