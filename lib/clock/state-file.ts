/**
 * The small file that keeps what is known of the clock from one run to the next.
 *
 * Invariant: it is written whole or not at all; one that is missing or broken is as none, and nothing
 * of the work depends on it.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClockMemory } from './clock-guard.js';

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
    const found: unknown = JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
    return isMemory(found) ? found : null;
  } catch {
    return null;
  }
}

/** @returns why it could not be written; null: it was */
export function writeClockMemory(directory: string, memory: ClockMemory): string | null {
  const temporary = path.join(directory, `.${name}.${process.pid}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, `${JSON.stringify(memory)}\n`, { flag: 'wx', mode: 0o644 });
    renameSync(temporary, path.join(directory, name));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isMemory(found: unknown): found is ClockMemory {
  const memory = (found ?? {}) as Partial<Record<keyof ClockMemory, unknown>>;
  const { bootId, offsetMs, graceSeconds, graceSinceMs } = memory;
  if (typeof bootId !== 'string' || ![offsetMs, graceSinceMs].every(Number.isFinite)) return false;
  // Less than 0 would shorten lives.
  return Number.isSafeInteger(graceSeconds) && Number(graceSeconds) >= 0;
}
