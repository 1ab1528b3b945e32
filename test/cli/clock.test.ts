/** `sescle sweep` after the system's clock was set: nobody is logged out by that. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quote, runCli, runShell } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { canUnshare } from '../support/unshare.js';

const hour = 3600;

/** As if the clock had been set forward since the last sweep. */
function setClockForward(state: string, seconds: number): void {
  const file = `${state}/clock.json`;
  const memory = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...memory, offsetMs: memory.offsetMs - seconds * 1000 }));
}

test('what was live before the clock was set forward is kept, and for how long is told', async () => {
  const [state, store] = [tempDir(), tempDir()];
  const sweep = () => runCli(['sweep', '-l', '24m', '--state', state, store]);
  await sweep();
  setClockForward(state, hour);
  const live = writeSession(store, 'live', { ageSeconds: hour + 60 });
  const expired = writeSession(store, 'expired', { ageSeconds: 2 * hour });
  const { status, stderr } = await sweep();
  expect(status).toBe(0);
  expect(stderr).toMatch(/warning: the system clock was changed: sessions are kept 1h/);
  expect([existsSync(live), existsSync(expired)]).toEqual([true, false]);
  // It holds for the next sweep too.
  await sweep();
  expect(existsSync(live)).toBe(true);
});

test('a dry run leaves no trace of itself', async () => {
  const state = tempDir();
  await runCli(['sweep', '-n', '-l', '24m', '--state', state, tempDir()]);
  expect(existsSync(`${state}/clock.json`)).toBe(false);
});

test.each([
  // mkdir(2) says ENOENT there, although the parent exists: Node's recursive mkdir never returns.
  '/proc/sescle-test/state',
  '/dev/full/state',
])('where nothing can be kept, as in %s, the sweep goes on and says so', async (state) => {
  const { status, stderr } = await runCli(['sweep', '-l', '24m', '--state', state, tempDir()]);
  expect(stderr).toMatch(/a clock change before the next sweep will go unnoticed: /);
  expect(status).toBe(0);
});

test('a FIFO in place of what is known of the clock holds nobody up', async () => {
  const state = tempDir();
  execFileSync('mkfifo', [`${state}/clock.json`]);
  const { status } = await runCli(['sweep', '-l', '24m', '--state', state, tempDir()]);
  expect(status).toBe(0);
});

test.skipIf(!canUnshare())('where there is no /proc the sweep goes on', async () => {
  const store = tempDir();
  const expired = writeSession(store, 'expired', { ageSeconds: 2 * hour });
  const sweep = `"\${sescle[@]}" sweep -l 24m ${quote(store)}`;
  const { status, stderr } = await runShell(
    `unshare -m sh -ec 'mount -t tmpfs none /proc; exec "$0" "$@"' ${sweep}`,
  );
  expect(status, stderr).toBe(0);
  expect(existsSync(expired)).toBe(false);
});
