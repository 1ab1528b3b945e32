/**
 * Replaces and removes node_exporter's text file: the system calls alone.
 *
 * Invariant: a reader of the file sees one whole text, the old or the new. What lies under the name
 * or under that of the temporary file is replaced or refused, never followed or written into, and
 * no temporary file outlives a failure.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, unlink } from 'node:fs/promises';

export interface TextfileChange {
  readonly file: string;
  /** Null: there is to be none. */
  readonly text: string | null;
}

/** What a failed system call tells; plain data. */
export interface TextfileFailure {
  readonly code: string | undefined;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly message: string;
}

/** Readable by node_exporter, which is another user. */
const mode = 0o644;

/** @returns what failed; null: it is done */
export async function changeTextfile({
  file,
  text,
}: TextfileChange): Promise<TextfileFailure | null> {
  try {
    await (text === null ? unlink(file) : replaceFile(file, text));
    return null;
  } catch (error) {
    const { code, errno, syscall } = error as NodeJS.ErrnoException;
    if (text === null && code === 'ENOENT') return null;
    return { code, errno, syscall, message: String(error) };
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`;
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    await fill(handle, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function fill(handle: FileHandle, text: string): Promise<void> {
  try {
    // Whatever the umask is.
    await handle.chmod(mode);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
