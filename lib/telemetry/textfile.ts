/**
 * The metrics as a file for node_exporter's textfile collector: DIR/sescle.prom.
 *
 * Invariant: whoever reads the file sees one whole text, the old or the new. What lies under the name
 * or under that of the temporary file is replaced or refused, never followed or written into, and
 * no temporary file outlives a failure.
 */
import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SescleError } from '../errors.js';
import type { MonitorStatus } from '../monitor/status.js';
import { escapePath } from '../text/escape-path.js';
import { systemReason } from '../text/system-reason.js';
import { metricsText } from './metrics.js';

/** What node_exporter reads: it takes every `*.prom`. */
export const textfileName = 'sescle.prom';

/** Readable by node_exporter, which is another user. */
const mode = 0o644;

/**
 * Writes the metrics of a snapshot, without those of the process, which node_exporter has of its own.
 *
 * @param directory node_exporter's `--collector.textfile.directory`
 * @returns what failed; the next snapshot may fare better, so nothing is thrown
 */
export async function writeTextfile(
  directory: string,
  status: MonitorStatus,
): Promise<SescleError | null> {
  const file = join(directory, textfileName);
  try {
    await replaceFile(file, await metricsText(status));
    return null;
  } catch (error) {
    return textfileError(file, error);
  }
}

/**
 * Removes the file, as at the end of the monitor: what it says is not true any more.
 *
 * @returns what failed; null also where there was none
 */
export async function removeTextfile(directory: string): Promise<SescleError | null> {
  const file = join(directory, textfileName);
  try {
    await unlink(file);
    return null;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : textfileError(file, error);
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

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'let the user of sescle write to the directory',
  EDQUOT: 'make room on the file system',
  EISDIR: 'remove the directory that has the name of the file',
  ENOENT: "give the directory that node_exporter's --collector.textfile.directory names",
  ENOSPC: 'make room on the file system',
  ENOTDIR: "give the directory that node_exporter's --collector.textfile.directory names",
  EROFS: 'let the service write there (ReadWritePaths= in systemd)',
};

function textfileError(file: string, error: unknown): SescleError {
  const { code = 'ERR_TEXTFILE', errno, syscall } = error as NodeJS.ErrnoException;
  const path = escapePath(file);
  const reason = errno === undefined ? String(error) : systemReason(-errno, code);
  return new SescleError(`${path} could not be written: ${reason}`, {
    code,
    errno: errno === undefined ? undefined : -errno,
    syscall,
    path,
    remedy: remedies[code],
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
