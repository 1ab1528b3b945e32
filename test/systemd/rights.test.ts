/**
 * The units' rights: everything works with what they leave, and each capability that stays has something
 * that fails without it.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Store, SweepReport } from '../../lib/index.js';
import { cliPath, requireBuild } from '../support/cli.js';
import { listen } from '../support/notify-socket.js';
import { requireTool } from '../support/require-tool.js';
import { runProgram, startProgram } from '../support/running-program.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { canUnshare } from '../support/unshare.js';
import { until } from '../support/until.js';
import { type Changes, capabilitiesOf, underUnit, unitLines } from './acted-unit.js';

const isRoot = process.getuid?.() === 0;
const hasAll =
  ['gcc', 'nsenter', 'setpriv', 'systemd-analyze', 'php', 'pgrep', 'python3']
    .map(requireTool)
    .every(Boolean) &&
  isRoot &&
  canUnshare();

/** Some user, and the group that a web server's pools share. */
const user = 61_010;
const group = 61_011;
const lifetime = ['-l', '24m'];
const patienceMs = 50_000;

const lines = unitLines('sescle.service');
const prefixes = new Map<string, string[]>();

/** As a command on a machine of the tests' own, whose first process may be looked into as systemd may. */
let onMachine: readonly string[] = [];

beforeAll(() => {
  if (!hasAll) return;
  const machine = spawn(
    'unshare',
    ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', 'sleep', 'infinity'],
    { stdio: 'ignore' },
  );
  afterAll(() => void machine.kill('SIGKILL'));
  const children = `/proc/${machine.pid}/task/${machine.pid}/children`;
  return until(() => {
    const [first = ''] = readFileSync(children, 'utf8').split(' ');
    onMachine = ['nsenter', `--target=${first}`, '--pid', '--mount', '--'];
    return first !== '' && readFileSync(`/proc/${first}/comm`, 'utf8') === 'sleep\n';
  });
});

/** The words that run sescle as the unit would; made once for each set of rights. */
function sescle(args: readonly string[], changes: Changes = {}): string[] {
  const key = JSON.stringify(changes);
  const prefix = prefixes.get(key) ?? underUnit(lines, changes);
  prefixes.set(key, prefix);
  return [...prefix, process.execPath, cliPath, ...args];
}

/** A monitor that runs until the test ends, and what it has said. */
function startMonitor(
  args: readonly string[],
  changes: Changes = {},
  env: Readonly<Record<string, string>> = {},
) {
  const [command = '', ...words] = [...onMachine, ...sescle(args, changes)];
  const child = spawn(command, words, {
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const monitor = { said: '', hasEnded: () => child.exitCode !== null };
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  });
  for (const output of [child.stdout, child.stderr])
    output.on('data', (data: Buffer) => {
      monitor.said += data;
    });
  return monitor;
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], STATE_DIRECTORY: tempDir() };
}

async function run(args: readonly string[], changes: Changes = {}) {
  requireBuild();
  return runProgram([...onMachine, ...sescle(args, changes)], patienceMs, environment());
}

interface StoreFacts {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode: number;
  /** Of the session in it. */
  readonly writer?: number;
  readonly inside?: string;
}

/** A directory with an expired session, and one that lives. */
function storeWith({ uid = 0, gid = 0, mode, writer = user, inside }: StoreFacts): string {
  const directory = join(inside ?? tempDir(), 'sessions');
  mkdirSync(directory);
  for (const [id, ageSeconds] of [
    ['old', 3600],
    ['young', 10],
  ] as const)
    chownSync(writeSession(directory, id, { ageSeconds }), writer, writer);
  chownSync(directory, uid, gid);
  chmodSync(directory, mode);
  return directory;
}

/** Whether a sweep removes what has expired, and nothing else. */
async function isSwept(store: string, options: readonly string[], changes: Changes) {
  await run(['sweep', ...lifetime, ...options, store], changes);
  expect(existsSync(join(store, 'sess_young'))).toBe(true);
  return !existsSync(join(store, 'sess_old'));
}

/** PHP that runs as a user, with its sessions where no file says. */
async function startPhp(savePath: string, before: readonly string[] = []): Promise<void> {
  await startProgram(
    [
      ...onMachine,
      ...before,
      ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...['php', '-n', '-d', `session.save_path=${savePath}`, '-d', 'session.gc_maxlifetime=1440'],
      ...['-r', 'echo "ready"; fgets(STDIN);'],
    ],
    /ready/,
    { input: '' },
  );
}

async function storesOf(changes: Changes = {}): Promise<Store[]> {
  const { text } = await run(['stores', '--json'], changes);
  return (JSON.parse(text) as { stores: Store[] }).stores;
}

/**
 * What fails without a capability, and works with all that the unit leaves. CAP_FOWNER is none of them: in
 * root's directories it is root who removes, in others their owner.
 */
const needs: Readonly<Record<string, (changes: Changes) => Promise<boolean>>> = {
  // Debian's node_exporter has its directory as prometheus.
  CAP_DAC_OVERRIDE: async (changes) => {
    const directory = tempDir();
    chownSync(directory, user, user);
    const file = join(directory, 'sescle.prom');
    const store = storeWith({ mode: 0o1733 });
    const monitor = startMonitor(['watch', ...lifetime, '--textfile', directory, store], changes);
    await until(() => existsSync(file) || /EACCES|ermission/.test(monitor.said));
    return existsSync(file) && (statSync(file).mode & 0o777) === 0o644;
  },
  // A pool's directory, foo:www-data 2770, with the files that www-data wrote.
  CAP_DAC_READ_SEARCH: (changes) =>
    isSwept(storeWith({ uid: user, gid: group, mode: 0o2770, writer: group }), [], changes),
  CAP_LEASE: (changes) => isSwept(storeWith({ mode: 0o1733 }), ['--strict'], changes),
  CAP_SYS_PTRACE: async (changes) => {
    const store = storeWith({ uid: user, gid: user, mode: 0o700 });
    await startPhp(store);
    return (await storesOf(changes)).some(({ path }) => path === store);
  },
  CAP_SETUID: (changes) => isSwept(storeWith({ uid: user, gid: user, mode: 0o700 }), [], changes),
  CAP_SETGID: (changes) => isSwept(storeWith({ uid: user, gid: user, mode: 0o700 }), [], changes),
  CAP_KILL: async (changes) => {
    const directory = tempDir();
    const php = join(directory, 'php');
    // It is found by what it does.
    writeFileSync(php, `#!/bin/sh\nexec sleep 300.${process.pid}\n`, { mode: 0o755 });
    chmodSync(php, 0o755);
    await run(['stores', '-p', php], changes);
    const left = spawnSync('pgrep', ['-f', `^sleep 300.${process.pid}$`], { encoding: 'utf8' });
    for (const pid of left.stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
    return left.stdout === '';
  },
};

describe.skipIf(!hasAll)('what the units leave of root’s power', () => {
  test('is the same in both', () => {
    const sweep = unitLines('sescle-sweep.service');
    expect(capabilitiesOf(sweep)).toEqual(capabilitiesOf(lines));
    expect(sweep.get('SystemCallFilter')).toEqual(lines.get('SystemCallFilter'));
  });

  test.each(capabilitiesOf(lines))('%s is needed', async (capability) => {
    const need = needs[capability];
    if (need === undefined) throw new Error(`nothing here fails without ${capability}: drop it`);
    expect(await need({})).toBe(true);
    expect(await need({ without: capability })).toBe(false);
  });

  test.each([
    ['/home', '/home'],
    ['/tmp', '/tmp'],
    ['/dev/shm', '/dev/shm'],
    ['/srv', '/srv'],
  ])('sweeps a store in %s', async (_name, above) => {
    const place = join(above, `sescle-test-${process.pid}`);
    mkdirSync(place, { recursive: true });
    onTestFinished(() => void spawnSync('rm', ['-rf', place]));
    expect(await isSwept(storeWith({ mode: 0o1733, inside: place }), [], {})).toBe(true);
  });

  test('sees a private /tmp, and sweeps what is in it', async () => {
    const place = tempDir();
    chmodSync(place, 0o755);
    const inner = `mount --bind ${place} /tmp && exec "$@"`;
    const store = storeWith({ uid: user, gid: user, mode: 0o700, inside: place });
    await startPhp('/tmp/sessions', ['unshare', '--mount', 'sh', '-c', inner, 'sh']);
    const [found] = (await storesOf()).filter(({ path }) =>
      /^\/proc\/\d+\/root\/tmp\/sessions$/.test(path),
    );
    expect(found).toMatchObject({
      collectable: true,
      lifetimesByUser: [{ uid: user, maxLifetime: 1440 }],
    });
    await run(['sweep']);
    expect([existsSync(join(store, 'sess_old')), existsSync(join(store, 'sess_young'))]).toEqual([
      false,
      true,
    ]);
  });

  test('asks PHP as nobody', async () => {
    const { status, stderr, text } = await run(['stores', '-p', '/usr/bin/php']);
    expect([status, stderr]).toEqual([0, '']);
    expect(text).toContain('/var/lib/php/sessions');
  });

  test('removes by the watch, as far as the machine lets anybody', async () => {
    const reports: SweepReport[] = [];
    for (const words of [[process.execPath, cliPath], sescle([])]) {
      const store = tempDir('sescle-watch-');
      writeSessions(store, 3000, 'w', { ageSeconds: 3600 });
      const command = [...words, 'sweep', ...lifetime, '--json', store];
      const { text } = await runProgram(command, patienceMs, environment());
      reports.push(JSON.parse(text) as SweepReport);
    }
    const [outside, inside] = reports.map(({ stores }) => stores[0]);
    expect(inside?.removed).toBe(3000);
    expect(inside?.protocol).toBe(outside?.protocol);
    expect(reports[1]?.sandbox).toBe(reports[0]?.sandbox);
  });

  test('speaks to systemd, and answers HTTP on a socket', async () => {
    const directory = tempDir();
    const notify = join(directory, 'notify');
    const manager = await listen(notify);
    const socket = join(directory, 'http.sock');
    const store = storeWith({ mode: 0o1733 });
    const args = ['watch', ...lifetime, '--http', `unix:${socket}`, store];
    startMonitor(args, {}, { NOTIFY_SOCKET: notify });
    await until(() => manager.told().some((told) => told.includes('READY=1')));
    await until(() => !existsSync(join(store, 'sess_old')));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      http
        .get({ socketPath: socket, path: '/healthz' }, (answer) => resolve(answer.statusCode))
        .on('error', reject);
    });
    expect(status).toBe(200);
  });

  /** The line of the log that says where it answers, or cannot be reached. */
  async function saidOfHttp(changes: Changes): Promise<string> {
    const store = storeWith({ mode: 0o1733 });
    const args = ['watch', ...lifetime, '--http', '127.0.0.1:0', store];
    const monitor = startMonitor(args, changes);
    await until(() => monitor.hasEnded() || /answering at/.test(monitor.said));
    return monitor.said;
  }

  test('an address for HTTP cannot be reached, which is said', async () => {
    expect(await saidOfHttp({})).toMatch(
      /cannot be reached: this process has a network of its own/,
    );
  });

  test('with PrivateNetwork=no it can, by the families that the unit has', async () => {
    const said = await saidOfHttp({ hasNetwork: true });
    expect(said).toMatch(/answering at/);
    expect(said).not.toMatch(/cannot be reached/);
    const families = ['AF_INET', 'AF_INET6'];
    expect(await saidOfHttp({ hasNetwork: true, withoutFamilies: families })).toMatch(
      /EAFNOSUPPORT|not supported/,
    );
  });

  test('can be acted: what is not allowed is refused', () => {
    const [unshare = '', ...rest] = underUnit(lines);
    const refused = (...command: string[]) =>
      spawnSync(unshare, [...rest, ...command], { encoding: 'utf8' }).status !== 0;
    expect(refused('mount', '-t', 'tmpfs', 'tmpfs', '/mnt')).toBe(true);
    expect(refused('chown', '1', tempDir())).toBe(true);
    expect(refused('sh', '-c', 'echo >/etc/sescle-test')).toBe(true);
    expect(refused('test', '-e', '/dev/vda')).toBe(true);
    expect(refused('nice', '-n', '-5', 'true')).toBe(false);
    expect(readFileSync('/proc/self/status', 'utf8')).toMatch(/^NoNewPrivs:\t0$/m);
  });
});
