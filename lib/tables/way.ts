/**
 * The way to a table: as whom its work is done, and what that process is told.
 *
 * Invariant: never as root. What the administrator wrote is worked on as nobody; an SQLite file as the user
 * who owns it and the way to it; an application's settings as the user who could have written them. Where
 * sescle itself is not root, all as its own user.
 */
import { Apart } from '../apart/apart.js';
import { type Identity, nobody } from '../php/demotion.js';
import type { DatabaseAddress } from './address.js';
import { TableError, tableError } from './failure.js';
import type { LoginSource } from './messages.js';
import type { OwnerAnswer, OwnerQuestion } from './owner-child.js';
import type { TableSource } from './planned.js';
import type { Role } from './profile.js';
import { readSecret } from './secrets.js';
import { tlsTexts } from './tls-files.js';

export interface Way {
  readonly identity: Identity;
  /** Of SQLite: it blocks the process that waits for it. Null: a server. */
  readonly file: string | null;
  /** A password is in it: for the child, and not to be kept. */
  readonly login: LoginSource;
  /** What an application that root alone wrote says; else empty. */
  readonly table: string;
  readonly columns: Readonly<Record<Role, string>>;
}

const lookout = new Apart<OwnerQuestion, OwnerAnswer>({
  program: 'tables/owner-child.js',
  deadlineMs: 10_000,
  mostLeftBehind: 4,
  notAnswering: () =>
    tableError(
      'ERR_TABLE_NOT_ANSWERING',
      'a file system on the way to it does not answer',
      'find the dead mount (findmnt)',
    ),
  failed: (reason) =>
    tableError('ERR_TABLE_NOT_ANSWERING', `the process that looks for it failed: ${reason}`),
});

/** @throws TableError */
export async function wayTo(source: TableSource): Promise<Way> {
  if (source.kind === 'address') {
    const { address, secret } = source;
    return toDatabase(address, () => readSecret(secret, process.env), '', {});
  }
  const { directory } = source;
  const answer = await ask({ kind: 'app', directory });
  if ('settings' in answer) {
    const { address, password, table, columns } = answer.settings;
    return toDatabase(address, () => password, table, columns);
  }
  if (!('owner' in answer)) throw new Error('an owner was asked for');
  const identity = asRootElse(answer.owner);
  return {
    identity,
    file: `app ${directory}`,
    login: { kind: 'app', directory },
    table: '',
    columns: {},
  };
}

async function toDatabase(
  address: DatabaseAddress,
  passwordOf: () => string | null,
  table: string,
  columns: Way['columns'],
): Promise<Way> {
  if (address.family !== 'sqlite') {
    const login = { address, password: passwordOf(), tls: tlsTexts(address), file: null };
    return {
      identity: asRootElse(nobody),
      file: null,
      login: { kind: 'told', login },
      table,
      columns,
    };
  }
  const answer = await ask({ kind: 'file', path: address.database });
  if (!('file' in answer)) throw new Error('a file was asked for');
  const { path, uid, gid, dev, ino } = answer.file;
  const login = {
    address: { ...address, database: path },
    password: null,
    tls: null,
    file: { dev, ino },
  };
  return {
    identity: asRootElse({ uid, gid }),
    file: path,
    login: { kind: 'told', login },
    table,
    columns,
  };
}

async function ask(question: OwnerQuestion): Promise<Exclude<OwnerAnswer, { failure: unknown }>> {
  const answer = await lookout.ask(question);
  if ('failure' in answer) throw new TableError(answer.failure);
  return answer;
}

function asRootElse(identity: Identity): Identity {
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 ? identity : { uid, gid: process.getegid?.() ?? 0 };
}
