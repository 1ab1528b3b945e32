/**
 * A mount whose server never answers stops nobody: under a document root, as a configuration directory,
 * as a store, as the state directory. The monitor finds what it can, cleans local stores on time, and ends when it is told to.
 *
 * SESCLE_DEAD_MOUNT_LONG=1 watches for ten minutes, and holds the monitor to a second: p99 of how late
 * removals are, and its end. Without it the machine may be busy with other tests.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { quote, runCli, runShell, startCli } from '../support/cli.js';
import { canHangMounts, hungMount, mountHungDirectory } from '../support/hung-mount.js';
import { canMountLoop, LoopFileSystem } from '../support/loop-file-system.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const isLong = process.env['SESCLE_DEAD_MOUNT_LONG'] !== undefined;
const seconds = isLong ? 600 : 6;
const sessionsASecond = 4;
const lifetimeSeconds = 2;
const mostLateMs = isLong ? 1000 : 5000;

/** A machine with php-fpm's one pool behind nginx; nothing is dead. */
function machine(): { root: string; local: string; configuration: string } {
  const root = tempDir();
  for (const directory of [
    'etc/php/8.2/fpm/conf.d',
    'etc/php/8.2/fpm/pool.d',
    'etc/nginx/sites-enabled',
    'srv/sessions',
    'srv/www/site/uploads',
    'srv/dead',
    'etc/php/8.2/cli/conf.d',
    'etc/sescle',
  ]) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  writeFileSync(
    join(root, 'etc/php/8.2/fpm/php.ini'),
    `session.save_path = /srv/sessions\nsession.gc_maxlifetime = ${lifetimeSeconds}\n`,
  );
  writeFileSync(
    join(root, 'etc/php/8.2/fpm/php-fpm.conf'),
    'include=/etc/php/8.2/fpm/pool.d/*.conf\n',
  );
  const configuration = join(root, 'etc/sescle/sescle.toml');
  writeFileSync(configuration, entries('/srv/sessions', '/srv/dead'));
  return { root, local: join(root, 'srv/sessions'), configuration };
}

function entries(...stores: string[]): string {
  return stores
    .map((path) => `[[store]]\npath = "${path}"\nlifetime = "${lifetimeSeconds}s"\n`)
    .join('');
}

/** All at once: the store, a part of the document root, a directory of configuration. */
async function die(root: string): Promise<void> {
  await mountHungDirectory(join(root, 'srv/dead'));
  await mountHungDirectory(join(root, 'srv/www/site/uploads'));
  await mountHungDirectory(join(root, 'etc/php/8.2/fpm/conf.d'));
}

/** How late sessions of a directory are removed, as the kernel tells of it; nothing is asked of sescle. */
function lateness(directory: string) {
  const dueAtMs = new Map<string, number>();
  const lateMs: number[] = [];
  const watcher = watch(directory, (_, name) => {
    const due = dueAtMs.get(String(name));
    if (due === undefined || existsSync(join(directory, String(name)))) return;
    dueAtMs.delete(String(name));
    lateMs.push(Date.now() - due);
  });
  onTestFinished(() => watcher.close());
  return {
    write(name: string) {
      const path = writeSession(directory, name, { ageSeconds: 0 });
      // Live for whole seconds, as PHP counts them, and due with the next.
      const due = (Math.floor(statSync(path).mtimeMs / 1000) + lifetimeSeconds + 1) * 1000;
      dueAtMs.set(path.slice(directory.length + 1), due);
    },
    left: () => dueAtMs.size,
    /** Ascending. */
    all: () => lateMs.sort((a, b) => a - b),
  };
}

test.skipIf(!canHangMounts())(
  'a dead mount under a document root, as a store and as a configuration directory stops nobody',
  async () => {
    const { root, local } = machine();
    await die(root);
    const state = tempDir();
    const run = startCli(['watch', '--root', root, '--state', state, '--textfile', state]);
    await run.awaitStderr(/watching/);
    const late = lateness(local);
    for (let count = 0; count < seconds * sessionsASecond; count += 1) {
      late.write(`s${count}`);
      await pause(1000 / sessionsASecond);
    }
    await until(() => late.left() === 0);
    const all = late.all();
    const p99 = all[Math.ceil(all.length * 0.99) - 1] ?? Infinity;
    const endedAt = performance.now();
    run.kill('SIGTERM');
    const { status } = await run.ended;
    const endMs = Math.round(performance.now() - endedAt);
    if (isLong) {
      console.log(
        `${all.length} sessions in ${seconds} s: p50 ${all[all.length >> 1]} ms late, p99 ${p99} ms, at most ${all.at(-1)} ms; ended ${endMs} ms after SIGTERM`,
      );
    }
    expect(all.length).toBe(seconds * sessionsASecond);
    expect(p99).toBeLessThanOrEqual(mostLateMs);
    expect(status).toBe(0);
    expect(endMs).toBeLessThanOrEqual(mostLateMs);
  },
  (seconds + 50) * 1000,
);

test.skipIf(!canHangMounts())(
  'mounts that die during the run stop neither a reload nor the end',
  async () => {
    const { root, local, configuration } = machine();
    mkdirSync(join(root, 'srv/later'));
    const textfile = tempDir();
    const run = startCli(['watch', '--root', root, '--state', tempDir(), '--textfile', textfile]);
    await run.awaitStderr(/srv\/sessions: watching/);
    await die(root);
    await mountHungDirectory(textfile);
    writeFileSync(configuration, entries('/srv/sessions', '/srv/dead', '/srv/later'));
    run.kill('SIGHUP');
    await run.awaitStderr(/srv\/later: watching/);
    for (const store of [local, join(root, 'srv/later')]) {
      const session = writeSession(store, 'due', { ageSeconds: 10 * lifetimeSeconds });
      run.kill('SIGHUP');
      await until(() => !existsSync(session));
    }
    const endedAt = performance.now();
    run.kill('SIGTERM');
    expect((await run.ended).status).toBe(0);
    expect(performance.now() - endedAt).toBeLessThan(5000);
  },
  60_000,
);

/** Where a state directory does not answer: a session that is due goes all the same, and the log says so. */
async function expectWorkWithout(state: string): Promise<ReturnType<typeof startCli>> {
  const store = tempDir();
  const session = writeSession(store, 'due', { ageSeconds: 5000 });
  const run = startCli(['watch', '-l', '1h', '--state', state, store]);
  await until(() => !existsSync(session));
  await run.awaitStderr(
    /a clock change while sescle is not running will go unnoticed: its file system does not answer/,
  );
  return run;
}

test.skipIf(!canHangMounts())(
  'a state directory on a dead mount stops neither the monitor nor its end',
  async () => {
    const run = await expectWorkWithout(join(await hungMount(), 'sescle'));
    const endedAt = performance.now();
    run.kill('SIGTERM');
    expect((await run.ended).status).toBe(0);
    expect(performance.now() - endedAt).toBeLessThan(5000);
  },
  60_000,
);

test.skipIf(!canHangMounts())(
  'a monitor that is ended before its state directory has answered ends',
  async () => {
    const args = ['watch', '-l', '1h', '--state', await hungMount(), tempDir()];
    // It asks in a process of its own.
    const { status, text } = await runShell(`"\${sescle[@]}" ${args.map(quote).join(' ')} & pid=$!
until pgrep -P $pid >/dev/null; do kill -0 $pid || break; sleep 0.05; done
kill -TERM $pid; began=$(date +%s%N); wait $pid; status=$?
echo $(( ($(date +%s%N) - began) / 1000000 )); exit $status`);
    expect(status).toBe(0);
    expect(Number(text)).toBeLessThan(4000);
  },
  60_000,
);

test.skipIf(!canHangMounts())(
  'a state directory on a dead mount keeps no sweep from its work: it says so',
  async () => {
    const store = tempDir();
    const session = writeSession(store, 'due', { ageSeconds: 5000 });
    const { status, stderr } = await runCli([
      ...['sweep', '-l', '1h', '--state', await hungMount()],
      store,
    ]);
    expect(stderr).toMatch(/will go unnoticed: its file system does not answer/);
    expect(status).toBe(0);
    expect(existsSync(session)).toBe(false);
  },
  60_000,
);

test.skipIf(!canMountLoop('ext4'))(
  'a state directory whose file system is frozen stops no store',
  async () => {
    const { directory } = new LoopFileSystem('ext4');
    execFileSync('fsfreeze', ['-f', directory]);
    onTestFinished(() => void spawnSync('fsfreeze', ['-u', directory]));
    const run = await expectWorkWithout(directory);
    // No signal ends a thread that waits for it.
    execFileSync('fsfreeze', ['-u', directory]);
    run.kill('SIGTERM');
    expect((await run.ended).status).toBe(0);
  },
  60_000,
);
