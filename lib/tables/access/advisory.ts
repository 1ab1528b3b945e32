/**
 * What the names of a request's locks follow from.
 *
 * Invariant: values are the texts that PHP has of them.
 */
import type { LockedRow, Role } from '../profile.js';
import type { Table } from '../sql/walks.js';

export function lockedRow(
  roles: readonly Role[],
  values: readonly string[],
  database: string,
  { name }: Table,
): LockedRow {
  return {
    values: Object.fromEntries(roles.map((role, index) => [role, values[index] ?? ''])),
    database,
    table: name,
  };
}

/** The columns that the names follow from, beside the id's. */
export function lockRoles({ meaning }: Table): Role[] {
  const { idRoles, advisory } = meaning.profile;
  return [...idRoles, ...(advisory?.roles ?? [])];
}
