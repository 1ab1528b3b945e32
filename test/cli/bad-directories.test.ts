/**
 * Every command on a directory that is bad in one way: it says so in a line or two and ends with the right
 * status; no name comes out as it is, and nothing is removed, made or written.
 */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashBytes, expectPrintable, hostileBytes } from '../attack/printable.js';
import { type CliEnd, quote, runShell } from '../support/cli.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;

/** What each is told behind `sescle`; the directory is `$D`, a machine without anything `$ROOT`. */
const commands = {
  sweep: 'sweep -n -l 24m "$D"',
  stats: 'stats -l 24m "$D"',
  watch: 'watch -n -l 24m --state "$ROOT" "$D"',
  mkdirs: 'mkdirs -n --bits 4 "1;$D"',
  adopt: 'adopt -n -c "$ROOT/sescle.toml" -l 24m "$D"',
  'stores --search': 'stores --root "$ROOT" --search "$D"',
  'doctor --search': 'doctor --root "$ROOT" --search "$D" --patience 1s',
} as const;

const names = Object.keys(commands) as (keyof typeof commands)[];

/** It makes what is missing: what it cannot make is an error of the file system. */
const statusOf = (name: string) => (name === 'mkdirs' ? 1 : 2);

/** Ends by itself, or by SIGTERM after some seconds (124); 137: it had to be killed. */
function run(
  command: keyof typeof commands,
  directory: string,
  { seconds = 20, as = '' } = {},
): Promise<CliEnd> {
  const root = tempDir();
  chmodSync(root, 0o777);
  return runShell(
    `D=${directory} ROOT=${quote(root)}
exec timeout --kill-after=5 ${seconds} ${as} "\${sescle[@]}" ${commands[command]}`,
  );
}

describe('a directory that is missing', () => {
  test.each(names)('%s', async (name) => {
    const { status, stderr, text } = await run(name, '/does/not/exist');
    expect(stderr).toMatch(/^sescle: [^\n]*\/does[^\n]*; [^\n]+\n$/);
    expect(text).toBe('');
    expect(status).toBe(statusOf(name));
  });
});

describe('a file in its place', () => {
  test.each(names)('%s', async (name) => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const { status, stderr, text } = await run(name, quote(file));
    expect(stderr).toMatch(/^sescle: [^\n]*not a directory[^\n]*; [^\n]+\n$/);
    expect(text).toBe('');
    expect(status).toBe(statusOf(name));
  });
});

describe.skipIf(!isRoot)('one that this user may not read', () => {
  const as = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
  const refused: readonly (typeof names)[number][] = [
    'sweep',
    'stats',
    'mkdirs',
    'stores --search',
    'doctor --search',
  ];
  const closed = () => {
    const store = tempDir();
    writeSession(store, 'old', { ageSeconds: 9999 });
    chmodSync(store, 0o700);
    return store;
  };

  test.each(refused)('%s', async (name) => {
    const store = closed();
    const { status, stderr } = await run(name, quote(store), { as });
    expect(stderr).toMatch(/^sescle: [^\n]*permission denied[^\n]*; [^\n]+\n$/);
    expect([1, 2]).toContain(status);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test('watch logs it, and waits', async () => {
    const store = closed();
    const { status, stderr } = await run('watch', quote(store), { as, seconds: 4 });
    expect(stderr).toMatch(/"event":"failing".*permission denied; run sescle as root/);
    expect(status).toBe(124);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test('adopt needs only its name', async () => {
    const { status, text } = await run('adopt', quote(closed()), { as });
    expect(text).toMatch(/\[\[store\]\]/);
    expect(status).toBe(0);
  });
});

describe('names with control characters and no UTF-8, of the directory and in it', () => {
  let store: Buffer;
  beforeAll(() => {
    store = Buffer.concat([Buffer.from(`${tempDir()}/`), hostileBytes]);
    mkdirSync(store);
    for (const name of [Buffer.concat([Buffer.from('sess_'), hostileBytes]), hostileBytes]) {
      writeFileSync(Buffer.concat([store, Buffer.from('/'), name]), '');
    }
    for (let at = 0; at < 20; at += 1) {
      writeFileSync(Buffer.concat([store, Buffer.from(`/sess_abcdefghij${at}`)]), '');
    }
  });
  test.each(names)('%s', async (name) => {
    const { status, stdout, stderr } = await run(name, bashBytes(store), { seconds: 3 });
    expectPrintable(stdout);
    expectPrintable(Buffer.from(stderr));
    expect([0, 2, 4, 124]).toContain(status);
    expect(readdirSync(store, { encoding: 'buffer' })).toHaveLength(22);
  });
});

describe.skipIf(!canHangMounts())('a file system that does not answer', () => {
  test.each(names)('%s ends, by itself or by SIGTERM', async (name) => {
    const directory = await hungMount();
    const { status } = await run(name, quote(directory), { seconds: 4 });
    expect(status).not.toBe(137);
    expect(status).not.toBe(null);
  });

  test('stores --search says so, and searches the others', async () => {
    const good = tempDir();
    for (let at = 0; at < 20; at += 1) writeSession(good, `abcdefghij${at}`);
    const hung = await hungMount();
    const { status, text, stderr } = await runShell(
      `"\${sescle[@]}" stores --root ${quote(tempDir())} --search ${quote(hung)} --search ${quote(good)}`,
    );
    expect(stderr).toContain(`${hung} was not searched: its file system does not answer`);
    expect(text).toContain(good);
    expect(status).toBe(0);
  });
});

/** 3,000,000 names take minutes to make: SESCLE_HUGE names a directory that has them. */
const huge = process.env['SESCLE_HUGE'];
describe.skipIf(huge === undefined)('a directory with millions of sessions', () => {
  let before = 0;
  const count = () => readdirSync(huge ?? '').length;
  beforeAll(() => {
    before = count();
  });
  afterAll(() => expect(count()).toBe(before));
  test.each(names)('%s', { timeout: 600_000 }, async (name) => {
    const { status, stderr } = await run(name, quote(huge ?? ''), { seconds: 120 });
    expect([0, 4, 124]).toContain(status);
    expect(stderr).not.toMatch(/heap|FATAL/);
  });
});
