/**
 * The metrics as a file for node_exporter's textfile collector: DIR/sescle.prom.
 *
 * Invariant: a reader of the file sees one whole text, the old or the new. A directory that does not
 * answer keeps neither the program nor its end waiting: where one may be such, a process of its own
 * writes (lib/apart/).
 */
import { join } from 'node:path';
import { Apart } from '../apart/apart.js';
import { SescleError } from '../errors.js';
import type { MonitorStatus } from '../monitor/status.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';
import { escapePath } from '../text/escape-path.js';
import { systemReason } from '../text/system-reason.js';
import { metricsText } from './metrics.js';
import { changeTextfile, type TextfileChange, type TextfileFailure } from './replace-textfile.js';

/** What node_exporter reads: it takes every `*.prom`. */
export const textfileName = 'sescle.prom';

const writer = new Apart<TextfileChange, TextfileFailure | null>({
  program: 'telemetry/textfile-child.js',
  deadlineMs: 5000,
  mostLeftBehind: 1,
  notAnswering: () => new Error('its file system does not answer'),
  failed: (reason) => new Error(`the process that writes it failed: ${reason}`),
});

/**
 * Writes the metrics of a snapshot, without those of the process, which node_exporter has of its own.
 *
 * @param directory node_exporter's `--collector.textfile.directory`
 * @param signal gives up
 * @returns what failed; the next snapshot may fare better, so nothing is thrown
 */
export async function writeTextfile(
  directory: string,
  status: MonitorStatus,
  signal?: AbortSignal,
): Promise<SescleError | null> {
  return change({ file: join(directory, textfileName), text: await metricsText(status) }, signal);
}

/**
 * Removes the file, as at the end of the monitor: what it says is not true any more.
 *
 * @param signal gives up
 * @returns what failed; null also where there was none
 */
export async function removeTextfile(
  directory: string,
  signal?: AbortSignal,
): Promise<SescleError | null> {
  return change({ file: join(directory, textfileName), text: null }, signal);
}

async function change(
  wanted: TextfileChange,
  signal: AbortSignal | undefined,
): Promise<SescleError | null> {
  try {
    const isApart = mountsThatMayHang().length > 0;
    const failure = await (isApart ? writer.ask(wanted, signal) : changeTextfile(wanted));
    return failure === null ? null : textfileError(wanted.file, failure);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return textfileError(wanted.file, {
      code: undefined,
      errno: undefined,
      syscall: undefined,
      message,
    });
  }
}

const remedies: Readonly<Record<string, string>> = {
  EACCES: 'let the user of sescle write to the directory',
  EDQUOT: 'free space on the file system',
  EISDIR: 'remove the directory that has the name of the file',
  ENOENT: "give the directory that node_exporter's --collector.textfile.directory names",
  ENOSPC: 'free space on the file system',
  ENOTDIR: "give the directory that node_exporter's --collector.textfile.directory names",
  EROFS: 'let the service write there (ReadWritePaths= in systemd)',
};

function textfileError(
  file: string,
  { code = 'ERR_TEXTFILE', errno, syscall, message }: TextfileFailure,
): SescleError {
  const path = escapePath(file);
  const reason = errno === undefined ? message : systemReason(-errno, code);
  return new SescleError(`${path} could not be written: ${reason}`, {
    code,
    errno: errno === undefined ? undefined : -errno,
    syscall,
    path,
    remedy: remedies[code],
  });
}
