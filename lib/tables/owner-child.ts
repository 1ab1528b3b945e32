/**
 * Looks whose word leads to a database, in a process of its own: a mount on the way may not answer.
 *
 * Invariant: it opens no database. What an application's settings say is answered only where root alone
 * could have written them; else the answer is their owner, who has to read them.
 */
import { answerOnce } from '../apart/answer-once.js';
import { nobody } from '../php/demotion.js';
import { type AppSettings, readApplication } from './app-settings.js';
import { TableError, type TableFailure, tableError } from './failure.js';
import { groupOf, type OwnedFile, ownedFile } from './owned-file.js';

export type OwnerQuestion =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'app'; readonly directory: string };

export type OwnerAnswer =
  | { readonly file: OwnedFile }
  | { readonly settings: AppSettings }
  | { readonly owner: { readonly uid: number; readonly gid: number } }
  | { readonly failure: TableFailure };

answerOnce((question: OwnerQuestion): OwnerAnswer => {
  try {
    return question.kind === 'file'
      ? { file: ownedFile(question.path, process.geteuid?.() ?? 0) }
      : ofApplication(question.directory);
  } catch (error) {
    if (error instanceof TableError) return { failure: error.failure };
    throw error;
  }
});

function ofApplication(directory: string): OwnerAnswer {
  const { settings, setBy } = readApplication(directory);
  if (setBy === 0) return { settings: settings() };
  if (setBy === null) {
    throw tableError(
      'ERR_TABLE_RIGHTS',
      `the settings of ${directory} can be changed by several users, so sescle cannot choose the user to run as`,
      "remove the group's write permission (chmod g-w)",
    );
  }
  return { owner: { uid: setBy, gid: setBy === nobody.uid ? nobody.gid : groupOf(setBy) } };
}
