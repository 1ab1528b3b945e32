import { readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canUnshare } from './unshare.js';

it.runIf(canUnshare())('a test file has mounts of its own', () => {
  expect(readlinkSync('/proc/self/ns/mnt')).not.toBe(readlinkSync(`/proc/${process.ppid}/ns/mnt`));
});
