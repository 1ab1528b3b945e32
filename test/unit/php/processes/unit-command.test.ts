import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { PhpProcess } from '../../../../lib/php/processes/process.js';
import { processSettings } from '../../../../lib/php/processes/settings.js';
import { startCommandOf, withStartCommand } from '../../../../lib/php/processes/unit-command.js';
import { tempDir } from '../../../support/temp-dir.js';

let root: string;
beforeEach(() => {
  root = tempDir();
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const unitFile = '/lib/systemd/system/fpm.service';
const command = (unit = 'fpm.service') => startCommandOf(new FileTree(root), unit);

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

describe('a service’s command', () => {
  it('is that of its unit, with quotes, continued lines and its environment', () => {
    write(
      unitFile,
      '[Unit]\nExecStart=/no\n[Service]\nType=notify\nEnvironment="A=b c" D=%%\n' +
        "  # ExecStart=/no\nExecStart=-/usr/sbin/php-fpm8.2 -F \\\n; comment\n  -d \"a='b'\" -c'/x y'\n",
    );
    expect(command()).toEqual({
      arguments: ['/usr/sbin/php-fpm8.2', '-F', '-d', "a='b'", '-c/x y'],
      environment: new Map([
        ['A', 'b c'],
        ['D', '%'],
      ]),
      setBy: 0,
    });
  });

  it('is overridden by what is dropped in, which may begin anew', () => {
    write(unitFile, '[Service]\nExecStart=/usr/sbin/php-fpm8.2\nEnvironment=A=1\n');
    write('/etc/systemd/system/fpm.service.d/b.conf', '[Service]\nExecStart=\nExecStart=/b -n\n');
    write('/lib/systemd/system/fpm.service.d/a.conf', '[Service]\nEnvironment=B=2\n');
    write('/lib/systemd/system/fpm.service.d/b.conf', '[Service]\nExecStart=/c\n');
    expect(command()).toMatchObject({ arguments: ['/b', '-n'] });
    expect([...(command()?.environment ?? [])].flat()).toEqual(['A', '1', 'B', '2']);
    write('/etc/systemd/system/fpm.service', '[Service]\nExecStart=/own\n');
    expect([...(command()?.environment ?? [])].flat()).toEqual(['B', '2']);
  });

  it('is a template’s for its instances', () => {
    write('/lib/systemd/system/fpm@.service', '[Service]\nExecStart=/x\n');
    expect(command('fpm@shop.service')?.arguments).toEqual(['/x']);
  });

  it('is not known where it is not understood whole', () => {
    for (const line of [
      'ExecStart=/x $OPTIONS',
      'ExecStart=/x -c %i',
      'ExecStart=/x "a',
      'ExecStart=/x a\\x20b',
      'ExecStart=@/x y',
      'ExecStart=/x\nExecStart=/y',
      'ExecStart=/x\nEnvironmentFile=-/etc/default/x',
      'ExecStart=/x\nRootDirectory=/srv',
      'Type=notify',
    ]) {
      write(unitFile, `[Service]\n${line}\n`);
      expect(command(), line).toBeNull();
    }
    expect(command('missing.service')).toBeNull();
  });

  it('is what a process hides, if it is the program that runs', () => {
    const unit =
      '[Service]\nEnvironment=PHPRC=/rc\nExecStart=/usr/sbin/php-fpm -c /x -dsession.gc_maxlifetime=9\n';
    write(unitFile, unit);
    const fill = (process: PhpProcess) => withStartCommand(process, new FileTree(root));
    expect(fill(hidden)).toBe(hidden);
    write('/usr/sbin/php-fpm8.2', '');
    symlinkSync('php-fpm8.2', join(root, '/usr/sbin/php-fpm'));
    const { settings, iniOptions, fpm } = processSettings(fill(hidden));
    expect(iniOptions).toMatchObject({ path: '/x', phprc: '/rc' });
    expect(settings.get('session.gc_maxlifetime')).toMatchObject({ value: '9', setBy: 0 });
    expect(fpm?.configFile).toBe('/etc/fpm.conf');
    const open = { ...hidden, arguments: ['php-fpm'] };
    expect(fill(open)).toBe(open);
    const elsewhere = { ...hidden, unit: null };
    expect(fill(elsewhere)).toBe(elsewhere);
  });
});
