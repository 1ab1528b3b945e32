/**
 * What an application's own settings say of its table of sessions.
 *
 * Invariant: they are read, never run. A password leaves here for the process that logs in, and for nothing
 * else.
 */
import type { Application } from '../apps/application.js';
import { applicationAt } from '../apps/recognise.js';
import { fromBytes } from '../php/byte-string.js';
import { FileTree, Unreadable } from '../php/file-tree.js';
import { bothSetters, describeSource, type Setter } from '../php/provenance.js';
import type { DatabaseAddress } from './address.js';
import { tableError } from './failure.js';
import type { Role } from './profile.js';

export interface AppSettings {
  readonly address: DatabaseAddress;
  readonly password: string | null;
  readonly table: string;
  readonly columns: Readonly<Record<Role, string>>;
}

export interface ReadApplication {
  /** Who could have written any of it: the directory's owner, and those of all files that were read. */
  readonly setBy: Setter;
  /**
   * What it says. Where it is not root's word, root must not show what it says either: a link among the
   * files may lead to what only root can read.
   *
   * @throws TableError ERR_TABLE_SETTINGS
   */
  readonly settings: () => AppSettings;
}

/** @param directory absolute */
export function readApplication(directory: string): ReadApplication {
  const path = fromBytes(Buffer.from(directory));
  const tree = new FileTree('/');
  const application = applicationAt(path, tree);
  const setBy = [path, ...tree.lookedAt()]
    .map((each) => tree.find(each))
    .map((place) => (place instanceof Unreadable ? (place.setBy ?? null) : place.setBy))
    .reduce(bothSetters, 0);
  return { setBy, settings: () => settingsOf(application, directory) };
}

function settingsOf(application: Application | null, directory: string): AppSettings {
  if (application === null) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `${directory} holds no application that sescle knows, or none that may be read`,
      'correct app, or name the database instead',
    );
  }
  const { store } = application;
  if (store?.value.kind !== 'table' || store.value.table.connection === null) {
    throw tableError(
      'ERR_TABLE_SETTINGS',
      `the settings of ${directory} name no table of sessions that sescle can reach${doubtOf(application)}`,
      'name the database and the table instead of app',
    );
  }
  const { connection, table, columns } = store.value.table;
  const { password, source: _source, ...address } = connection;
  return { address, password: password?.reveal() ?? null, table, columns };
}

function doubtOf({ doubts }: Application): string {
  const [first] = doubts;
  return first === undefined ? '' : `: ${describeSource(first.source)} ${first.reason}`;
}
