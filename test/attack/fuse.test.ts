/**
 * A user mounts a file system of their own on a session's name: it can neither hang us nor fail us.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { canHangMounts, mountHungOn } from '../support/hung-mount.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

it.skipIf(!canHangMounts()).each([
  ['root', 0],
  ['another user', 65534],
])('a FUSE mount of %s on a session is a mount point, and no failure', async (_, uid) => {
  const store = tempDir();
  const mounted = writeSession(store, 'mounted', { ageSeconds: 5000 });
  const expired = writeSession(store, 'expired', { ageSeconds: 5000 });
  await mountHungOn(mounted, uid);
  const { status, text, stderr } = await runCli(['sweep', '--json', '-l', '1440', store]);
  expect(stderr).toBe('');
  expect(JSON.parse(text).totals).toMatchObject({ removed: 1, skipped: { mount_point: 1 } });
  expect(status).toBe(0);
  expect(existsSync(expired)).toBe(false);
  expect(existsSync(join(store))).toBe(true);
});
