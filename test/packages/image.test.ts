/**
 * The OCI image: what is in it, and sescle beside a PHP-FPM that shares the volume with it.
 *
 * Behind a switch: SESCLE_PACKAGES=1 npm test -- test/packages/image.test.ts (as root on Debian x64). Containers are
 * run by buildah, which needs no daemon.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { arePackagesTried, build, run } from './switch.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const archive = `build/release/sescle_${version}_image_x64.tar`;
const wwwData = 33;

describe.skipIf(!arePackagesTried)('the image', () => {
  let container = '';

  beforeAll(() => {
    build(['scripts/build-executable', 'x64'], ['scripts/build-image', 'x64']);
    container = run('buildah', 'from', '--pull-never', `oci-archive:${archive}`).trim();
  }, 900_000);

  afterAll(() => {
    if (container !== '') run('buildah', 'rm', container);
  });

  const volume = () => {
    const directory = tempDir();
    chownSync(directory, wwwData, wwwData);
    return directory;
  };

  const inContainer = (sessions: string, ...args: string[]) => [
    'run',
    '--isolation',
    'chroot',
    '--user',
    '33:33',
    '--volume',
    `${sessions}:/sessions`,
    container,
    '--',
    '/usr/bin/sescle',
    ...args,
  ];

  test('is smaller than 120 MB, unpacked too, and runs as another user than root', () => {
    expect(statSync(archive).size).toBeLessThan(120e6);
    const mounted = run('buildah', 'mount', container).trim();
    const bytes = Number(run('du', '-sb', mounted).split('\t')[0]);
    run('buildah', 'umount', container);
    expect(bytes).toBeLessThan(120e6);
    const config = JSON.parse(run('buildah', 'inspect', container)).OCIv1.config;
    expect(config).toMatchObject({ User: '33:33', Entrypoint: ['/usr/bin/sescle'] });
  });

  test('is the same, byte for byte, when it is built again', () => {
    const sum = run('sha256sum', archive);
    run('scripts/build-image', 'x64');
    expect(run('sha256sum', archive)).toBe(sum);
  }, 300_000);

  test('sweeps a volume', () => {
    const sessions = volume();
    const old = join(sessions, `sess_${'o'.repeat(26)}`);
    const live = join(sessions, `sess_${'n'.repeat(26)}`);
    for (const file of [old, live]) {
      writeFileSync(file, 'a|i:1;');
      chownSync(file, wwwData, wwwData);
    }
    utimesSync(old, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
    const { status, stdout, stderr } = spawnSync(
      'buildah',
      inContainer(sessions, 'sweep', '--json', '-l', '24m', '/sessions'),
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).totals).toMatchObject({ scanned: 2, removed: 1, live: 1 });
    expect([existsSync(old), existsSync(live)]).toEqual([false, true]);
  }, 60_000);

  test('watches beside PHP-FPM, which keeps its sessions in the same volume', async () => {
    const sessions = volume();
    const lower = run('scripts/debian-root', 'bookworm').trim();
    const layer = tempDir();
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(layer, name));
    const monitor = spawn('buildah', inContainer(sessions, 'watch', '-l', '2s', '/sessions'), {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    try {
      let log = '';
      monitor.stderr.on('data', (bytes) => {
        log += bytes;
      });
      await until(() => log.includes('/sessions'));
      const script = `set -e
mount -t overlay overlay -o "lowerdir=${lower},upperdir=${layer}/upper,workdir=${layer}/work" ${layer}/root
mount -t proc proc ${layer}/root/proc
mkdir -p ${layer}/root/sessions ${layer}/root/run/php
mount --bind ${sessions} ${layer}/root/sessions
cp packaging/container/php-sessions.ini ${layer}/root/etc/php/8.2/fpm/conf.d/99-sessions.ini
echo '<?php session_id($_SERVER["QUERY_STRING"]); session_start(); $_SESSION["a"] = 1; echo "made";' >${layer}/root/srv/make.php
exec chroot ${layer}/root sh -ec 'php-fpm8.2 --daemonize
SCRIPT_FILENAME=/srv/make.php REQUEST_METHOD=GET QUERY_STRING=${'o'.repeat(26)} cgi-fcgi -bind -connect /run/php/php8.2-fpm.sock
test -e /sessions/sess_${'o'.repeat(26)}'`;
      const made = join(sessions, `sess_${'o'.repeat(26)}`);
      expect(
        run('unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script),
      ).toContain('made');
      await until(() => !existsSync(made));
    } finally {
      monitor.kill('SIGTERM');
    }
  }, 120_000);

  test('the compose file is one that docker-compose takes', () => {
    const text = run(
      'env',
      'SESCLE_IMAGE=sescle:test',
      'docker-compose',
      '-f',
      'packaging/container/compose.yaml',
      'config',
    );
    expect(text).toContain('sessions:/sessions');
  }, 60_000);
});
