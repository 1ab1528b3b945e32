/**
 * A mount whose server never answers stops nobody: under a document root, as a configuration directory,
 * as a store. The monitor finds what it can, cleans local stores on time, and ends when it is told to.
 *
 * SESCLE_DEAD_MOUNT_LONG=1 watches for ten minutes, and tells how late removals were.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { canHangMounts, mountHungDirectory } from '../support/hung-mount.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const isLong = process.env['SESCLE_DEAD_MOUNT_LONG'] !== undefined;
const seconds = isLong ? 600 : 6;

/** A machine with php-fpm's one pool behind nginx, whose document root has a dead mount in it. */
async function machine(): Promise<{ root: string; local: string }> {
  const root = tempDir();
  const local = join(root, 'srv/sessions');
  const dead = join(root, 'srv/dead');
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
    'session.save_path = /srv/sessions\nsession.gc_maxlifetime = 2\n',
  );
  writeFileSync(
    join(root, 'etc/php/8.2/fpm/php-fpm.conf'),
    'include=/etc/php/8.2/fpm/pool.d/*.conf\n',
  );
  writeFileSync(
    join(root, 'etc/sescle/sescle.toml'),
    '[[store]]\npath = "/srv/sessions"\nlifetime = "2s"\n[[store]]\npath = "/srv/dead"\nlifetime = "2s"\n',
  );
  await mountHungDirectory(dead);
  await mountHungDirectory(join(root, 'srv/www/site/uploads'));
  await mountHungDirectory(join(root, 'etc/php/8.2/fpm/conf.d'));
  return { root, local };
}

test.skipIf(!canHangMounts())(
  'a dead mount under a document root, as a store and as a configuration directory stops nobody',
  async () => {
    const { root, local } = await machine();
    const state = tempDir();
    const run = startCli(['watch', '--root', root, '--state', state, '--textfile', state]);
    await run.awaitStderr(/watching/);
    const written: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      written.push(writeSession(local, `s${second}`, { ageSeconds: 0 }));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const { existsSync } = await import('node:fs');
    const lastDueMs = Date.now() + 3000;
    await until(() => written.every((session) => !existsSync(session)));
    const lateMs = Date.now() - lastDueMs;
    if (isLong)
      console.log(`${written.length} sessions, the last of them ${lateMs} ms after it was due`);
    const endedAt = performance.now();
    run.kill('SIGTERM');
    const { status } = await run.ended;
    expect(status).toBe(0);
    expect(performance.now() - endedAt).toBeLessThan(isLong ? 1500 : 5000);
  },
  (seconds + 50) * 1000,
);
