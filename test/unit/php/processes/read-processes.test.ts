/**
 * Processes that are hard to come by (containers, users' namespaces, uids in transition, reused
 * pids), in an acted /proc.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { readProcesses, stillRuns } from '../../../../lib/php/processes/read-processes.js';
import { ActedProc, rootMounts } from '../../../support/acted-proc.js';
import { tempDir } from '../../../support/temp-dir.js';

const fpm = '/usr/sbin/php-fpm8.2';
let acted: ActedProc;
beforeEach(() => {
  acted = new ActedProc();
});

const scan = (callerUid = 0) => readProcesses({ proc: acted.proc, callerUid });
const only = () => {
  const { processes } = scan();
  if (processes.length !== 1 || processes[0] === undefined)
    throw new Error(`not one process: ${JSON.stringify(processes)}`);
  return processes[0];
};

describe('running processes', () => {
  it('are found if their program is PHP’s, with what they were started with', () => {
    acted.add(10, { exe: '/usr/bin/node' });
    acted.add(12, {
      exe: '/usr/bin/php8.2',
      startTicks: 77,
      arguments: ['php', '-S', 'localhost:80', '-c', 'x'],
      environment: { PHPRC: '/etc', TMPDIR: '/x=y' },
      cwd: '/srv',
      cgroup: '0::/system.slice/site.service\n',
    });
    expect(scan()).toMatchObject({ trees: [], openSessions: [], warnings: [] });
    const { environment, ...process } = only();
    expect(process).toEqual({
      pid: 12,
      startTicks: 77,
      sapi: 'cli',
      label: 'php8.2',
      exe: '/usr/bin/php8.2',
      version: '8.2',
      uid: 0,
      setBy: 0,
      master: null,
      arguments: ['php', '-S', 'localhost:80', '-c', 'x'],
      title: null,
      workingDirectory: '/srv',
      root: '/',
      unit: 'site.service',
      program: 'php8.2',
      container: null,
    });
    expect([...(environment ?? [])]).toEqual([
      ['PHPRC', '/etc'],
      ['TMPDIR', '/x=y'],
    ]);
  });

  it('are passed over where they are kernel threads, zombies or not processes at all', () => {
    acted.add(2, { exe: null, comm: 'php-fpm8.2' });
    acted.add(3, { exe: fpm, state: 'Z' });
    writeFileSync(join(acted.proc, '4'), '');
    writeFileSync(join(acted.proc, 'uptime'), '');
    expect(scan()).toEqual({ processes: [], trees: [], openSessions: [], warnings: [] });
  });

  it('may have names that look like the fields behind them', () => {
    acted.add(5, { exe: fpm, comm: 'a) Z 1 (b\n', startTicks: 99 });
    expect(only().startTicks).toBe(99);
  });

  it('are FPM’s master and workers, whatever FPM wrote over its arguments and environment', () => {
    const title = 'php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)';
    acted.add(20, { exe: fpm, arguments: `${title}\0\0\0`, environment: '\0\0\0', image: 9 });
    acted.add(21, { exe: fpm, parent: 20, image: 9, uids: 33, arguments: 'php-fpm: pool www\0\0' });
    acted.add(22, { exe: fpm, parent: 21, image: 9, uids: 33, arguments: 'php-fpm: pool www\0\0' });
    const { processes } = scan();
    expect(
      processes.map(({ pid, label, master, uid, setBy }) => [pid, label, master, uid, setBy]),
    ).toEqual([
      [20, 'php-fpm8.2', null, 0, 0],
      [21, 'php-fpm8.2 pool www', 20, 33, 33],
      [22, 'php-fpm8.2 pool www', 20, 33, 33],
    ]);
    expect(processes[0]).toMatchObject({ arguments: null, environment: null, title });
  });

  it('are no workers where they run a program of their own', () => {
    acted.add(20, { exe: '/usr/bin/php8.2', image: 1 });
    acted.add(21, { exe: '/usr/bin/php8.2', parent: 20, image: 2 });
    acted.add(22, { exe: '/usr/bin/php-cgi8.2', parent: 20, image: 1 });
    expect(scan().processes.map(({ master }) => master)).toEqual([null, null, null]);
  });

  it('hide their arguments under LSAPI', () => {
    acted.add(30, { exe: '/usr/bin/lsphp', arguments: 'lsphp\0\0\0\0' });
    acted.add(31, {
      exe: '/usr/bin/lsphp',
      arguments: 'lsphp:/home/a/x.php\0',
      environment: { A: '1' },
    });
    const [first, second] = scan().processes;
    expect(first).toMatchObject({ sapi: 'litespeed', arguments: null, title: null });
    expect(second).toMatchObject({ arguments: null, title: 'lsphp:/home/a/x.php' });
    expect(second?.environment?.get('A')).toBe('1');
  });

  it('are told by their names where their programs may not be read, and so is that', () => {
    acted.add(40, { exe: fpm, comm: 'php-fpm8.2' });
    acted.close(40);
    const { processes, warnings } = scan(1000);
    expect(processes).toMatchObject([
      { pid: 40, sapi: 'fpm', exe: null, environment: null, root: null, setBy: 0 },
    ]);
    expect(warnings.map(({ message }) => message)).toEqual([
      'php-fpm8.2 (process 40) may not be inspected: run sescle as root',
    ]);
  });

  it('cannot all be looked at once the time is up', () => {
    acted.add(50, { exe: fpm, uids: 1000 });
    const late = readProcesses({ proc: acted.proc, deadline: () => true });
    expect(late.processes).toEqual([]);
    expect(late.warnings[0]?.message).toMatch(/took too long/);
  });

  it('show what they call themselves instead of their arguments, if they do', () => {
    acted.add(51, { exe: '/usr/bin/php8.2', arguments: 'queue\0\0\0\0' });
    acted.add(52, { exe: '/usr/bin/php8.2', arguments: ['worker: shop of the week'], image: 2 });
    acted.add(53, { exe: '/usr/bin/php8.2', arguments: ['php', '', 'a b'], image: 3 });
    expect(scan().processes.map((one) => [one.arguments, one.title])).toEqual([
      [null, 'queue'],
      [null, 'worker: shop of the week'],
      [['php', '', 'a b'], null],
    ]);
  });

  it('are no error where there is no /proc', () => {
    const { processes, warnings } = readProcesses({ proc: join(acted.proc, 'missing') });
    expect(processes).toEqual([]);
    expect(warnings[0]?.message).toMatch(/cannot be read \(ENOENT\)/);
    expect(warnings[0]?.hides).toBe(0);
  });

  it('are known again by their start', () => {
    acted.add(60, { exe: fpm, startTicks: 5 });
    const process = only();
    expect(stillRuns(process, acted.proc)).toBe(true);
    acted.add(60, { exe: fpm, startTicks: 6 });
    expect(stillRuns(process, acted.proc)).toBe(false);
    expect(stillRuns({ pid: 61, startTicks: 5 }, acted.proc)).toBe(false);
  });
});

describe('a crowd of processes', () => {
  const cgi = '/usr/bin/php-cgi';
  const limited = (
    limits: { maxProcesses?: number; maxProcessesPerUser?: number },
    deadline = () => false,
  ) => {
    const { processes, warnings } = readProcesses({
      proc: acted.proc,
      callerUid: 0,
      limits,
      deadline,
    });
    return {
      pids: processes.map(({ pid }) => pid),
      hidden: warnings.flatMap(({ hides }) => (hides === undefined ? [] : [hides])),
      messages: warnings.map(({ message }) => message),
    };
  };

  it('of one user never keeps root’s from being found, and hides that user’s word', () => {
    for (let pid = 100; pid < 110; pid += 1) acted.add(pid, { exe: cgi, uids: 1000, image: pid });
    acted.add(110, { exe: cgi, uids: 1001, image: 110 });
    acted.add(200, { exe: fpm });
    expect(limited({ maxProcessesPerUser: 3 })).toMatchObject({
      pids: [200, 100, 110, 101, 102],
      hidden: [1000],
    });
    expect(limited({ maxProcesses: 3 })).toMatchObject({ pids: [200, 100, 110], hidden: [1000] });
    const late = limited({}, () => true);
    expect(late).toMatchObject({ pids: [200], hidden: [1000, 1001] });
    expect(late.messages.join()).toMatch(/not all PHP of uid 1001 was looked at/);
  });

  it('of root’s own hides root’s word where it is too large', () => {
    for (let pid = 100; pid < 104; pid += 1) acted.add(pid, { exe: cgi, image: pid });
    expect(limited({ maxProcessesPerUser: 1 })).toMatchObject({
      pids: [100, 101, 102, 103],
      hidden: [],
    });
    expect(limited({ maxProcesses: 3 })).toMatchObject({ pids: [100, 101, 102], hidden: [0] });
  });

  it('of workers hides nothing, since they have their configuration from their master', () => {
    acted.add(20, { exe: fpm, image: 9 });
    for (let pid = 21; pid < 30; pid += 1)
      acted.add(pid, { exe: fpm, parent: 20, image: 9, uids: 33 });
    acted.add(30, { exe: cgi, parent: 20, image: 9, uids: 33 });
    acted.add(31, { exe: fpm, parent: 20, image: 8, uids: 33 });
    expect(limited({ maxProcessesPerUser: 2 })).toMatchObject({
      pids: [20, 30, 31, 21, 22],
      hidden: [],
    });
    expect(limited({ maxProcesses: 4 })).toMatchObject({ pids: [20, 30, 31, 21], hidden: [] });
    let asked = 0;
    const late = limited({}, () => ++asked > 3);
    expect(late).toMatchObject({ pids: [20, 30, 31, 21], hidden: [] });
    expect(late.messages.join()).toMatch(/not all workers were looked at/);
  });
});

describe('a process that may not be looked into', () => {
  const unit = '/lib/systemd/system/fpm.service';
  const closed = (
    callerUid: number,
    exe = fpm,
    uids = 0,
    words = 'php-fpm: master process (/f)\0\0',
  ) => {
    const cgroup = '0::/system.slice/fpm.service\n';
    acted.add(40, {
      exe,
      comm: exe.slice(exe.lastIndexOf('/') + 1),
      uids,
      cgroup,
      arguments: words,
    });
    acted.close(40);
    const root = tempDir();
    mkdirSync(join(root, dirname(unit)), { recursive: true });
    mkdirSync(join(root, dirname(exe)), { recursive: true });
    writeFileSync(join(root, exe), '');
    return {
      service: (text: string) => {
        writeFileSync(join(root, unit), `[Service]\n${text}\n`);
        return readProcesses({ proc: acted.proc, callerUid, host: new FileTree(root) });
      },
    };
  };

  it('hides its user’s word, and root’s where its service does not tell', () => {
    const hidden = (...given: Parameters<typeof closed>) =>
      closed(...given)
        .service('ExecStart=/bin/sh -c php-fpm')
        .warnings.map(({ hides }) => hides);
    expect(hidden(1000)).toEqual([0]);
    expect(hidden(0)).toEqual([0]);
    expect(hidden(1000, fpm, 1001)).toEqual([1001]);
    expect(hidden(1000, fpm, 1000)).toEqual([0]);
  });

  it('hides nothing where its service tells all, and is where that runs', () => {
    const { processes, warnings } = closed(1000).service(
      'Environment=PHPRC=/rc\nExecStart=/usr/sbin/php-fpm8.2 -y /f',
    );
    expect(warnings).toEqual([]);
    expect(processes).toMatchObject([
      {
        root: '/',
        exe: fpm,
        arguments: [fpm, '-y', '/f'],
        environment: new Map([['PHPRC', '/rc']]),
      },
    ]);
    const user = closed(1000, fpm, 1001).service('ExecStart=/usr/sbin/php-fpm8.2 -y /f');
    expect(user.processes[0]?.root).toBeNull();
  });

  it('may be Apache, by its arguments and the environment that its script hands on', () => {
    const server = closed(1000, '/usr/sbin/apache2', 0, '/usr/sbin/apache2\0-k\0start\0');
    const told = server.service('Environment=A=1\nExecStart=/usr/sbin/apachectl start');
    expect(told.warnings).toEqual([]);
    expect(told.processes).toMatchObject([
      { root: '/', arguments: ['/usr/sbin/apache2', '-k', 'start'], environment: null },
    ]);
    const other = server.service('Environment=PHPRC=/rc\nExecStart=/usr/sbin/apachectl start');
    expect(other.warnings.map(({ hides }) => hides)).toEqual([0]);
  });

  it('may be one that is not even shown', () => {
    rmSync(join(acted.proc, '1'), { recursive: true });
    expect(scan(1000).warnings).toMatchObject([
      { hides: 0, message: expect.stringMatching(/only your own processes/) },
    ]);
  });
});

describe('the word of a process', () => {
  const setBy = (uids: number | readonly [number, number, number, number], callerUid = 0) => {
    acted.add(9, { exe: '/usr/bin/php-cgi', uids });
    return scan(callerUid).processes[0]?.setBy;
  };

  it('is root’s only if root is all that it runs as', () => {
    expect(setBy(0)).toBe(0);
    expect(setBy(1000)).toBe(1000);
    expect(setBy([1000, 0, 0, 0])).toBe(1000);
    expect(setBy([0, 33, 0, 33])).toBe(33);
    expect(setBy([0, 0, 33, 0])).toBe(33);
    expect(setBy([1000, 33, 0, 33])).toBeNull();
  });

  it('is the caller’s own where that is not root', () => {
    expect(setBy(1000, 1000)).toBe(0);
    expect(setBy(1001, 1000)).toBe(1001);
  });

  it('is nobody’s where our user namespace does not know the uid', () => {
    expect(setBy(65534)).toBe(65534);
    acted.add('self', { uidMap: '0 100000 65536\n' });
    expect(setBy(65534)).toBeNull();
  });
});

describe('the files of a process', () => {
  const container = { exe: fpm, mountNamespace: 7, cgroup: `0::/docker/${'ab'.repeat(32)}\n` };

  it('are another tree where its mount namespace is another, once for all in it', () => {
    acted.add(70, { ...container, startTicks: 20 });
    acted.add(71, { ...container, startTicks: 10, image: 2 });
    acted.add(72, { ...container, startTicks: 30, parent: 71, image: 2, uids: 33 });
    acted.add(73, { exe: fpm });
    const { trees, processes } = scan();
    expect(trees).toEqual([
      { root: '/proc/71/root', pid: 71, startTicks: 10, label: 'docker abababababab', setBy: 0 },
    ]);
    expect(processes.map(({ pid, root }) => [pid, root])).toEqual([
      [70, '/proc/71/root'],
      [71, '/proc/71/root'],
      [73, '/'],
      [72, '/proc/71/root'],
    ]);
  });

  it('are ours where we run in a copy of the namespace that the machine began with', () => {
    const readOnly = '40 21 8:1 /usr /usr ro,relatime shared:1 - ext4 /dev/vda1 rw\n';
    acted.add('self', { mountNamespace: 2, mountinfo: rootMounts + readOnly });
    acted.add(70, { exe: fpm });
    acted.add(71, { ...container, image: 2 });
    expect(scan().processes.map(({ pid, root }) => [pid, root])).toEqual([
      [70, '/'],
      [71, '/proc/71/root'],
    ]);
    const privateTmp = '41 21 8:1 /tmp/private /tmp rw shared:1 - ext4 /dev/vda1 rw\n';
    acted.add('self', { mountNamespace: 2, mountinfo: rootMounts + privateTmp });
    expect(scan().processes.map(({ pid, root }) => [pid, root])).toEqual([
      [70, '/proc/70/root'],
      [71, '/proc/71/root'],
    ]);
  });

  it('are another tree where its root is another, and its paths are meant below that', () => {
    acted.add(74, { exe: `/srv/jail${fpm}`, root: '/srv/jail', cwd: '/srv/jail' });
    acted.add(75, { exe: fpm, root: '/srv/jail', cwd: '/srv/jailer', image: 2 });
    const { trees, processes } = scan();
    expect(trees).toMatchObject([{ root: '/proc/74/root', label: 'php-fpm8.2 (process 74)' }]);
    expect(processes.map(({ exe, workingDirectory }) => [exe, workingDirectory])).toEqual([
      [fpm, '/'],
      [null, null],
    ]);
  });

  it('are another tree where its root has the name of ours, and is not', () => {
    // As where sescle runs in a chroot: what each sees as the root is another directory.
    acted.add('self', { root: 'own' });
    acted.add(76, { exe: fpm, root: 'own' });
    for (const pid of ['self', '76']) mkdirSync(join(acted.proc, pid, 'own'));
    const [process] = scan().processes;
    expect(process?.root).toBe('/proc/76/root');
  });

  it('are not offered for a pool’s chroot, whose sessions are found nonetheless', () => {
    const open = ['/srv/pool/tmp/sess_abc'];
    acted.add(80, { exe: fpm });
    acted.add(81, { exe: fpm, parent: 80, uids: 33, root: '/srv/pool', open });
    const { trees, openSessions } = scan();
    expect(trees).toEqual([]);
    expect(openSessions).toMatchObject([{ directory: '/tmp', root: '/proc/81/root', uid: 33 }]);
  });

  it('are the word of who is root in the user namespace that they were put together in', () => {
    const user = { ...container, userNamespace: 5 };
    acted.add(82, { ...user, uidMap: '         0       1000          1\n', uids: 1000 });
    expect(scan().trees).toMatchObject([{ setBy: 1000 }]);
    acted.add(82, { ...user, uidMap: '0 100000 65536\n', uids: 100033 });
    expect(scan().trees).toMatchObject([{ setBy: 100000 }]);
    acted.add(82, { ...user, uidMap: '33 1000 1\n', uids: 1000 });
    expect(scan().trees).toMatchObject([{ setBy: 1000 }]);
    acted.add(82, { ...user, uidMap: '0 4294967295 1\n', uids: 65534 });
    expect(scan().trees).toMatchObject([{ setBy: null }]);
    acted.add(82, { ...user, uidMap: '0 0 1\n' });
    expect(scan().trees).toMatchObject([{ setBy: 0 }]);
  });

  it('are root’s in our own user namespace only if root alone runs in them', () => {
    // A service with User= and PrivateTmp=, or what bwrap did for a user who may call it as root.
    acted.add(82, { ...container, uids: 33 });
    expect(scan().trees).toMatchObject([{ setBy: 33 }]);
    acted.add(83, { ...container, uids: 33, image: 2 });
    expect(scan().trees).toMatchObject([{ setBy: 33 }]);
    acted.add(83, { ...container, uids: 1000, image: 2 });
    expect(scan().trees).toMatchObject([{ setBy: null }]);
    acted.add(84, { ...container, uids: [0, 33, 0, 33], image: 3 });
    expect(scan().trees).toMatchObject([{ setBy: null }]);
    acted.add(84, { ...container, image: 3 });
    expect(scan().trees).toMatchObject([{ setBy: 0 }]);
    acted.add(84, { ...container, parent: 82, image: 1 });
    expect(scan().trees).toMatchObject([{ setBy: null }]);
  });

  it('are left alone where a user could have mounted what never answers', () => {
    const mountinfo = `${rootMounts}22 21 0:5 / /etc rw shared:2 - fuse.hang hang rw\n`;
    const user = { ...container, userNamespace: 5, uidMap: '0 1000 1\n', uids: 1000, mountinfo };
    acted.add(83, { ...user, open: ['/tmp/sess_a'] });
    const { trees, processes, openSessions, warnings } = scan();
    expect([trees, openSessions]).toEqual([[], []]);
    expect(processes).toMatchObject([{ root: null }]);
    expect(warnings.map(({ message }) => message)).toEqual([
      'sescle did not read the files of docker abababababab: its user could have mounted a file system there that never answers',
    ]);
    expect(warnings.map(({ hides }) => hides)).toEqual([1000]);
    acted.add(83, { ...container, mountinfo });
    expect(scan().trees).toHaveLength(1);
  });

  it('of one user are offered so many times only', () => {
    for (let pid = 100; pid < 120; pid += 1) {
      const user = { userNamespace: 5, uidMap: '0 1000 1\n', uids: 1000 };
      acted.add(pid, { exe: fpm, mountNamespace: pid, ...user });
    }
    acted.add(200, { exe: fpm, mountNamespace: 3 });
    const { trees, warnings } = scan();
    expect(trees).toHaveLength(17);
    expect(trees[0]?.pid).toBe(200);
    expect(warnings.map(({ hides }) => hides)).toEqual([1000, 1000, 1000, 1000]);
  });

  it('that a user put together never take the place of root’s', () => {
    for (const uid of [1000, 1001, 1002]) {
      const user = { userNamespace: uid, uidMap: `0 ${uid} 1\n`, uids: uid };
      acted.add(uid, { exe: fpm, mountNamespace: uid, ...user });
    }
    // Root's by its namespace's map, though none of its processes is root.
    const mapped = { userNamespace: 5, uidMap: '0 0 1\n', uids: 33 };
    acted.add(5000, { exe: fpm, mountNamespace: 3, ...mapped });
    const { trees, warnings } = readProcesses({
      proc: acted.proc,
      callerUid: 0,
      limits: { maxTrees: 3 },
    });
    expect(trees[0]).toMatchObject({ pid: 5000, setBy: 0 });
    expect(warnings.map(({ hides }) => hides)).toEqual([1002]);
  });
});

describe('open sessions', () => {
  const directories = (...open: string[]) => {
    acted.add(90, { exe: fpm, open });
    return scan()
      .openSessions.map(({ directory, depth }) => [directory, depth])
      .sort();
  };

  it('tell their directory, once', () => {
    expect(directories('/srv/a/sess_abc', '/srv/a/sess_x-,9', '/srv/b/sess_1', '/sess_1')).toEqual([
      ['/', 0],
      ['/srv/a', 0],
      ['/srv/b', 0],
    ]);
  });

  it('tell how deep they may lie', () => {
    expect(directories('/srv/a/b/sess_abc')).toEqual([['/srv/a/b', 2]]);
    expect(directories('/srv/a/b/sess_ab')).toEqual([['/srv/a/b', 0]]);
    expect(directories('/srv/s/sess_sa', '/srv/s/sess_xa')).toEqual([['/srv/s', 0]]);
  });

  it('are no others than PHP’s, and none that were removed', () => {
    const links = ['/srv/sess_', '/srv/sess_a.b', '/srv/sess_a (deleted)', 'socket:[1]', 'sess_a'];
    expect(directories(...links, '/srv/xsess_a', `/srv/sess_${'a'.repeat(251)}`)).toEqual([]);
  });

  it('of one user are listed so many only, and root’s beside them', () => {
    const many = Array.from({ length: 70 }, (_, index) => `/home/d${index}/sess_a`);
    acted.add(91, { exe: fpm, uids: 1000, open: many });
    acted.add(92, { exe: fpm, open: ['/srv/sess_a'] });
    const { openSessions, warnings } = scan();
    expect(openSessions).toHaveLength(65);
    expect(openSessions[0]).toEqual({
      directory: '/srv',
      depth: 0,
      pid: 92,
      label: 'php-fpm8.2',
      uid: 0,
      setBy: 0,
      root: '/',
    });
    expect(warnings[0]?.message).toMatch(/too many/);
  });
});
