/**
 * A mount whose server never answers stops nobody: under a document root, as a configuration directory,
 * as a store. The monitor finds what it can, cleans local stores on time, and ends when it is told to.
 *
 * SESCLE_DEAD_MOUNT_LONG=1 watches for ten minutes, and holds the monitor to a second: p99 of how late
 * removals are, and its end. Without it the machine may be busy with other tests.
 */
import { existsSync, mkdirSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { canHangMounts, mountHungDirectory } from '../support/hung-mount.js';
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
