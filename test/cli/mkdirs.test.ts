/** `sescle mkdirs`: the tree that PHP's own script makes, and what it says of what is in the way. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatBar } from '../../lib/cli/progress-bar.js';
import { runCli, startCli } from '../support/cli.js';
import { alphabetByBits, makeDepthTree } from '../support/depth-tree.js';
import { endedInHungMount } from '../support/ended-in-hung-mount.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { Machine } from '../support/machine.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;

function namesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

describe('sescle mkdirs', () => {
  test.each([
    [4, 2],
    [5, 1],
    [6, 1],
  ] as const)(
    'with %i bits it makes the directories of mod_files.sh, %i deep',
    async (bits, depth) => {
      const [ours, theirs] = [tempDir(), tempDir()];
      makeDepthTree(theirs, depth, alphabetByBits[bits]);
      const args = ['mkdirs', '--bits', `${bits}`, `${depth};0600;${ours}`];
      const { status, text } = await runCli(args);
      expect(status).toBe(0);
      expect(namesBelow(ours)).toEqual(namesBelow(theirs));
      expect(text).toContain('made');
    },
  );

  test('a run after a run that was cut short makes what is missing', async () => {
    const base = tempDir();
    chmodSync(base, 0o1733);
    await runCli(['mkdirs', '-b', '4', `2;${base}`]);
    rmdirSync(join(base, '7/7'));
    chmodSync(join(base, '8/8'), 0o700);
    const { status, text } = await runCli(['mkdirs', '-b', '4', '--json', `2;${base}`]);
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject({
      total: 272,
      made: 1,
      existing: 271,
      adjusted: 1,
      mode: '1733',
      complete: true,
    });
    expect(lstatSync(join(base, '8/8')).mode & 0o7777).toBe(0o1733);
  });

  test('-n makes nothing and says how many are missing', async () => {
    const base = tempDir();
    mkdirSync(join(base, 'a'));
    const { status, text } = await runCli(['mkdirs', '-n', '-b', '4', '--json', `2;${base}`]);
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ dryRun: true, made: 271, existing: 1 });
    expect(namesBelow(base)).toEqual(['a']);
  });

  test('says what is in the way, makes the rest, and fails', async () => {
    const base = tempDir();
    symlinkSync('/etc', join(base, 'a'));
    writeFileSync(join(base, 'b'), 'kept');
    const { status, stderr, text } = await runCli(['mkdirs', '-b', '4', `1;${base}`]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /\/a: mkdirat: something that is not a directory is in the way .*; look at/,
    );
    expect(text).toMatch(/not made +2/);
    expect(readdirSync(base)).toHaveLength(16);
    expect(lstatSync(join(base, 'a')).isSymbolicLink()).toBe(true);
  });

  test('many directories are only made when they are asked for', async () => {
    const base = tempDir();
    const { status, stderr } = await runCli(['mkdirs', '-b', '6', `3;${base}`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/266,304 directories, 3 levels of 64, about .* on the disk/);
    expect(stderr).toMatch(/are many.*; pass --yes/);
    expect(namesBelow(base)).toEqual([]);
  });

  test('a signal ends it between two directories', async () => {
    const base = tempDir();
    const run = startCli(['mkdirs', '-b', '6', '--yes', `3;${base}`]);
    await run.awaitStderr(/266,304 directories/);
    run.kill('SIGTERM');
    const { status, stderr } = await run.ended;
    expect(stderr).toMatch(/ended by SIGTERM; run the command again/);
    expect(status).toBe(143);
    expect(namesBelow(base).length).toBeLessThan(266_304);
  });

  test.each<[string[], RegExp]>([
    [['2;/srv'], /the characters of session ids are unknown; pass/],
    [['-b', '4', '/srv'], /has no levels of directories; write .* '2;\/srv'/],
    [['-b', '7', '2;/srv'], /--bits '7' is not valid; write 4, 5 or 6/],
    [['-b', '4', '-m', '0999', '2;/srv'], /--mode '0999' is not valid/],
    [
      ['-b', '4', '-m', '0600', '2;/srv'],
      /must be able to read, write and enter it; give a mode that begins with 7/,
    ],
    [['-b', '6', '5;/srv'], /more than 100 million directories; take fewer/],
    [['-b', '4', '-o', 'no\nbody', '2;/srv'], /--owner: no user 'no\\nbody' in \/etc\/passwd/],
    [['-b', '4', '2;'], /names no directory/],
    [[], /missing required argument/],
  ])('%j is refused', async (args, message) => {
    const { status, stderr, text } = await runCli(['mkdirs', ...args]);
    expect(stderr).toMatch(message);
    expect([status, text]).toEqual([2, '']);
  });

  test('a directory whose parent is missing is not made', async () => {
    const base = join(tempDir(), 'no\n', 'store');
    const { status, stderr } = await runCli(['mkdirs', '-b', '4', `1;${base}`]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/no\\n does not exist; make that directory first/);
  });

  test("without --bits PHP's configuration says which directories there are", async () => {
    const machine = new Machine(
      'session.save_path = "1;/var/lib/php/sessions"\nsession.sid_bits_per_character = 5\n',
    );
    const args = ['mkdirs', '--root', machine.root];
    const { status, stderr } = await runCli([...args, '1;/var/lib/php/sessions']);
    expect(stderr).toMatch(/^session\.sid_bits_per_character is 5 \(.*\/php\.ini:5\)\n/);
    expect(status).toBe(0);
    expect(readdirSync(machine.store)).toHaveLength(32);
    const other = await runCli([...args, '2;/var/lib/php/sessions']);
    expect(other.stderr).toMatch(/are unknown; pass/);
  });

  test.skipIf(!isRoot)('root must say whose a missing directory is to be', async () => {
    const base = join(tempDir(), 'store');
    const asked = await runCli(['mkdirs', '-b', '4', `1;${base}`]);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toMatch(/its owner is unknown; pass it with --owner/);
    const told = await runCli(['mkdirs', '-b', '4', '-o', 'nobody:0', '-m', '0711', `1;${base}`]);
    expect(told.stderr).not.toMatch(/^sescle:/m);
    expect(told.status).toBe(0);
    const { uid, gid, mode } = lstatSync(join(base, 'f'));
    expect([uid, gid, mode & 0o7777]).toEqual([65534, 0, 0o711]);
  });

  test.skipIf(!isRoot)('a directory of another user is left alone', async () => {
    const base = tempDir();
    mkdirSync(join(base, 'a'));
    chownSync(join(base, 'a'), 61001, 61001);
    const { status, stderr } = await runCli(['mkdirs', '-b', '4', `2;${base}`]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/\/a: the directory is there already and belongs to another user/);
    expect(readdirSync(join(base, 'a'))).toEqual([]);
  });

  test.skipIf(!isRoot)("nothing is made for root in a user's directory", async () => {
    const base = tempDir();
    chownSync(base, 61001, 61001);
    const { status, stderr } = await runCli(['mkdirs', '-b', '4', '-o', 'root', `1;${base}`]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /belongs to uid 61001, who could change what sescle makes there for uid 0; leave out --owner/,
    );
  });

  test.skipIf(!isRoot)('below --root the names of that root count', async () => {
    const root = tempDir();
    mkdirSync(join(root, 'etc'));
    mkdirSync(join(root, 'sessions'));
    writeFileSync(join(root, 'etc/passwd'), 'web:x:4242:4343::/:/bin/sh\n');
    const { status } = await runCli([
      'mkdirs',
      '--root',
      root,
      '-b',
      '4',
      '-o',
      'web',
      '1;/sessions',
    ]);
    expect(status).toBe(0);
    const { uid, gid } = lstatSync(join(root, 'sessions/0'));
    expect([uid, gid]).toEqual([4242, 4343]);
  });

  test.skipIf(!canHangMounts())('a file system that does not answer can be left', async () => {
    expect(await endedInHungMount(`mkdirs -b 4 '1;${await hungMount()}'`)).toBe(143);
  });
});

test('a bar never claims to be done before it is', () => {
  expect(formatBar(0, 300, 'directories')).toMatch(/^\[\.{30}\] {3}0 %, 0 of 300 directories$/);
  expect(formatBar(299, 300, 'x')).toMatch(/ 99 %/);
  expect(formatBar(300, 300, 'x')).toMatch(/^\[#{30}\] 100 %/);
  expect(formatBar(0, 0, 'x')).toMatch(/100 %/);
});
