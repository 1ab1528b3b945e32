/**
 * Two directories of one test run: one for what its files share (server-template.ts), and one for the
 * temporary directories of its tests (temp-dir.ts).
 *
 * As root the second one is an ext4 of its own, in a file. The machine's own file system can be slow at what
 * tests do most. Mounted with `discard` it waits for the disk for every file that is removed half a minute
 * after it was written: 3 ms a file. Without a journal it skips, for every new file, all inodes that were
 * freed in the last minutes: up to 0.6 ms a file, unless `chattr +T` spreads the directories over the disk.
 *
 * Invariant: the first is gone when the run has ended; the ext4 also if it was killed. Elsewhere the second
 * is gone if the tests left nothing in it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the files' processes find them. */
export const runDirectoryVariable = 'SESCLE_TEST_RUN';
export const temporaryDirectoryVariable = 'SESCLE_TEST_TEMPORARY';

/** Of a file that takes only what is written to it. */
const imageBytes = 32 * 2 ** 30;

interface Made {
  readonly shared: string;
  readonly temporary: string;
  /** null: nothing is mounted. */
  readonly unmounter: ChildProcess | null;
}

let made: Made | undefined;

export function setup(): void {
  if (process.env[runDirectoryVariable] !== undefined) return;
  const shared = makeDirectory('sescle-run-');
  const temporary = makeDirectory('sescle-');
  const isMounted = mountOwn(join(shared, 'image'), temporary);
  // A file system without it, or a machine without chattr, is only slower.
  if (!isMounted) spawnSync('chattr', ['+T', temporary]);
  made = { shared, temporary, unmounter: isMounted ? startUnmounter(temporary) : null };
  process.env[runDirectoryVariable] = shared;
  process.env[temporaryDirectoryVariable] = temporary;
}

export async function teardown(): Promise<void> {
  if (made === undefined) return;
  const { shared, temporary, unmounter } = made;
  rmSync(shared, { recursive: true, force: true });
  if (unmounter !== null) {
    const ended = once(unmounter, 'exit');
    unmounter.stdin?.end();
    await ended;
    return;
  }
  try {
    // Not recursive: what a test left may be a mount of something else.
    rmdirSync(temporary);
  } catch (error) {
    console.error(`tests left files behind: ${(error as Error).message}`);
  }
}

function makeDirectory(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(directory, 0o755);
  return directory;
}

/** @returns whether this user may mount one here */
function mountOwn(image: string, directory: string): boolean {
  if (process.getuid?.() !== 0) return false;
  writeFileSync(image, '');
  truncateSync(image, imageBytes);
  const make = ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard'];
  const commands = [
    ['mkfs.ext4', ...make, image],
    ['mount', '-o', 'loop,noinit_itable', image, directory],
  ];
  const isMounted = commands.every(
    ([command = '', ...args]) => spawnSync(command, args).status === 0,
  );
  // The mount keeps what is in it.
  rmSync(image);
  if (isMounted) {
    rmdirSync(join(directory, 'lost+found'));
    chmodSync(directory, 0o755);
  }
  return isMounted;
}

/** Unmounts when this process ends, however it ends. What still runs there keeps the files until it ends. */
function startUnmounter(directory: string): ChildProcess {
  const script = 'cat; umount --lazy "$0"; rmdir "$0"';
  const stdio = ['pipe', 'ignore', 'inherit'] as const;
  const child = spawn('sh', ['-c', script, directory], { stdio: [...stdio], detached: true });
  child.unref();
  return child;
}
