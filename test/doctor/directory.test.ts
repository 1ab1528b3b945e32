/** The directory and its file system: each finding on a machine that has it, and its remedy makes it go. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { linkUntilFull, makeHuge } from '../support/huge-directory.js';
import { canHangMounts, mountHungDirectory } from '../support/hung-mount.js';
import { canMountLoop, LoopFileSystem } from '../support/loop-file-system.js';
import { Machine } from '../support/machine.js';
import { expectMended, finding, mend } from '../support/remedies.js';
import { requireTool } from '../support/require-tool.js';
import { leftOf, writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;
const ini = '/etc/php/8.2/cgi/php.ini';

describe('the directory', () => {
  test('everyone may remove what is in it', async () => {
    const machine = new Machine().withSescle();
    chmodSync(machine.store, 0o733);
    await mend(machine, 'not-sticky');
  });

  test('everyone may list it', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'a');
    chmodSync(machine.store, 0o1777);
    expect((await mend(machine, 'listable')).severity).toBe('warning');
  });

  test('it is missing', async () => {
    const machine = new Machine().withSescle();
    rmSync(machine.store, { recursive: true });
    await mend(machine, 'store-missing');
  });

  test('its levels are missing', async () => {
    const machine = new Machine(
      'session.save_path = "2;/var/lib/php/sessions"\nsession.sid_bits_per_character = 5\n',
    ).withSescle();
    mkdirSync(join(machine.store, 'a'));
    const found = await mend(machine, 'directories-missing');
    expect(found).toMatchObject({ severity: 'urgent' });
    expect(found.evidence[0]).toMatch(/1,055 .*= 5, .*php\.ini:5\)/);
  });

  describe.skipIf(!isRoot)('its SELinux label', () => {
    const label = (path: string, type: string) =>
      execFileSync('python3', [
        '-c',
        'import os, sys; os.setxattr(sys.argv[1], "security.selinux", sys.argv[2].encode() + b"\\0")',
        path,
        `system_u:object_r:${type}:s0`,
      ]);
    const labelled = (type: string, enforce = '1') => {
      const machine = new Machine().withSescle();
      machine.write('/sys/fs/selinux/enforce', enforce);
      label(machine.store, type);
      return machine;
    };

    test('keeps PHP from writing there', async () => {
      const machine = labelled('var_lib_t');
      const found = await mend(machine, 'selinux-label', {
        choose: (line) => line.startsWith('chcon'),
      });
      expect(found.severity).toBe('warning');
      expect(found.evidence).toEqual([
        'security.selinux is system_u:object_r:var_lib_t:s0: processes of httpd_t may not write to var_lib_t',
      ]);
    });

    test('only would, where SELinux is permissive', async () => {
      expect((await finding(labelled('default_t', '0'), 'selinux-label')).severity).toBe('note');
    });

    test.each(['httpd_var_run_t', 'httpd_sys_rw_content_t', 'httpd_tmp_t', 'tmp_t'])(
      '%s is one that PHP may write to',
      async (type) => expectMended(labelled(type), 'selinux-label'),
    );

    test('is of no account where PHP has just written, nor where there is no SELinux', async () => {
      const machine = labelled('var_lib_t');
      writeSession(machine.store, 'new');
      await expectMended(machine, 'selinux-label');
      const without = new Machine().withSescle();
      label(without.store, 'var_lib_t');
      await expectMended(without, 'selinux-label');
    });
  });

  test.skipIf(!canMountLoop('ext4'))('it stays huge after its files are gone', async () => {
    const machine = new Machine().withSescle();
    const { directory } = new LoopFileSystem('ext4');
    const store = join(directory, 'sessions');
    execFileSync('mount', ['--bind', directory, machine.store]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', machine.store]));
    mkdirSync(store);
    chmodSync(store, 0o1733);
    machine.write(
      ini,
      'session.save_path = /var/lib/php/sessions/sessions\nsession.gc_maxlifetime = 1440\n',
    );
    makeHuge(store);
    writeSession(store, 'first');
    const kept = writeSession(store, 'kept');
    const found = await mend(machine, 'directory-huge', {
      choose: (line) => line.startsWith('mkdir'),
    });
    expect(found.evidence[0]).toMatch(/ext4 never makes a directory smaller/);
    expect(leftOf([kept])).toEqual([kept]);
  });
});

/** A file system of its own under the machine's store. */
function mountedStore(make: readonly string[], options = 'defaults', mib = 16): Machine {
  const machine = new Machine().withSescle();
  const image = join(tempDir(), 'image');
  execFileSync('truncate', ['-s', `${mib}M`, image]);
  execFileSync(make[0] ?? '', [...make.slice(1), image]);
  const device = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', machine.store]);
    spawnSync('losetup', ['--detach', device]);
  });
  execFileSync('mount', ['-o', options, device, machine.store]);
  chmodSync(machine.store, 0o1733);
  return machine;
}

const ext4 = ['mkfs.ext4', '-q', '-F', '-m', '0'];

describe('the file system', () => {
  test.skipIf(!canMountLoop('ext4'))('has no index of directories', async () => {
    await mend(mountedStore([...ext4, '-O', '^dir_index']), 'no-directory-index');
  });

  test.skipIf(!canMountLoop('ext4'))('has no room in the index of the directory', async () => {
    const machine = mountedStore([...ext4, '-b', '1024', '-N', '2000'], 'defaults', 64);
    machine.write(
      ini,
      'session.save_path = /var/lib/php/sessions/s\nsession.gc_maxlifetime = 1440\nsession.gc_probability = 0\n',
    );
    const store = machine.directory('/var/lib/php/sessions/s', 0o1733);
    expect(linkUntilFull(store)).toBe('No space left on device');
    const found = await mend(machine, 'directory-index-full');
    expect(found.severity).toBe('urgent');
    writeSession(store, 'f'.repeat(250));
  });

  test.skipIf(!isRoot)('has few inodes left', async () => {
    const machine = new Machine().withSescle();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=100,mode=1733', 'few', machine.store]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', machine.store]));
    writeSessions(machine.store, 98, 'old', { ageSeconds: 9999 });
    const found = await mend(machine, 'inodes-short', {
      choose: (line) => line.startsWith('sescle sweep'),
    });
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
    expect(found.evidence[0]).toMatch(/of 100 inodes/);
  });

  test.skipIf(!isRoot)('has little room left', async () => {
    const machine = new Machine().withSescle();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=1733', 'small', machine.store]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', machine.store]));
    for (const id of ['a', 'b', 'c']) {
      writeSession(machine.store, id, { ageSeconds: 9999, content: 'x'.repeat(1_350_000) });
    }
    const found = await mend(machine, 'disk-short', {
      choose: (line) => line.startsWith('sescle sweep'),
    });
    expect(found.evidence[0]).toMatch(/of 4 MiB are free/);
  });

  test.skipIf(!canHangMounts())('does not answer', async () => {
    const machine = new Machine().withSescle();
    await mountHungDirectory(machine.store);
    const found = await mend(machine, 'not-answering', { args: ['--patience', '1s'] });
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
  });
});

/** Kernels without CONFIG_QFMT_V2 have none. */
function hasQuotas(): boolean {
  if (!['setquota', 'repquota'].every(requireTool) || !canMountLoop('ext4')) return false;
  const directory = tempDir();
  const image = join(directory, 'image');
  execFileSync('truncate', ['-s', '16M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', '-O', 'quota', image]);
  const isMounted = spawnSync('mount', ['-o', 'loop,usrquota', image, directory]).status === 0;
  spawnSync('umount', ['--lazy', directory]);
  return isMounted;
}

describe.skipIf(!hasQuotas())('the quota of an owner', () => {
  const uid = 61_001;
  /** With a limit of eight inodes for that user. */
  const limited = () => {
    const machine = mountedStore([...ext4, '-O', 'quota'], 'usrquota');
    execFileSync('setquota', ['-u', String(uid), '0', '0', '8', '10', machine.store]);
    return machine;
  };
  const write = (machine: Machine, count: number, ageSeconds: number) => {
    for (const path of writeSessions(machine.store, count, 'q', { ageSeconds })) {
      chownSync(path, uid, uid);
    }
  };

  test('is used up by what has expired, or is too small', async () => {
    const machine = limited();
    write(machine, 8, 9999);
    const found = await mend(machine, 'quota-short', {
      section: null,
      choose: (line) => line.startsWith('sescle sweep'),
    });
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
    expect(found.evidence[0]).toBe('8 inodes of 8 inodes are taken (100 %)');
    write(machine, 8, 1);
    const live = await mend(machine, 'quota-short', { section: null });
    expect(live.remedy).toEqual([expect.stringMatching(/^setquota -u 61001 0 0 16 20 /)]);
  });

  test('is no matter where there is enough, nor that of users without sessions', async () => {
    const machine = limited();
    write(machine, 3, 1);
    await expectMended(machine, 'quota-short');
    const other = limited();
    for (let at = 0; at < 8; at += 1) {
      const file = join(other.store, String(at));
      writeFileSync(file, '');
      chownSync(file, uid, uid);
    }
    await expectMended(other, 'quota-short');
  });
});
