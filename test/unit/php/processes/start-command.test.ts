import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { PhpProcess } from '../../../../lib/php/processes/process.js';
import { processSettings } from '../../../../lib/php/processes/settings.js';
import { withStartCommand } from '../../../../lib/php/processes/start-command.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

let root: string;
beforeEach(() => {
  root = tempDir();
});

const hidden: PhpProcess = {
  pid: 7,
  startTicks: 1,
  sapi: 'fpm',
  label: 'php-fpm8.2',
  exe: '/usr/sbin/php-fpm8.2',
  version: '8.2',
  uid: 0,
  setBy: 0,
  master: null,
  arguments: null,
  environment: null,
  title: 'php-fpm: master process (/etc/fpm.conf)',
  workingDirectory: '/',
  root: '/',
  unit: 'fpm.service',
};

const fill = (process: PhpProcess) => withStartCommand(process, new FileTree(root));
const service = (text: string) =>
  writeTree({ '/lib/systemd/system/fpm.service': `[Service]\n${text}\n` }, root);

/** That nothing is known of its start, and that its word is hidden; with the reason. */
function lost(process: PhpProcess): string {
  const { warnings = [], ...filled } = fill(process);
  expect(filled).toEqual(process);
  expect(warnings).toMatchObject([
    { hides: process.setBy, source: { kind: 'process', pid: process.pid } },
  ]);
  return warnings[0]?.message ?? '';
}

describe('what a process hides', () => {
  it('is what its service starts, if that is the program that runs', () => {
    service('Environment=PHPRC=/rc\nExecStart=/usr/sbin/php-fpm -c /x -dsession.gc_maxlifetime=9');
    expect(lost(hidden)).toMatch(/the unit fpm\.service starts another program/);
    writeTree({ '/usr/sbin/php-fpm8.2': '', '/usr/sbin/php-fpm': '-> php-fpm8.2' }, root);
    const { settings, iniOptions, fpm } = processSettings(fill(hidden));
    expect(iniOptions).toMatchObject({ path: '/x', phprc: '/rc' });
    expect(settings.get('session.gc_maxlifetime')).toMatchObject({ value: '9', setBy: 0 });
    expect(fpm?.configFile).toBe('/etc/fpm.conf');
  });

  it('is nothing, where it shows it or is a worker', () => {
    for (const changes of [{ arguments: ['php-fpm'] }, { master: 6 }]) {
      const open = { ...hidden, ...changes };
      expect(fill(open)).toBe(open);
    }
  });

  it('is known to be nothing where its service gives nothing', () => {
    service('ExecStart=/usr/sbin/php-fpm8.2');
    const { warnings, arguments: words, environment } = fill(hidden);
    expect([warnings, words]).toEqual([undefined, ['/usr/sbin/php-fpm8.2']]);
    expect(environment).toEqual(new Map());
  });

  it('is not known without a service, or by one that cannot be followed', () => {
    expect(lost(hidden)).toMatch(/was not found/);
    expect(lost({ ...hidden, unit: null })).toMatch(
      /no service of systemd.*name its stores in \/etc\/sescle\/sescle\.toml/,
    );
    service('ExecStart=/usr/bin/runsvdir');
    expect(lost({ ...hidden, setBy: 33, uid: 33 })).toMatch(/starts another program/);
    service('ExecStart=/usr/sbin/php-fpm8.2\nEnvironmentFile=/etc/gone');
    expect(lost(hidden)).toMatch(/\/etc\/gone \(ENOENT\)/);
    expect(lost({ ...hidden, exe: null })).toMatch(/gone/);
  });

  it('is not known where the service now names another configuration', () => {
    service('ExecStart=/usr/sbin/php-fpm8.2 -y /etc/new.conf');
    expect(lost(hidden)).toMatch(/another configuration/);
    service('ExecStart=/usr/sbin/php-fpm8.2 -y etc/fpm.conf');
    const { warnings, arguments: words } = fill(hidden);
    expect([warnings, words?.slice(1)]).toEqual([undefined, ['-y', 'etc/fpm.conf']]);
  });

  it('of lsphp are its arguments only', () => {
    service('Environment=A=unit\nExecStart=/usr/bin/lsphp -c /x');
    const environment = new Map([['A', 'own']]);
    const lsphp = { ...hidden, sapi: 'litespeed' as const, exe: '/usr/bin/lsphp', environment };
    const filled = fill({ ...lsphp, title: null });
    expect(filled).toMatchObject({ arguments: ['/usr/bin/lsphp', '-c', '/x'], environment });
  });
});

describe('what a process in a container hides', () => {
  const id = '0123456789abcdef'.repeat(4);
  const contained = { ...hidden, unit: null, container: id, root: null };
  const start = (...args: string[]) =>
    writeTree(
      {
        [`/run/containerd/io.containerd.runtime.v2.task/moby/${id}/config.json`]: JSON.stringify({
          process: { args, env: ['PHP_INI_SCAN_DIR=/scan', 'PATH=/opt/bin:/bin'] },
        }),
      },
      root,
    );

  it('is what follows its program in what the container was started with', () => {
    start('tini', '--', '/docker-entrypoint.sh', 'php-fpm8.2', '-F', '-d', 'a=b');
    const known = ['php-fpm8.2', '-F', '-d', 'a=b'];
    expect(fill(contained)).toMatchObject({
      arguments: known,
      environment: new Map([
        ['PHP_INI_SCAN_DIR', '/scan'],
        ['PATH', '/opt/bin:/bin'],
      ]),
      setBy: 0,
    });
    // A user may call a control group what he likes.
    expect(fill({ ...contained, setBy: 33 })).toMatchObject({ arguments: known, setBy: 33 });
  });

  it('may have its program by a link in the container', () => {
    start('docker-php-entrypoint', 'php-fpm', '-n');
    expect(lost(contained)).toMatch(/a script or a shell/);
    const inside = { ...contained, root: join(root, 'inside') };
    writeTree(
      { '/usr/sbin/php-fpm8.2': '', '/opt/bin/php-fpm': '-> /usr/sbin/php-fpm8.2' },
      inside.root,
    );
    expect(fill(inside).arguments).toEqual(['php-fpm', '-n']);
  });

  it('is not known where a script, a shell or a supervisor starts it', () => {
    for (const words of [
      ['sh', '-c', 'php-fpm8.2', '-F'],
      ['bash', '-ec', 'exec php-fpm8.2'],
      ['env', 'php-fpm8.2'],
      ['run', 'PHPRC=/x', 'php-fpm8.2'],
      ['php-cgi', '-F'],
      [],
    ]) {
      start(...words);
      expect(lost(contained), words.join(' ')).toMatch(/a script or a shell/);
    }
  });

  it('is what its supervisor starts, by the container’s own files', () => {
    start('/entrypoint.sh', '/usr/bin/supervisord', '-c', '/etc/own.conf');
    expect(lost(contained)).toMatch(/sescle did not read the files/);
    writeTree(
      {
        '/inside/etc/own.conf':
          '[program:fpm]\ncommand=php-fpm8.2 -F -n\nenvironment=PHPRC="/own"\n',
      },
      root,
    );
    const filled = fill({ ...contained, root: join(root, 'inside') });
    expect(filled.arguments).toEqual(['php-fpm8.2', '-F', '-n']);
    expect(filled.environment?.get('PHPRC')).toBe('/own');
    expect(filled.environment?.get('PHP_INI_SCAN_DIR')).toBe('/scan');
  });

  it('is never that of a service of ours', () => {
    writeTree(
      { '/lib/systemd/system/fpm.service': '[Service]\nExecStart=/usr/sbin/php-fpm8.2\n' },
      root,
    );
    expect(lost({ ...contained, unit: 'fpm.service' })).toMatch(
      /that started its container 0123456789ab was not found/,
    );
  });
});
