/**
 * docs/health.md, cell by cell: what goes wrong with a store is seen wherever an administrator looks. All of
 * it is the real thing but the clock, and goes wrong at the same time: the slowest takes half a minute.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { MonitorStatus } from '../../lib/monitor/status.js';
import { eventLines } from '../../lib/telemetry/event-text.js';
import { healthFaults } from '../../lib/telemetry/health.js';
import { History } from '../../lib/telemetry/history.js';
import { metricsText } from '../../lib/telemetry/metrics.js';
import { statusPage } from '../../lib/telemetry/page.js';
import { statusLine } from '../../lib/telemetry/status-line.js';
import { runCli, startCli } from '../support/cli.js';
import { canHangMounts, hungMount, mountHalfHungDirectory } from '../support/hung-mount.js';
import { canMountLoop, LoopFileSystem } from '../support/loop-file-system.js';
import { listen } from '../support/notify-socket.js';
import { playedMonitor } from '../support/played-monitor.js';
import { requireTool } from '../support/require-tool.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

/** Where administrators look. */
interface Seen {
  readonly log: () => string;
  readonly status: () => string;
  readonly page: () => Promise<string>;
  readonly health: () => Promise<string>;
  readonly metrics: () => Promise<string>;
}

interface Row {
  readonly name: string;
  /** Makes it go wrong, and returns what sees it. */
  readonly spoil: () => Promise<Seen>;
  /** What is said of it on the page, in the log and in the status; of a fault in /healthz too. */
  readonly says: RegExp;
  readonly isFault: boolean;
  /** Said in the log alone: nothing is wrong any more. */
  readonly isOver?: boolean;
  readonly metric: RegExp;
  /** Of `sescle sweep` in the same place: its status, or that it waits; and what it says. */
  readonly sweep: readonly [args: () => readonly string[], status: number | 'waits', says?: RegExp];
  /** Whether the sweep takes as long as what is seen elsewhere. */
  readonly isSlow?: boolean;
}

async function watching(...args: string[]): Promise<Seen & { hangUp: () => void }> {
  const address = `${tempDir()}/notify`;
  const { told } = await listen(address);
  const run = startCli(
    [
      'watch',
      '--http',
      '127.0.0.1:0',
      ...(args.includes('--state') ? [] : ['--state', tempDir()]),
      ...args,
    ],
    { env: { NOTIFY_SOCKET: address } },
  );
  let log = '';
  onTestFinished(async () => {
    run.kill('SIGTERM');
    await Promise.race([run.ended, pause(3000).then(() => run.kill('SIGKILL'))]);
  });
  const [, port] = await run.awaitStderr(/answering at 127\.0\.0\.1:(\d+)/);
  void (async () => {
    for (;;) {
      const [text] = await run.awaitStderr(new RegExp(`^[\\s\\S]{${log.length + 1},}`));
      log = text;
    }
  })().catch(() => {});
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await untilSo(async () => (await ask('/metrics')).includes('sescle_sessions'), 3000);
  return {
    log: () => log,
    status: () => told().findLast((line) => line.startsWith('STATUS=')) ?? '',
    page: () => ask('/'),
    health: () => ask('/healthz'),
    metrics: () => ask('/metrics'),
    hangUp: () => run.kill('SIGHUP'),
  };
}

/** Of a monitor in this process, whose clock or doubts are played. */
function seenOf(monitor: Awaited<ReturnType<typeof playedMonitor>>): Seen {
  const whole = (): MonitorStatus => monitor.whole();
  return {
    log: () =>
      monitor.events.flatMap((event) => eventLines(event).map(({ text }) => text)).join('\n'),
    status: () => statusLine(whole()),
    page: async () => statusPage(whole(), (id) => new History().of(id)),
    health: async () => healthFaults(whole()) || 'ok\n',
    metrics: () => metricsText(whole()),
  };
}

async function untilSo(isSo: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  for (const start = Date.now(); Date.now() - start < patienceMs; await pause(100)) {
    if (await isSo()) return true;
  }
  return isSo();
}

/** A tree with nothing but sescle's own configuration, and the store that this names. */
function namedStore(isThere: boolean) {
  const root = tempDir();
  const configuration = `${root}/etc/sescle/sescle.toml`;
  mkdirSync(dirname(configuration), { recursive: true });
  writeFileSync(configuration, '[[store]]\npath = "/srv/sessions"\nlifetime = "1h"\n');
  const store = `${root}/srv/sessions`;
  mkdirSync(isThere ? store : dirname(store), { recursive: true });
  return { root, configuration, store };
}

/** What the rows spoil, by their names. */
const spoilt = {
  unread: '',
  immutable: '',
  away: '',
  covered: '',
  unmounted: '',
  ownedByOther: '',
  full: '',
  silent: '',
  doubtful: '',
  broken: '',
  stuck: '',
  set: '',
};

/** Php-fpm whose sessions live for an hour as far as can be read; one file is too large to be. */
function doubtfulTree(): string {
  const root = tempDir();
  for (const directory of [
    'etc/php/8.2/fpm/conf.d',
    'etc/php/8.2/fpm/pool.d',
    'usr/bin',
    'srv/s',
  ]) {
    mkdirSync(`${root}/${directory}`, { recursive: true });
  }
  const fpm = `${root}/etc/php/8.2/fpm`;
  writeFileSync(`${fpm}/php.ini`, 'session.save_path = /srv/s\nsession.gc_maxlifetime = 3600\n');
  writeFileSync(`${fpm}/php-fpm.conf`, 'include=/etc/php/8.2/fpm/pool.d/*.conf\n');
  writeFileSync(
    `${fpm}/pool.d/www.conf`,
    '[www]\nuser = root\nlisten = /run/php.sock\npm = static\npm.max_children = 1\n',
  );
  writeFileSync(`${fpm}/conf.d/20-large.ini`, '');
  truncateSync(`${fpm}/conf.d/20-large.ini`, 17 * 2 ** 20);
  return root;
}

/** With an expired session that nobody holds. */
function frozenStore(): string {
  const { directory } = new LoopFileSystem('ext4');
  writeSession(directory, 'due', { ageSeconds: 5000 });
  execFileSync('fsfreeze', ['-f', directory]);
  onTestFinished(() => void spawnSync('fsfreeze', ['-u', directory]));
  return directory;
}

/** A state directory that remembers a clock which has been set forward by a day since. */
async function setClockState(): Promise<string> {
  const state = tempDir();
  await runCli(['sweep', '-l', '1h', '--state', state, tempDir()]);
  const file = `${state}/clock.json`;
  const memory = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...memory, offsetMs: memory.offsetMs - 86_400_000 }));
  return state;
}

const down = /sescle_store_up\{store="[^"]*"\} 0/;
const up = /sescle_store_up\{store="[^"]*"\} 1/;

const rows: readonly Row[] = [
  {
    name: 'it cannot be read',
    spoil: async () => {
      const disk = new LoopFileSystem('xfs');
      const seen = await watching('-l', '2', disk.directory);
      disk.shutDown();
      spoilt.unread = disk.directory;
      return seen;
    },
    says: /EIO|[Ii]nput\/output error/,
    isFault: true,
    metric: down,
    sweep: [() => ['-l', '2', spoilt.unread], 1, /EIO/],
  },
  {
    name: 'nothing can be removed',
    spoil: async () => {
      spoilt.immutable = tempDir();
      writeSession(spoilt.immutable, 'old', { ageSeconds: 5000 });
      execFileSync('chattr', ['+i', spoilt.immutable]);
      onTestFinished(() => void spawnSync('chattr', ['-i', spoilt.immutable]));
      return watching('-l', '1h', spoilt.immutable);
    },
    says: /expired sessions cannot be removed: \S+sess_old: .*not permitted/,
    isFault: true,
    metric: /sescle_oldest_session_age_seconds\{[^}]*\} 50\d\d/,
    sweep: [() => ['-l', '1h', spoilt.immutable], 1],
  },
  {
    name: 'it is gone',
    spoil: async () => {
      spoilt.away = tempDir();
      const seen = await watching('-l', '1h', spoilt.away);
      renameSync(spoilt.away, `${spoilt.away}-away`);
      return seen;
    },
    says: /does not exist/,
    isFault: true,
    metric: down,
    sweep: [() => ['-l', '1h', spoilt.away], 2],
  },
  {
    name: 'another lies in its place',
    spoil: async () => {
      const store = tempDir();
      spoilt.covered = store;
      const seen = await watching('-l', '1h', store);
      execFileSync('mount', ['-t', 'tmpfs', 'none', store]);
      onTestFinished(() => void spawnSync('umount', ['--lazy', store]));
      return seen;
    },
    says: /the directory was replaced or changed owner/,
    isFault: false,
    isOver: true,
    metric: up,
    sweep: [() => ['-l', '1h', spoilt.covered], 0],
  },
  {
    name: 'it is not mounted',
    spoil: async () => {
      spoilt.unmounted = namedStore(false).root;
      return watching('--root', spoilt.unmounted);
    },
    says: /cannot be watched: the directory does not exist/,
    isFault: true,
    metric: down,
    sweep: [() => ['--root', spoilt.unmounted], 3],
  },
  {
    name: 'it has the wrong owner',
    spoil: async () => {
      const { root, store } = namedStore(true);
      const seen = await watching('--root', root);
      spoilt.ownedByOther = root;
      chownSync(store, 4321, 4321);
      return seen;
    },
    says: /was replaced or changed owner since it was found/,
    isFault: true,
    metric: down,
    sweep: [() => ['--root', spoilt.ownedByOther], 0],
  },
  {
    name: 'its file system is frozen',
    spoil: async () => {
      const disk = new LoopFileSystem('ext4');
      const seen = await watching('-l', '3', disk.directory);
      writeSession(disk.directory, 'due', { ageSeconds: 0 });
      execFileSync('fsfreeze', ['-f', disk.directory]);
      onTestFinished(() => void spawnSync('fsfreeze', ['-u', disk.directory]));
      return seen;
    },
    says: /does not answer/,
    isFault: true,
    metric: down,
    // One that the monitor's own thread holds would count as in use.
    sweep: [() => ['-l', '3', frozenStore()], 'waits'],
  },
  {
    name: 'the disk of the state directory is full',
    spoil: async () => {
      const disk = new LoopFileSystem('ext4');
      spoilt.full = disk.directory;
      spawnSync('dd', ['if=/dev/zero', `of=${spoilt.full}/filler`, 'bs=64k', 'status=none']);
      spawnSync('dd', ['if=/dev/zero', `of=${spoilt.full}/filler2`, 'bs=1k', 'status=none']);
      return watching('--state', spoilt.full, '-l', '1h', tempDir());
    },
    says: /no space left|No space left/,
    isFault: false,
    metric: /sescle_clock_state_up 0/,
    sweep: [
      () => ['--state', spoilt.full, '-l', '1h', tempDir()],
      0,
      /warning: a clock change before the next sweep will go unnoticed/,
    ],
  },
  {
    name: 'what PHP says cannot be read',
    spoil: async () => {
      const monitor = await playedMonitor(tempDir(), 1440);
      await until(() => monitor.scans() > 0);
      monitor.setDoubt({ uids: null, reasons: ['/etc/php.ini: EIO'], remedy: 'mend it' });
      return seenOf(monitor);
    },
    says: /\/etc\/php\.ini: EIO/,
    isFault: false,
    metric: /sescle_skipped_total\{[^}]*reason="uncertain"/,
    sweep: [
      () => {
        spoilt.doubtful = doubtfulTree();
        writeSession(`${spoilt.doubtful}/srv/s`, 'kept', { ageSeconds: 100_000 });
        return ['--root', spoilt.doubtful];
      },
      0,
    ],
  },
  {
    name: 'the configuration is broken at a reload',
    spoil: async () => {
      const { root, configuration } = namedStore(true);
      const seen = await watching('--root', root);
      writeFileSync(configuration, 'nonsense = 1\n');
      seen.hangUp();
      spoilt.broken = root;
      return seen;
    },
    says: /sescle\.toml:1: unknown key/,
    isFault: false,
    metric: /sescle_discovery_up 0/,
    sweep: [() => ['--root', spoilt.broken], 2],
  },
  {
    name: 'discovery hangs',
    spoil: async () => {
      const { root, configuration } = namedStore(true);
      mkdirSync(`${root}/etc/php/8.2/fpm/conf.d`, { recursive: true });
      writeFileSync(`${root}/etc/php/8.2/fpm/php.ini`, 'session.gc_maxlifetime = 3600\n');
      const seen = await watching('--root', root);
      await mountHalfHungDirectory(`${root}/etc/php/8.2/fpm/conf.d`);
      writeFileSync(configuration, '[[store]]\npath = "/srv/sessions"\nlifetime = "2h"\n');
      seen.hangUp();
      spoilt.stuck = root;
      return seen;
    },
    says: /discovery is stuck: a file system is not responding.*keeping the previous list/,
    isFault: false,
    metric: /sescle_discovery_up 0/,
    sweep: [() => ['--root', spoilt.stuck], 1, /discovery is stuck/],
    isSlow: true,
  },
  {
    name: 'the state directory does not answer',
    spoil: async () => {
      spoilt.silent = await hungMount();
      return watching('--state', spoilt.silent, '-l', '1h', tempDir());
    },
    says: /its file system does not answer/,
    isFault: false,
    metric: /sescle_clock_state_up 0/,
    sweep: [
      () => ['--state', spoilt.silent, '-l', '1h', tempDir()],
      0,
      /warning: a clock change before the next sweep will go unnoticed/,
    ],
  },
  {
    name: 'the clock is set',
    spoil: async () => {
      const monitor = await playedMonitor(tempDir(), 1440);
      await until(() => monitor.scans() > 0);
      monitor.setClock(86_400);
      spoilt.set = await setClockState();
      return seenOf(monitor);
    },
    says: /clock was changed/,
    isFault: false,
    // A second more where the step falls between two readings.
    metric: /sescle_clock_grace_seconds 8640[01]/,
    sweep: [
      () => ['-l', '1h', '--state', spoilt.set, tempDir()],
      0,
      /the system clock was changed: sessions are kept/,
    ],
  },
];

/** Longer than the slowest of the matrix takes on a busy machine. */
const patienceMs = 75_000;

/** @returns the cells that do not say what they should */
async function wrongCells(row: Row): Promise<string[]> {
  const { says, isFault, isOver, metric, spoil, sweep, isSlow = false } = row;
  const [args, status, text = /^/] = sweep;
  const seen = await spoil();
  const meanwhile = isSlow ? sweepIn(args(), 1.5 * patienceMs) : null;
  const page = async () => decoded(await seen.page());
  const cells: readonly [string, () => Promise<boolean>][] = [
    ['log', async () => says.test(seen.log())],
    [
      'healthz',
      async () => (isFault ? says.test(await seen.health()) : (await seen.health()) === 'ok\n'),
    ],
    ['metrics', async () => metric.test(await seen.metrics())],
    ['page', async () => (isOver ? /all is well/ : says).test(await page())],
    ['status', async () => isOver === true || says.test(seen.status())],
  ];
  const wrong: string[] = [];
  for (const [cell, isRight] of cells) {
    if (await untilSo(isRight, wrong.length === 0 ? patienceMs : 1000)) continue;
    wrong.push(`${cell}: ${seen.log()} ${await seen.health()} ${seen.status()}`);
  }
  const end = await (meanwhile ?? sweepIn(args()));
  if (end.status !== status) wrong.push(`sweep: ${end.status}, not ${status}: ${end.stderr}`);
  if (!text.test(end.stderr)) wrong.push(`sweep says: ${end.stderr}`);
  return wrong;
}

/** A sweep that takes longer waits: no other row's does for nearly as long. */
const sweepPatienceMs = 20_000;

async function sweepIn(
  args: readonly string[],
  mostMs = sweepPatienceMs,
): Promise<{ readonly status: number | 'waits' | null; readonly stderr: string }> {
  const run = startCli(['sweep', ...args]);
  const waited = pause(mostMs, null, { ref: false });
  const end = await Promise.race([run.ended, waited]);
  if (end !== null) return end;
  // It ends when its file system is thawed.
  run.kill('SIGKILL');
  return { status: 'waits', stderr: '' };
}

function decoded(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

const tools = ['chattr', 'fsfreeze', 'mount', 'python3'].map(requireTool).every(Boolean);

it.skipIf(!tools || !canMountLoop('ext4') || !canMountLoop('xfs') || !canHangMounts())(
  'each cell says what docs/health.md says',
  async () => {
    const wrong = await Promise.all(
      rows.map(async (row) =>
        (await wrongCells(row).catch((error) => [String(error)])).map(
          (cell) => `${row.name}: ${cell}`,
        ),
      ),
    );
    expect(wrong.flat()).toEqual([]);
    // Kept on purpose, though a day past what could be read.
    expect(existsSync(`${spoilt.doubtful}/srv/s/sess_kept`)).toBe(true);
  },
  2 * patienceMs,
);

it('docs/health.md has a row for each', () => {
  const text = readFileSync(new URL('../../docs/health.md', import.meta.url), 'utf8');
  expect(rows.filter(({ name }) => !text.includes(`| ${name} |`)).map(({ name }) => name)).toEqual(
    [],
  );
});
