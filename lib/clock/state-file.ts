/**
 * The small file that keeps what is known of the clock from one run to the next.
 *
 * Invariant: it is written whole or not at all; one that is missing or broken is as none, and nothing
 * of the work depends on it.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { ClockMemory } from './clock-guard.js';
import type { ClockStep } from './clock-steps.js';

const name = 'clock.json';

/** @returns where it cannot be read, as in a chroot without /proc, one that is like no other */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return randomUUID();
  }
}

/** @returns null where there is none that can be used */
export function readClockMemory(directory: string): ClockMemory | null {
  try {
    return memoryIn(JSON.parse(readText(path.join(directory, name))));
  } catch {
    return null;
  }
}

/** A FIFO in its place must not hang us. */
function readText(file: string): string {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** @returns why it could not be written; null: it was */
export function writeClockMemory(directory: string, memory: ClockMemory): string | null {
  const temporary = path.join(directory, `.${name}.${process.pid}`);
  try {
    makeDirectories(directory);
    rmSync(temporary, { force: true });
    writeFileSync(temporary, `${JSON.stringify(memory)}\n`, { flag: 'wx', mode: 0o644 });
    renameSync(temporary, path.join(directory, name));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Not by `recursive`: where mkdir(2) says ENOENT and the parent is there, as in /proc, Node never returns. */
function makeDirectories(directory: string): void {
  const names = path.resolve(directory).split('/');
  for (let count = 2; count <= names.length; count += 1) {
    const each = names.slice(0, count).join('/');
    if (!existsSync(each)) mkdirSync(each, 0o755);
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
