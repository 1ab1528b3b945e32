/**
 * A temporary directory whose files keep any 64-bit modification time: tmpfs does, ext4 clamps to
 * the years 1901-2446.
 *
 * Invariant: undefined, never a directory that clamps. Tests that then go without must say so.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { seconds, setTimes } from './set-times.js';

const sharedMemory = '/dev/shm';
const smallestTime = -(2n ** 63n);

export function time64Dir(): string | undefined {
  let directory: string;
  try {
    directory = mkdtempSync(path.join(sharedMemory, 'sescle-test-'));
  } catch {
    return undefined;
  }
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const probe = path.join(directory, 'probe');
    writeFileSync(probe, '');
    setTimes([{ path: probe, mtimeNs: seconds(smallestTime) }]);
    rmSync(probe);
    return directory;
  } catch {
    return undefined;
  }
}

/** Whether tests of 64-bit times can run here. */
export function hasTime64Dir(): boolean {
  try {
    const directory = mkdtempSync(path.join(sharedMemory, 'sescle-test-'));
    rmSync(directory, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
