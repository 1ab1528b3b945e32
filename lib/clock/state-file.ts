/**
 * The small file that keeps what is known of the clock from one run to the next: the system calls alone.
 *
 * Invariant: it is written whole or not at all; one that is missing or broken is as none. Nothing here
 * blocks the event loop.
 */
import { constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { close, mkdir, open, read, rename, stat, unlink, writeFile } from '../file-calls.js';
import type { ClockMemory } from './clock-guard.js';
import type { ClockStep } from './clock-steps.js';

const name = 'clock.json';
const pieceBytes = 8192;

/** What is asked of the file: to be written, or what it holds. */
export interface StateQuestion {
  readonly directory: string;
  /** Null: it is to be read. */
  readonly memory: ClockMemory | null;
}

export interface StateAnswer {
  /** What was read; null where there is none that can be used. */
  readonly memory: ClockMemory | null;
  /** Why it could not be written; null: it was. */
  readonly problem: string | null;
}

/** How long an answer is waited for, and what is said where none came. */
export const patience = {
  deadlineMs: 5000,
  notAnswering: () => new Error('its file system does not answer'),
};

export async function answerFrom({ directory, memory }: StateQuestion): Promise<StateAnswer> {
  return memory === null
    ? { memory: await readMemory(directory), problem: null }
    : { memory: null, problem: await writeMemory(directory, memory) };
}

async function readMemory(directory: string): Promise<ClockMemory | null> {
  try {
    return memoryIn(JSON.parse(await readText(join(directory, name))));
  } catch {
    return null;
  }
}

/** A FIFO in its place must not hang us. */
async function readText(file: string): Promise<string> {
  const fd = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // For readFile() Node loads a module.
    let bytes = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await read(fd, Buffer.alloc(pieceBytes), 0, pieceBytes, null);
      if (bytesRead === 0) return bytes.toString();
      bytes = Buffer.concat([bytes, buffer.subarray(0, bytesRead)]);
    }
  } finally {
    await close(fd);
  }
}

async function writeMemory(directory: string, memory: ClockMemory): Promise<string | null> {
  const temporary = join(directory, `.${name}.${process.pid}`);
  const write = () =>
    writeFile(temporary, `${JSON.stringify(memory)}\n`, { flag: 'wx', mode: 0o644 });
  try {
    try {
      await write();
    } catch {
      // The directory may be missing, or hold such a file of a process that was killed. Seldom: a look first costs more.
      await makeDirectories(directory);
      await removeIfThere(temporary);
      await write();
    }
    await rename(temporary, join(directory, name));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Not by `recursive`: where mkdir(2) says ENOENT and the parent is there, as in /proc, Node never returns. */
async function makeDirectories(directory: string): Promise<void> {
  const names = resolve(directory).split('/');
  for (let count = 2; count <= names.length; count += 1) {
    const each = names.slice(0, count).join('/');
    const isThere = await stat(each).then(
      () => true,
      () => false,
    );
    if (!isThere) await mkdir(each, 0o755);
  }
}

/** As this version writes it, or as 0.1 did: one grace in place of the steps. */
function memoryIn(found: unknown): ClockMemory | null {
  const memory = (found ?? {}) as Readonly<Record<string, unknown>>;
  const { bootId, offsetMs, steps, graceSeconds, graceSinceMs } = memory;
  if (typeof bootId !== 'string' || !isTime(offsetMs)) return null;
  const isGrace = Number(graceSeconds) >= 0;
  const given = steps ?? (isGrace && [{ atMs: graceSinceMs, bySeconds: graceSeconds }]);
  if (!Array.isArray(given) || !given.every(isStep)) return null;
  return { bootId, offsetMs, steps: given.map(({ atMs, bySeconds }) => ({ atMs, bySeconds })) };
}

function isStep(found: unknown): found is ClockStep {
  const { atMs, bySeconds } = (found ?? {}) as Partial<Record<keyof ClockStep, unknown>>;
  return isTime(atMs) && Number.isSafeInteger(bySeconds);
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
