/**
 * The tables of sescle.toml as people name them: by the address of the database or the application's directory,
 * as `sescle stores` shows them, with the table behind it where several are there.
 *
 * Invariant: nothing is connected to, and a name that may hold a password is repeated nowhere.
 */
import { escapePath } from '../text/escape-path.js';
import type { Store } from './store.js';

const schemes = /^(?:mysql|mariadb|postgres|postgresql|pgsql|sqlite|app):/i;
const behindAddress = ' table ';

/** Whether it is no save path but the name of a table, or of the database of several. */
export function isTableName(name: string): boolean {
  return schemes.test(name);
}

/**
 * @returns none: sescle.toml names no such table
 * @throws SescleError ERR_INVALID_ARGUMENT
 */
export async function tablesNamed(name: string, stores: readonly Store[]): Promise<Store[]> {
  const tables = stores.filter(({ handler }) => handler === 'table');
  const exactly = tables.filter(({ path }) => path === name);
  if (exactly.length > 0) return exactly;
  const at = name.lastIndexOf(behindAddress);
  const where = await placeText(at < 0 ? name : name.slice(0, at));
  const table = at < 0 ? null : escapePath(name.slice(at + behindAddress.length));
  const wanted = table === null ? where : `${where}${behindAddress}${table}`;
  return tables.filter(
    ({ path }) =>
      path === wanted || (table === null && path.startsWith(`${where}${behindAddress}`)),
  );
}

/** As placeOfTable() writes it. */
async function placeText(name: string): Promise<string> {
  if (/^app:/i.test(name)) {
    const directory = name.slice('app:'.length).replace(/(?<=.)\/+$/, '');
    return escapePath(`app:${directory}`);
  }
  const { addressText, parseAddress } = await import('../tables/address.js');
  return escapePath(addressText(parseAddress(name)));
}
