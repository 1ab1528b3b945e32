/**
 * As whom a table is worked on.
 *
 * Invariant: never root. What the administrator wrote is worked on as nobody; an SQLite file as the user
 * who owns it and the way to it. Where sescle itself is not root, as its own user.
 */
import { Apart } from '../apart/apart.js';
import { type Identity, nobody } from '../php/demotion.js';
import { TableError as Failed, type TableError, tableError } from './failure.js';
import type { OwnedFile } from './owned-file.js';
import type { OwnerAnswer, OwnerQuestion } from './owner-child.js';

const lookout = new Apart<OwnerQuestion, OwnerAnswer>({
  program: 'tables/owner-child.js',
  deadlineMs: 10_000,
  mostLeftBehind: 4,
  notAnswering: (): TableError =>
    tableError(
      'ERR_TABLE_NOT_ANSWERING',
      'the file system of the SQLite file does not answer',
      'find the dead mount (findmnt)',
    ),
  failed: (reason): TableError =>
    tableError(
      'ERR_TABLE_NOT_ANSWERING',
      `the process that looks for the SQLite file failed: ${reason}`,
    ),
});

/** @throws TableError */
export async function ownerOf(path: string): Promise<OwnedFile> {
  const answer = await lookout.ask({ path });
  if ('failure' in answer) throw new Failed(answer.failure);
  return answer.file;
}

export function serverIdentity(): Identity {
  return asRootElse(nobody);
}

export function fileIdentity({ uid, gid }: OwnedFile): Identity {
  return asRootElse({ uid, gid });
}

function asRootElse(identity: Identity): Identity {
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 ? identity : { uid, gid: process.getegid?.() ?? 0 };
}
