/**
 * What kept directories from being made, in one line, and what to do about it.
 *
 * Invariant: a message names the path and the reason and nothing that the addon did not tell.
 */
import type { SweepFailure } from '../engine/engine.js';
import { SescleError } from '../errors.js';
import { describeFailure, rootError } from '../files/failure-text.js';
import type { NativeFailure, NativeRootError } from '../native/boundary.js';
import { escapePath } from '../text/escape-path.js';

/** What a failure says where a session would not do. */
const reasons: Readonly<Record<string, { message: string; remedy: string }>> = {
  'EEXIST mkdirat': {
    message: 'something that is not a directory is in the way',
    remedy: 'look at it, move it away, and run the command again',
  },
  'EEXIST owner': {
    message: 'the directory is there already and belongs to another user',
    remedy: 'check it; then remove it, or give it to the right user (chown)',
  },
  'EXDEV openat': {
    message: 'something is mounted there',
    remedy: 'unmount it, or make its directories by hand',
  },
  'ENOSPC mkdirat': {
    message: 'no space left on the file system, or no inodes',
    remedy: 'free some (df -h, df -i) and run the command again: it goes on where it stopped',
  },
  'EDQUOT mkdirat': {
    message: 'disk quota exceeded',
    remedy: 'raise the quota and run the command again: it goes on where it stopped',
  },
  'EMLINK mkdirat': {
    message: 'the file system allows no more directories in one directory',
    remedy: 'use fewer bits, or another file system',
  },
};

export function describeMakeFailure(failure: NativeFailure): SweepFailure {
  const described = describeFailure(failure);
  const own = reasons[`${failure.code} ${failure.syscall}`];
  if (own === undefined) return described;
  return { ...described, ...own, syscall: failure.syscall === 'owner' ? '' : failure.syscall };
}

/** What the rejected call is told as. */
export function makeError(error: unknown, base: Buffer): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const { code, errno, syscall, path, ownerUid, componentUid } = error as NativeRootError;
  const text = escapePath(path);
  const details = { code, errno, syscall, path: text, cause: error };
  if (code === 'ERR_OTHER_OWNER') {
    return new SescleError(
      `${text} belongs to uid ${componentUid}, who could change what sescle makes there for uid ${ownerUid}`,
      {
        ...details,
        errno: undefined,
        remedy: 'leave out --owner, or give the directory to that user first (chown)',
      },
    );
  }
  if (code === 'ENOENT' && path.equals(base)) {
    return new SescleError(`${text} does not exist, and its owner is unknown`, {
      ...details,
      remedy: 'pass it with --owner, for example --owner www-data',
    });
  }
  if (code === 'ENOENT') {
    return new SescleError(`${escapePath(base)}: ${text} does not exist`, {
      ...details,
      remedy: 'make that directory first: only the last one of a path is made',
    });
  }
  if (syscall === 'setfsuid') {
    return new SescleError(`${text}: only root can make directories for another user`, {
      ...details,
      remedy: 'run sescle as root, or as the user that --owner names',
    });
  }
  const own = reasons[`${code} ${syscall}`];
  if (own === undefined) return rootError(error, base);
  return new SescleError(`${text}: ${own.message}`, { ...details, remedy: own.remedy });
}
