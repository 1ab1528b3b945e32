/**
 * A `[[store]]` that is a table in a database: its keys, and which of them go together.
 *
 * Invariant: an entry comes out only where its table could be worked on as it was written; else there is at
 * least one problem. No message repeats a value that may hold a password.
 */
import type { z } from 'zod';
import type { Source } from '../../php/provenance.js';
import type { TableDescription } from '../../tables/description.js';
import { placeOfTable, type TableTarget } from '../../tables/planned.js';
import { needsLifetime } from '../../tables/profile.js';
import { checkTable, type TableKey } from '../../tables/target.js';
import type { Configured, TableEntry } from './configuration.js';
import type { tableFields } from './schema.js';

type TableFields = z.infer<typeof tableFields>;

/** How a target's keys are written in the file, where that is otherwise. */
const written: Readonly<Partial<Record<TableKey, keyof TableFields>>> = {
  passwordFile: 'password_file',
  passwordVariable: 'password_variable',
  maxLifetimeSeconds: 'lifetime',
  graceSeconds: 'grace',
};

export interface TableContext {
  readonly grace: Configured<number>;
  readonly sourceOf: (key?: keyof TableFields) => Source;
  readonly report: (key: keyof TableFields | undefined, text: string) => void;
}

/** @returns null where something was reported */
export function tableEntry(fields: TableFields, context: TableContext): TableEntry | null {
  const { sourceOf } = context;
  const report = (key: TableKey | undefined, text: string) => {
    const name = key === undefined ? undefined : (written[key] ?? (key as keyof TableFields));
    context.report(name, name === undefined ? `[[store]] ${text}` : `'${name}' ${text}`);
  };
  const { lifetime, grace, password_file, password_variable, ...rest } = fields;
  const target: TableDescription = {
    ...rest,
    profile: fields.profile as string,
    passwordFile: password_file,
    passwordVariable: password_variable,
  };
  const table = checkTable(target, report);
  if (table === null || !isLifetimeFitting(fields, table, report)) return null;
  const told = ['database', 'app', 'table', 'profile', 'lifetime'] as const;
  return {
    id: placeOfTable(table).text,
    title: table.profile.title,
    table,
    target,
    lifetime: lifetime === undefined ? null : { value: lifetime, source: sourceOf('lifetime') },
    grace: grace === undefined ? context.grace : { value: grace, source: sourceOf('grace') },
    source: sourceOf(),
    sources: Object.fromEntries(
      told.flatMap((key) => {
        const value = fields[key];
        return value === undefined ? [] : [[key, { value: String(value), source: sourceOf(key) }]];
      }),
    ),
  };
}

function isLifetimeFitting(
  { lifetime, app }: TableFields,
  { profile }: TableTarget,
  report: (key: TableKey | undefined, text: string) => void,
): boolean {
  const isNeeded = needsLifetime(profile);
  if (isNeeded && lifetime === undefined && app === undefined) {
    report(undefined, `gives no lifetime, and nothing else gives one for a table; add 'lifetime'`);
    return false;
  }
  if (isNeeded || typeof lifetime !== 'number') return true;
  report(
    'maxLifetimeSeconds',
    `has no effect: each row of ${profile.title} says when it expires; remove it`,
  );
  return false;
}
