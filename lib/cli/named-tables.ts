/**
 * Tables that were named on the command line, among the stores that were found.
 *
 * Invariant: a table is swept by what sescle.toml says of it; a name alone makes no store.
 */
import { isTableName, type Store, tablesNamed } from '../index.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

export function isTable(named: Buffer): boolean {
  return isTableName(named.toString());
}

/** @throws UsageError unless sescle.toml names it and it may be collected; SescleError where it is no address */
export async function requireTables(named: Buffer, stores: readonly Store[]): Promise<Store[]> {
  const name = named.toString();
  const found = await tablesNamed(name, stores);
  const shown = printableArgument(name);
  if (found.length === 0) {
    throw new UsageError(
      `${shown}: sescle.toml names no such table`,
      'write it as sescle stores shows it, or add its [[store]] to sescle.toml',
    );
  }
  const refused = found.find(({ target }) => target === null);
  if (refused !== undefined) {
    throw new UsageError(
      `${refused.path} is not collected: ${refused.reason ?? 'unknown reason'}`,
      'correct its [[store]] in sescle.toml',
    );
  }
  return found;
}
