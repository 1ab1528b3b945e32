/** Looks at the way to an SQLite file in a process of its own: a mount there may not answer. */
import { answerOnce } from '../apart/answer-once.js';
import { TableError, type TableFailure } from './failure.js';
import { type OwnedFile, ownedFile } from './owned-file.js';

export interface OwnerQuestion {
  readonly path: string;
}

export type OwnerAnswer = { readonly file: OwnedFile } | { readonly failure: TableFailure };

answerOnce(({ path }: OwnerQuestion): OwnerAnswer => {
  try {
    return { file: ownedFile(path, process.geteuid?.() ?? 0) };
  } catch (error) {
    if (error instanceof TableError) return { failure: error.failure };
    throw error;
  }
});
