/**
 * Real PHP, running: what is found of it through /proc.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { FileTree, Unreadable } from '../../lib/php/file-tree.js';
import type { PhpProcess, ProcessScan } from '../../lib/php/processes/process.js';
import { readProcesses, stillRuns } from '../../lib/php/processes/read-processes.js';
import { processSettings } from '../../lib/php/processes/settings.js';
import { withStartCommand } from '../../lib/php/processes/start-command.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';
import { canUnshare } from '../support/unshare.js';

const isRoot = process.getuid?.() === 0;
const hasPhp = requireTool('php');
const hasFpm = requireTool('php-fpm8.2');
const hasApache = requireTool('apache2');
const hasSetpriv = requireTool('setpriv');
/** As nobody, with a user and a mount namespace of his own. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const inOwnNamespace = [...asNobody, 'unshare', '--user', '--map-root-user', '--mount'];
const canMapUsers =
  hasSetpriv &&
  canUnshare() &&
  spawnSync('setpriv', [...inOwnNamespace.slice(1), 'true']).status === 0;

const wait = "echo 'ready'; fgets(STDIN);";

function find({ processes }: ProcessScan, pid: number): PhpProcess {
  const found = processes.find((process) => process.pid === pid);
  if (found === undefined) throw new Error(`process ${pid} was not found`);
  return found;
}

function fpmConfig(directory: string, user = 'www-data'): string {
  return `[global]
error_log = ${directory}/log
[shop]
user = ${user}
group = ${user}
listen = ${directory}/fpm.sock
pm = static
pm.max_children = 2
`;
}

/** FPM says that it is ready while its workers are still root's and bear no title. */
async function scanWithPools(master: number, workers: number): Promise<ProcessScan> {
  return await vi.waitFor(() => {
    const scan = readProcesses();
    const found = scan.processes.filter(
      (one) => one.master === master && one.title?.startsWith('php-fpm: pool'),
    );
    expect(found.filter(({ uid }) => uid !== 0)).toHaveLength(workers);
    return scan;
  });
}

const fpmIsReady = /ready to handle connections/;

describe.skipIf(!isRoot || !hasFpm)('a running php-fpm', () => {
  it('is a master that tells its configuration, and workers that run as the pool’s user', async () => {
    const directory = tempDir();
    const config = path.join(directory, 'fpm.conf');
    writeFileSync(config, fpmConfig(directory));
    const master = await startProgram(['php-fpm8.2', '-F', '-O', '-n', '-y', config], fpmIsReady);
    const scan = await scanWithPools(master.pid, 2);
    const found = find(scan, master.pid);
    expect(found).toMatchObject({
      sapi: 'fpm',
      version: '8.2',
      label: 'php-fpm8.2',
      setBy: 0,
      master: null,
      root: '/',
      exe: realpathSync('/usr/sbin/php-fpm8.2'),
    });
    expect(processSettings(found).fpm?.configFile).toBe(config);
    // No unit tells what it was started with, but it does itself: there was a `-n`.
    const { warnings, iniFiles } = withStartCommand({ ...found, unit: null }, new FileTree('/'));
    expect(warnings).toBeUndefined();
    expect(iniFiles).toEqual({ mainFile: null, scanDirectories: [] });
    const workers = scan.processes.filter((process) => process.master === master.pid);
    const uid = Number(execFileSync('id', ['-u', 'www-data']));
    expect(workers.map((worker) => [worker.label, worker.uid, worker.setBy])).toEqual([
      ['php-fpm8.2 pool shop', uid, uid],
      ['php-fpm8.2 pool shop', uid, uid],
    ]);
    expect(scan.trees.filter(({ pid }) => pid === master.pid)).toEqual([]);
    expect(stillRuns(found)).toBe(true);
  });

  it.skipIf(!canUnshare())('with a private /tmp has files of its own', async () => {
    const script = 'mount -t tmpfs none /tmp && head -n 9 >/tmp/fpm.conf && exec "$@"';
    const fpm = ['php-fpm8.2', '-F', '-O', '-y', '/tmp/fpm.conf'];
    const master = await startProgram(
      ['unshare', '-m', 'sh', '-c', script, 'sh', ...fpm],
      fpmIsReady,
      { input: `${fpmConfig('/tmp')}; the end\n` },
    );
    const scan = await scanWithPools(master.pid, 2);
    const root = `/proc/${master.pid}/root`;
    const trees = scan.trees.filter((tree) => tree.root === root);
    expect(trees).toMatchObject([{ pid: master.pid, setBy: 0 }]);
    expect(scan.processes.filter((process) => process.root === root)).toHaveLength(3);
    const file = processSettings(find(scan, master.pid)).fpm?.configFile ?? '';
    expect(file).toBe('/tmp/fpm.conf');
    expect(new FileTree(root).read(file)).toMatchObject({ path: file, setBy: 0 });
    expect(new FileTree('/').read(file)).toBeInstanceOf(Unreadable);
  });

  it.skipIf(!canUnshare())('in a chroot has its paths below that', async () => {
    const jail = tempDir();
    const system = ['usr', 'lib', 'lib64', 'bin', 'etc', 'dev', 'proc'];
    for (const name of [...system, 'srv/sessions', 'tmp'])
      mkdirSync(path.join(jail, name), { recursive: true });
    writeFileSync(path.join(jail, 'srv/fpm.conf'), fpmConfig('/srv'));
    const script =
      `for d in ${system.join(' ')}; do mount --rbind /$d ${jail}/$d || exit; done; ` +
      `exec chroot ${jail} php-fpm8.2 -F -O -y /srv/fpm.conf`;
    const master = await startProgram(['unshare', '-m', 'sh', '-c', script], fpmIsReady);
    const scan = readProcesses();
    const found = find(scan, master.pid);
    expect(found).toMatchObject({
      root: `/proc/${master.pid}/root`,
      exe: realpathSync('/usr/sbin/php-fpm8.2'),
    });
    const tree = new FileTree(found.root ?? '/missing');
    expect(tree.read(processSettings(found).fpm?.configFile ?? '')).not.toBeInstanceOf(Unreadable);
    expect(tree.list('/srv')).toContain('sessions');
  });
});

describe.skipIf(!hasPhp)('a running php', () => {
  it('tells its arguments and its environment', async () => {
    const directory = tempDir();
    const server = await startProgram(
      [
        ...['php', '-S', '127.0.0.1:0', '-c', '.', '-dsession.gc_maxlifetime=77'],
        ...['-d', `session.save_path="1;${directory}"`, '-t', directory],
      ],
      /started/,
      { cwd: directory, env: { PATH: process.env['PATH'] ?? '', TMPDIR: directory, PHPRC: '/rc' } },
    );
    const found = find(readProcesses(), server.pid);
    expect(found).toMatchObject({
      sapi: 'cli',
      version: '8.2',
      setBy: 0,
      workingDirectory: directory,
    });
    const { settings, iniOptions } = processSettings(found);
    const values = [...settings].map(([name, { value }]) => [name, value]);
    expect(Object.fromEntries(values)).toEqual({
      'session.gc_maxlifetime': '77',
      'session.save_path': `1;${directory}`,
      TMPDIR: directory,
    });
    expect(iniOptions).toMatchObject({ path: `${directory}/.`, phprc: '/rc', noIni: false });
  });

  it('reveals the directory of a session that it has open, until that is removed', async () => {
    const directory = tempDir();
    const code = `session_save_path('${directory}'); session_id('held'); session_start(); ${wait}`;
    const { pid } = await startProgram(['php', '-d', 'session.use_cookies=0', '-r', code], /ready/);
    const opened = () => readProcesses().openSessions.filter((open) => open.pid === pid);
    const uid = process.getuid?.();
    expect(opened()).toEqual([
      { directory, depth: 0, pid, label: 'php8.2', uid, setBy: 0, root: '/' },
    ]);
    rmSync(path.join(directory, 'sess_held'));
    expect(opened()).toEqual([]);
  });

  it.skipIf(!isRoot || !hasSetpriv)(
    'is believed as far as its user, whatever its name',
    async () => {
      const directory = tempDir();
      const copy = path.join(directory, 'php-cgi');
      copyFileSync(realpathSync('/usr/bin/php'), copy);
      const defines = ['session.save_path=/var/lib/php/sessions', 'session.gc_maxlifetime=1'];
      const words = defines.flatMap((define) => ['-d', define]);
      const { pid } = await startProgram([...asNobody, copy, ...words, '-r', wait], /ready/);
      const found = find(readProcesses(), pid);
      expect(found).toMatchObject({ sapi: 'cgi', exe: copy, uid: 65534, setBy: 65534 });
      const { settings } = processSettings(found);
      expect([...settings.values()].map(({ value, setBy }) => [value, setBy])).toEqual([
        ['/var/lib/php/sessions', 65534],
        ['1', 65534],
      ]);
    },
  );

  it.skipIf(!canMapUsers)('makes its user answer for the files that he mounted', async () => {
    // Root's own file where PHP would look for another.
    const script = 'mount --bind /etc/hostname /etc/hosts && exec php -n -r "$1"';
    const { pid } = await startProgram(
      [...inOwnNamespace, 'sh', '-c', script, 'sh', wait],
      /ready/,
    );
    const scan = readProcesses();
    expect(find(scan, pid)).toMatchObject({ setBy: 65534, root: `/proc/${pid}/root` });
    expect(scan.trees.filter((tree) => tree.pid === pid)).toMatchObject([{ setBy: 65534 }]);
  });

  it.skipIf(!hasSetpriv || !canUnshare())(
    'of a user answers for the files that root’s sandbox arranged for him',
    async () => {
      // As a setuid bwrap does it: mounts that he asked for, in our own user namespace.
      const script = 'mount --bind /etc/hostname /etc/hosts && exec "$@"';
      const php = [...asNobody, 'php', '-n', '-r', wait];
      const { pid } = await startProgram(
        ['unshare', '-m', 'sh', '-c', script, 'sh', ...php],
        /ready/,
      );
      const scan = readProcesses();
      expect(scan.trees.filter((tree) => tree.pid === pid)).toMatchObject([{ setBy: 65534 }]);
    },
  );

  it.skipIf(!isRoot)('of another user is named to those who may not look', async () => {
    const { pid } = await startProgram(['php', '-n', '-r', wait], /ready/);
    // Without root's effective uid there are no capabilities either.
    process.seteuid?.(65534);
    let scan: ProcessScan;
    try {
      scan = readProcesses();
    } finally {
      process.seteuid?.(0);
    }
    expect(find(scan, pid)).toMatchObject({ exe: null, root: null, environment: null, setBy: 0 });
    expect(scan.warnings.map(({ message }) => message).join()).toMatch(/run sescle as root/);
    expect(scan.warnings.map(({ hides }) => hides)).toContain(0);
  });
});

describe.skipIf(!isRoot || !hasApache)('a running apache2', () => {
  it('tells its configuration and its names', async () => {
    const directory = tempDir();
    const modules = ['mpm_prefork', 'authz_core'].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`,
    );
    writeFileSync(
      path.join(directory, 'test.conf'),
      `${modules.join('')}ServerName test
PidFile ${directory}/pid
Mutex file:${directory} default
ErrorLog "|$exec cat >&2"
LogLevel notice
User www-data
Group www-data
StartServers 1
Listen 127.0.0.1:${await freePort()}
`,
    );
    const server = await startProgram(
      ['apache2', '-d', directory, '-f', 'test.conf', '-DFOREGROUND', '-D', 'SHOP'],
      /resuming normal operations/,
      { env: { PATH: process.env['PATH'] ?? '', APACHE_RUN_DIR: '/run/x' } },
    );
    const scan = readProcesses();
    const found = find(scan, server.pid);
    expect(processSettings(found).apache).toMatchObject({
      configFile: 'test.conf',
      serverRoot: directory,
      defines: ['FOREGROUND', 'SHOP'],
    });
    expect(found.environment?.get('APACHE_RUN_DIR')).toBe('/run/x');
    for (const worker of scan.processes.filter(({ master }) => master === server.pid))
      expect(worker).toMatchObject({ label: 'apache2', environment: null });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
