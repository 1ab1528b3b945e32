/**
 * What the user named must be there: a mistyped path is an error, never a default.
 *
 * Invariant: everything named is checked before anything is looked at or removed. Nothing here can hang
 * the event loop: a FIFO is not opened, and a mount that does not answer leaves it running.
 */
import { constants, type Stats } from 'node:fs';
import { access, lstat, open, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { escapePath, type ListenAddress } from '../index.js';
import { lookUnlessItMayHang, notLookedAt } from './brief-look.js';
import type { DiscoveryFlags } from './discovery-options.js';
import { absolutePath } from './paths.js';
import { UsageError } from './usage-error.js';

export interface NamedInputs extends DiscoveryFlags {
  readonly state?: Buffer | undefined;
  readonly textfile?: Buffer | undefined;
  readonly http?: ListenAddress | undefined;
}

/** As much of a file as shows that it is no text. */
const headBytes = 4096;

/** @throws UsageError for the first that is missing, unreadable, empty or of the wrong kind */
export async function checkNamedInputs(flags: NamedInputs): Promise<void> {
  const { php, ini, config, root, state, textfile, http } = flags;
  if (root !== undefined) await checkDirectory('--root', root);
  if (php !== undefined) await checkInterpreter(php);
  if (ini !== undefined) await checkIni(ini);
  if (config !== undefined) await checkTextFile('-c', config, 'a file');
  if (textfile !== undefined) await checkDirectory('--textfile', textfile);
  if (state !== undefined) await checkStateDirectory(state);
  if (http?.kind === 'unix') await checkSocket(http.path);
}

/** @throws UsageError unless it is a directory that can be opened */
export async function checkDirectory(option: string, given: Buffer): Promise<void> {
  const status = await look(option, given);
  if (status === null) return;
  if (!status.isDirectory()) refuse(option, given, 'is not a directory', 'give a directory');
  await checkAccess(option, given, constants.R_OK | constants.X_OK);
}

/** A bare name is looked for in PATH by those who run it. */
async function checkInterpreter(given: Buffer): Promise<void> {
  if (!given.includes('/')) return checkInPath(given);
  const status = await look('-p', given);
  if (status === null) return;
  if (!status.isFile()) refuse('-p', given, 'is not a file', 'give a PHP interpreter');
  await checkAccess('-p', given, constants.X_OK);
}

async function checkInPath(name: Buffer): Promise<void> {
  const directories = (process.env['PATH'] ?? '').split(':').filter((path) => path !== '');
  for (const directory of directories) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
    if (await stat(path).catch(() => undefined)) return;
  }
  refuse('-p', name, 'is not in PATH', "give the interpreter's path");
}

/** PHP takes a file, or a directory that a php.ini lies in. */
async function checkIni(given: Buffer): Promise<void> {
  const status = await look('-i', given);
  if (status === null) return;
  if (!status.isDirectory()) return checkTextFile('-i', given, 'a php.ini or its directory');
  await checkAccess('-i', given, constants.R_OK | constants.X_OK);
  const names = await readdir(absolutePath(given));
  if (names.some((name) => /^php(?:-.+)?\.ini$/.test(name))) return;
  refuse('-i', given, 'holds no php.ini', 'give a php.ini or its directory');
}

async function checkTextFile(option: string, given: Buffer, wanted: string): Promise<void> {
  const status = await look(option, given);
  if (status === null) return;
  if (!status.isFile()) refuse(option, given, 'is not a file', `give ${wanted}`);
  await checkAccess(option, given, constants.R_OK);
  const file = await open(absolutePath(given), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    if (bytesRead === 0) refuse(option, given, 'is empty', `give ${wanted}`);
    if (buffer.subarray(0, bytesRead).includes(0)) {
      refuse(option, given, 'is not a text file', `give ${wanted}`);
    }
  } finally {
    await file.close();
  }
}

/** It is made where it is missing. */
async function checkStateDirectory(given: Buffer): Promise<void> {
  const status = await lookUnlessItMayHang(absolutePath(given), (path) =>
    stat(path).catch(() => undefined),
  );
  if (status === undefined || status === notLookedAt || status.isDirectory()) return;
  refuse('--state', given, 'is not a directory', 'give a directory');
}

/** It is made where it is missing, and replaced where nobody listens on it any more. */
async function checkSocket(path: string): Promise<void> {
  const given = Buffer.from(path);
  const shown = Buffer.from(`unix:${path}`);
  const found = await lookUnlessItMayHang(given, async () => ({
    directory: await stat(dirname(path)).catch(() => undefined),
    entry: await lstat(given).catch(() => undefined),
  }));
  if (found === notLookedAt) return;
  const { directory, entry } = found;
  if (directory?.isDirectory() !== true) {
    const remedy = 'make the directory first (RuntimeDirectory= in systemd)';
    refuse('--http', shown, 'its directory does not exist', remedy);
  }
  if (entry === undefined || entry.isSocket()) return;
  const remedy = 'remove it, or give another path';
  refuse('--http', shown, 'is there already, and is not a socket', remedy);
}

/** @returns null where a look may hang: then it is for discovery to find out, in a process of its own */
async function look(option: string, given: Buffer): Promise<Stats | null> {
  try {
    const status = await lookUnlessItMayHang(absolutePath(given), (path) => stat(path));
    return status === notLookedAt ? null : status;
  } catch (error) {
    return refuse(option, given, reasonOf(error), 'check the path');
  }
}

async function checkAccess(option: string, given: Buffer, mode: number): Promise<void> {
  try {
    await access(absolutePath(given), mode);
  } catch (error) {
    refuse(option, given, reasonOf(error), 'check its permissions, or run sescle as root');
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'ENOTDIR') return 'a part of its path is not a directory';
  if (code === 'EACCES') return 'permission denied';
  return `cannot be looked at (${code ?? error})`;
}

function refuse(option: string, given: Buffer, reason: string, remedy: string): never {
  throw new UsageError(`${option} ${escapePath(given)}: ${reason}`, remedy);
}
