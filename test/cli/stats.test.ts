/** `sescle stats`: what it counts, how it says so, and what it does with stores it cannot read. */
import { chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StatisticsReport } from '../../lib/index.js';
import { runCli } from '../support/cli.js';
import { endedInHungMount } from '../support/ended-in-hung-mount.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;

async function statistics(...args: string[]): Promise<StatisticsReport> {
  const { text, stderr, status } = await runCli(['stats', '--json', ...args]);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(text);
}

describe('sescle stats', () => {
  test('counts by age and size, and what is due', async () => {
    const store = tempDir();
    writeSessions(store, 3, 'new', { ageSeconds: 10 });
    writeSession(store, 'soon', { ageSeconds: 3000, content: 'x'.repeat(2000) });
    writeSession(store, 'old', { ageSeconds: 7300, content: '' });
    writeFileSync(join(store, 'other'), '');
    const { complete, stores } = await statistics('-l', '2h', store);
    const [only] = stores;
    expect(complete).toBe(true);
    expect(only).toMatchObject({
      path: store,
      maxLifetime: 7200,
      sessions: 5,
      bytes: 2018,
      expired: { sessions: 1, bytes: 0 },
      dueWithinHour: 0,
      empty: 1,
      emptyShare: 0.2,
      foreign: 1,
      directories: 1,
    });
    const sum = only?.byAge.reduce((all, { sessions }) => all + sessions, 0);
    expect(sum).toBe(5);
    expect(only?.byAge.find(({ upToSeconds }) => upToSeconds === 60)?.sessions).toBe(3);
    expect(only?.bySize.find(({ upToBytes }) => upToBytes === 0)?.sessions).toBe(1);
    expect(only?.largest[0]).toMatchObject({ path: join(store, 'sess_soon'), bytes: 2000 });
    const [due] = (await statistics('-l', '3010', store)).stores;
    expect(due?.dueWithinHour).toBe(4);
    expect(due?.dueByMinute?.[0]).toBe(1);
  });

  test('for people it is a few lines, without a class that has no session', async () => {
    const store = tempDir();
    writeSessions(store, 2, 'a', { ageSeconds: 10 });
    writeSession(store, 'b', { ageSeconds: 100 });
    writeSession(store, 'now');
    const { text, status } = await runCli(['stats', '-l', '24m', store]);
    expect(status).toBe(0);
    expect(text).toMatch(/^ {2}sessions +4, 24 B/m);
    expect(text).toMatch(/^ {2}due +4 in the next hour$/m);
    expect(text).toMatch(/up to 1m ago +3$/m);
    expect(text).not.toMatch(/up to 1h ago/);
    expect(text).toMatch(/new in the last hour\n +1: 0 a minute on average, 1 at most/);
    expect(text).toMatch(/4 sessions in 1 store, counted in/);
  });

  test('nested stores are counted whole, and their largest named by their place', async () => {
    const store = tempDir();
    writeSession(join(store, 'a'), 'ab', { content: 'x'.repeat(99) });
    writeSession(join(store, 'b'), 'bc');
    symlinkSync('/etc', join(store, 'c'));
    const [only] = (await statistics('-l', '1h', `1;${store}`)).stores;
    expect(only).toMatchObject({ sessions: 2, directories: 3, depth: 1, unreadDirectories: 1 });
    expect(only?.largest[0]?.path).toBe(join(store, 'a/sess_ab'));
  });

  test('without a known lifetime all but what is due is told', async () => {
    const store = tempDir();
    writeSession(store, 'a');
    const [only] = (await statistics(store)).stores;
    expect(only).toMatchObject({
      sessions: 1,
      maxLifetime: null,
      expired: null,
      dueWithinHour: null,
    });
    const { text } = await runCli(['stats', store]);
    expect(text).toMatch(/lifetime +not known: pass one with -l/);
  });

  test('a directory with a hostile name is told in printable text', async () => {
    const store = join(tempDir(), 'a\u001b[31m\nb');
    writeSession(store, 'a');
    const { text } = await runCli(['stats', '-l', '1h', store]);
    expect(text).toContain('a\\x1b[31m\\nb');
    expect(text).not.toContain('\u001b');
  });

  test.skipIf(!isRoot)('owners are told apart, by name where they have one', async () => {
    const store = tempDir();
    const [a = '', b = ''] = writeSessions(store, 3, 'a');
    chownSync(a, 61001, 61001);
    chownSync(b, 61001, 61001);
    const [only] = (await statistics('-l', '1h', store)).stores;
    expect(only?.byOwner).toEqual([
      { uid: 61001, user: null, sessions: 2, bytes: 12 },
      { uid: 0, user: 'root', sessions: 1, bytes: 6 },
    ]);
  });

  test('an empty store and one that is missing', async () => {
    const store = tempDir();
    const { text, status } = await runCli(['stats', '-l', '1h', store]);
    expect([status, text.includes('sessions  0')]).toEqual([0, true]);
    const missing = await runCli(['stats', '-l', '1h', join(store, 'no')]);
    expect(missing.stderr).toMatch(/no: no such directory; give the directory/);
    expect(missing.status).toBe(2);
  });

  test('a store that cannot be read keeps no other from being counted', async () => {
    const store = tempDir();
    writeSession(store, 'a');
    const link = join(tempDir(), 'link');
    symlinkSync('/', link);
    const { status, text, stderr } = await runCli(['stats', '--json', '-l', '1h', store, link]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/is the root directory/);
    expect(JSON.parse(text)).toMatchObject({ complete: false, stores: [{ sessions: 1 }] });
  });

  test.skipIf(!canHangMounts())('a file system that does not answer can be left', async () => {
    expect(await endedInHungMount(`stats -l 1h ${await hungMount()}`)).toBe(143);
  });
});
