/** FPM in one container and its web server in another, or on the machine itself. */
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { MachineServers } from '../../../../lib/php/web-servers/machine-servers.js';
import { runningServers } from '../../../../lib/php/web-servers/running.js';
import { ActedProc, type ActedProcess } from '../../../support/acted-proc.js';
import { tempDir } from '../../../support/temp-dir.js';
import { type Files, treeOf, writeTree } from '../trees.js';

const phpPid = 100;
const cgroup = (digit: string) => `0::/system.slice/docker-${digit.repeat(64)}.scope\n`;
const conf = (root: string): Files => ({
  '/etc/nginx/nginx.conf': `events { }\nhttp { server { root ${root}; } }\n`,
});
const application: Files = { '/var/www/html': null };

interface Machine {
  readonly host?: Files;
  /** Of the container with PHP. */
  readonly php?: Files;
  /** The web server, and the files that it sees. */
  readonly server?: ActedProcess;
  readonly files?: Files;
}

function inView({ host = {}, php = application, server, files }: Machine) {
  const proc = new ActedProc();
  const phpRoot = writeTree(php, tempDir());
  proc.add(phpPid, {
    exe: '/usr/sbin/php-fpm',
    root: phpRoot,
    mountNamespace: 2,
    cgroup: cgroup('a'),
  });
  if (server !== undefined) {
    const foreign =
      files === undefined
        ? {}
        : { root: writeTree(files, tempDir()), mountNamespace: 3, cgroup: cgroup('b') };
    proc.add(200, { ...foreign, ...server });
  }
  const machine = new MachineServers(treeOf(host), runningServers(proc.proc, 0), proc.proc);
  const tree = new FileTree(`${proc.proc}/${phpPid}/root`);
  const { runningServers: own, servedElsewhere } = machine.of(tree, phpPid, []);
  const { roots, unread, isAny, warnings } = servedElsewhere();
  return {
    own: own.map(({ program }) => program.name),
    roots: roots.map(({ path }) => path),
    unread: unread.map(({ label, setBy }) => [label, setBy]),
    lost: warnings.map(({ message }) => message),
    isAny,
  };
}

const nothing = { own: [], roots: [], unread: [], lost: [], isAny: false };
const nginx = { exe: '/usr/sbin/nginx' };

describe('the web server of a container’s FPM', () => {
  it('is nginx in another container, by the document roots that both have', () => {
    expect(inView({ server: nginx, files: conf('/var/www/html') })).toEqual({
      ...nothing,
      roots: ['/var/www/html'],
      isAny: true,
    });
    expect(inView({ server: nginx, files: conf('/usr/share/html') })).toEqual(nothing);
  });

  it('is nginx on the machine itself', () => {
    const own = { ...nothing, roots: ['/var/www/html'], isAny: true };
    expect(inView({ host: conf('/var/www/html') })).toEqual(own);
    expect(inView({ host: conf('/var/www/html'), server: nginx })).toEqual(own);
  });

  it('is one in another container that nobody reads', () => {
    expect(inView({ server: { exe: '/usr/bin/caddy' }, files: {} })).toEqual({
      ...nothing,
      unread: [[`caddy (docker ${'b'.repeat(12)})`, 0]],
      isAny: true,
    });
  });

  it('is not looked into where a user put its files together', () => {
    const rootless = { uids: 1001, userNamespace: 7, uidMap: '         0       1001          1\n' };
    expect(
      inView({ server: { ...nginx, ...rootless }, files: conf('/var/www/html') }),
    ).toMatchObject({ roots: [], unread: [[`nginx (docker ${'b'.repeat(12)})`, 1001]] });
  });

  it('in its own container is found there', () => {
    const proc = new ActedProc();
    const root = writeTree({ ...application, ...conf('/var/www/html') }, tempDir());
    const place = { root, mountNamespace: 2, cgroup: cgroup('a') };
    proc.add(phpPid, { exe: '/usr/sbin/php-fpm', ...place });
    proc.add(200, { ...nginx, ...place });
    const machine = new MachineServers(treeOf({}), runningServers(proc.proc, 0), proc.proc);
    const tree = new FileTree(`${proc.proc}/${phpPid}/root`);
    expect(machine.of(tree, phpPid, []).runningServers.map(({ pid }) => pid)).toEqual([200]);
    expect(machine.ofHost().runningServers).toEqual([]);
  });

  it('says what of another’s configuration was lost', () => {
    const files = {
      '/etc/nginx/nginx.conf': 'events { }\nhttp { include /etc/nginx/gone.conf; }\n',
    };
    expect(inView({ server: nginx, files }).lost).toEqual([
      '/etc/nginx/gone.conf cannot be read: ENOENT',
    ]);
  });
});
