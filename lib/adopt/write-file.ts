/**
 * Puts a new text in the place of a configuration file's.
 *
 * Invariant: a reader of the file sees the old text or the new one, whole; owner, group and mode stay.
 * A file that was changed since it was read is not overwritten.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { SescleError } from '../errors.js';
import { escapePath } from '../text/escape-path.js';

/**
 * @param file absolute
 * @param before what was read; null: there was no file
 * @throws SescleError
 */
export function replaceText(file: Buffer, before: string | null, after: string): void {
  const text = escapePath(file);
  try {
    const target = before === null ? file : realpathSync(file, { encoding: 'buffer' });
    if (before === null) makeParent(file);
    else if (readFileSync(target, 'utf8') !== before) throw changed(text);
    const temporary = Buffer.concat([
      target,
      Buffer.from(`.sescle-${randomBytes(6).toString('hex')}`),
    ]);
    const { mode, uid, gid } = before === null ? fresh : statSync(target);
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(descriptor, after);
      fsyncSync(descriptor);
      closeSync(descriptor);
      if (before !== null) chownSync(temporary, uid, gid);
      chmodSync(temporary, mode & 0o7777);
      renameSync(temporary, target);
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    }
  } catch (error) {
    if (error instanceof SescleError) throw error;
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    throw new SescleError(`${text} cannot be written (${code})`, {
      code,
      path: text,
      remedy: 'run sescle as root, or name another file with -c',
      cause: error,
    });
  }
}

const fresh = { mode: 0o644, uid: -1, gid: -1 };

/** Only the last directory: mkdirSync(recursive) never returns on some file systems. */
function makeParent(file: Buffer): void {
  const parent = file.subarray(0, Math.max(file.lastIndexOf(0x2f), 1));
  try {
    mkdirSync(parent, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function changed(file: string): SescleError {
  return new SescleError(`${file} was changed in the meantime`, {
    code: 'ERR_CONFIGURATION_CHANGED',
    path: file,
    remedy: 'run the command again',
  });
}
