/**
 * What a server says of a statement, where nobody knows better what to do about it.
 *
 * Invariant: what goes on by itself (a lock, a deadlock, a statement that took too long) is told apart from
 * what does not.
 */
import { MysqlError } from './drivers/mysql-connection.js';
import { PostgresqlError } from './drivers/postgresql-connection.js';
import { type TableError, tableError } from './failure.js';

/** Lock wait, deadlock, NOWAIT, and the limits of a statement's time. */
const busyErrors = [1205, 1213, 3572, 1969, 3024];
const busyStates = ['55P03', '40P01', '40001', '57014'];

/** @returns undefined for what no server said */
export function statementFailure(error: unknown): TableError | undefined {
  if (error instanceof MysqlError) {
    return busyErrors.includes(error.errno) ? busy(error.said) : says(error.said, error.errno);
  }
  if (!(error instanceof PostgresqlError)) return undefined;
  return busyStates.includes(error.sqlState) ? busy(error.said) : says(error.said, error.sqlState);
}

function busy(said: string): TableError {
  return tableError(
    'ERR_TABLE_BUSY',
    `the table is locked by others, or the server is overloaded: ${said}`,
    'sescle tries again; if this lasts, look for long transactions on the server',
  );
}

function says(said: string, code: number | string): TableError {
  return tableError('ERR_TABLE_SERVER', `the server says: ${said} (${code})`);
}
