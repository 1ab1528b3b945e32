/** Trees that others arrange change nothing but the warnings. */
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { searchStores } from '../../../../lib/stores/search-stores.js';
import { canHangMounts, mountHungOn } from '../../../support/hung-mount.js';
import { tempDir } from '../../../support/temp-dir.js';
import { fill, hex, names, told } from './tree.js';

const isRoot = process.geteuid?.() === 0;

describe('hostile trees', () => {
  test('links below the named directory are not followed, in a circle or elsewhere', async () => {
    const elsewhere = tempDir();
    fill(elsewhere, names(20, 'sess_', hex, 26));
    const root = tempDir();
    mkdirSync(join(root, 'a'));
    symlinkSync('..', join(root, 'a/loop'));
    symlinkSync(elsewhere, join(root, 'a/out'));
    expect(await searchStores([root])).toEqual({
      found: [],
      applications: [],
      warnings: [],
    });
  });

  test.runIf(isRoot)('mounts are not entered, nor touched, but told', async () => {
    const root = tempDir();
    const mount = join(root, 'a mount');
    fill(mount, []);
    fill(join(root, 'here'), names(10, 'sess_', hex, 26));
    expect(spawnSync('mount', ['-t', 'tmpfs', 'none', mount]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', [mount]));
    fill(mount, names(10, 'sess_', hex, 26));
    const result = await searchStores([root]);
    expect(result.found).toMatchObject([{ path: join(root, 'here') }]);
    expect(told(result)).toMatch(/a mount was not searched: another file system is mounted there/);
    const itself = await searchStores([mount]);
    expect(itself.found).toMatchObject([{ path: mount }]);
  });

  test.runIf(canHangMounts())(
    'a session that a dead file system is mounted over is not looked at',
    async () => {
      const root = tempDir();
      const sessions = names(10, 'sess_', hex, 26);
      fill(root, sessions);
      await mountHungOn(join(root, sessions[3] ?? ''), 0);
      const { found } = await searchStores([root]);
      expect(found).toMatchObject([{ sessionCount: 10, isExact: false }]);
    },
  );

  test.runIf(isRoot)('a bind mount of the same file system is not entered either', async () => {
    const elsewhere = tempDir();
    fill(elsewhere, names(10, 'sess_', hex, 26));
    const root = tempDir();
    mkdirSync(join(root, 'bound'));
    expect(spawnSync('mount', ['--bind', elsewhere, join(root, 'bound')]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', [join(root, 'bound')]));
    const result = await searchStores([root]);
    expect(result.found).toEqual([]);
    expect(told(result)).toMatch(/bound was not searched: another file system is mounted there/);
  });

  test("the kernel's files in / are passed over without a word", async () => {
    const result = await searchStores(['/'], { limits: { maxDirectories: 1 } });
    expect(told(result)).not.toMatch(/^\/(proc|sys|dev) /m);
  });

  test.runIf(isRoot)('a bind mount onto itself is no endless tree', async () => {
    const root = tempDir();
    fill(join(root, 'a'), names(10, 'sess_', hex, 26));
    mkdirSync(join(root, 'again'));
    expect(spawnSync('mount', ['--bind', root, join(root, 'again')]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', [join(root, 'again')]));
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([{ path: join(root, 'a'), sessionCount: 10 }]);
  });

  test.each(['/proc', '/sys/kernel', '/dev', '/proc/self/root/proc'])(
    '%s is not searched',
    async (path) => {
      const result = await searchStores([path]);
      expect(result.found).toEqual([]);
      expect(told(result)).toBe(`${path} was not searched: these are the kernel's own files`);
    },
  );

  test('a directory that is replaced by a link before its turn comes is left alone', async () => {
    const elsewhere = tempDir();
    fill(elsewhere, names(20, 'sess_', hex, 26));
    const root = tempDir();
    mkdirSync(join(root, 'victim'));
    fill(join(root, 'other'), ['x']);
    let calls = 0;
    // Asked twice at the start, then before each directory.
    const clock = () => {
      if (++calls === 4) {
        for (const name of ['victim', 'other']) {
          rmSync(join(root, name), { recursive: true });
          symlinkSync(elsewhere, join(root, name));
        }
      }
      return 0;
    };
    const result = await searchStores([root], { clock });
    expect(result.found).toEqual([]);
    expect(told(result)).toMatch(/something else was put in its place meanwhile/);
  });

  test('a directory that is replaced by another before its turn comes is left alone', async () => {
    const root = tempDir();
    mkdirSync(join(root, 'victim'));
    const inPlace = join(tempDir(), 'other');
    fill(inPlace, names(20, 'sess_', hex, 26));
    let calls = 0;
    // Asked twice at the start, then before each directory.
    const clock = () => {
      calls += 1;
      if (calls === 4) {
        rmSync(join(root, 'victim'), { recursive: true });
        renameSync(inPlace, join(root, 'victim'));
      }
      return 0;
    };
    const result = await searchStores([root], { clock });
    expect(result.found).toEqual([]);
    expect(told(result)).toMatch(/something else was put in its place meanwhile/);
  });

  test('a deep tree is searched to a limit', async () => {
    const root = tempDir();
    const deep = join(root, ...Array.from({ length: 12 }, () => 'dd'));
    fill(deep, names(10, 'sess_', hex, 26));
    const limited = await searchStores([root], { limits: { maxDepth: 5 } });
    expect(limited.found).toEqual([]);
    expect(told(limited)).toMatch(/dd was not searched: it lies too deep/);
    expect((await searchStores([root])).found).toMatchObject([{ path: deep }]);
  });

  test('what cannot be searched is told, a few times only', async () => {
    const root = tempDir();
    const directories = Array.from({ length: 25 }, (_, at) => join(root, `missing${at}`));
    const result = await searchStores(directories);
    expect(result.warnings).toHaveLength(11);
    expect(told(result)).toMatch(/missing0 was not searched: no such file or directory/);
    expect(told(result)).toMatch(/15 more were not searched: no such file or directory$/);
  });

  test('a relative path, a file and a name with control characters are told in one line', async () => {
    const root = tempDir();
    writeFileSync(join(root, 'file'), '');
    const result = await searchStores(['relative', join(root, 'file'), `${root}/a\nb`]);
    expect(result.warnings.map(({ message }) => message)).toEqual([
      'relative was not searched: it is not an absolute path',
      `${root}/file was not searched: not a directory`,
      `${root}/a\\nb was not searched: no such file or directory`,
    ]);
  });

  test.runIf(isRoot)('an unreadable directory is told, its neighbours are searched', async () => {
    const root = tempDir();
    fill(join(root, 'open'), names(10, 'sess_', hex, 26));
    mkdirSync(join(root, 'closed'), { mode: 0o700 });
    chownSync(join(root, 'closed'), 1234, 1234);
    process.seteuid?.(1235);
    // Before anything else of the test, its directory's removal too.
    const result = await searchStores([root]).finally(() => process.seteuid?.(0));
    expect(result.found).toMatchObject([{ path: join(root, 'open') }]);
    expect(told(result)).toBe(`${root}/closed was not searched: permission denied`);
  });
});
