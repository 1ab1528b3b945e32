import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree, Unreadable } from '../../../../lib/php/file-tree.js';
import { startCommandOf } from '../../../../lib/php/processes/unit-command.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

let root: string;
beforeEach(() => {
  root = tempDir();
});

const unitFile = '/lib/systemd/system/fpm.service';
const command = (unit = 'fpm.service') => startCommandOf(new FileTree(root), unit);
const known = (unit?: string) => {
  const found = command(unit);
  if (found instanceof Unreadable) throw new Error(found.reason);
  return found;
};

describe('a service’s command', () => {
  it('is that of its unit, with quotes, continued lines and its environment', () => {
    writeTree(
      {
        [unitFile]:
          '[Unit]\nExecStart=/no\n[Service]\nType=notify\nEnvironment="A=b c" D=%%\n' +
          "  # ExecStart=/no\nExecStart=-/usr/sbin/php-fpm8.2 -F \\\n; comment\n  -d \"a='b'\" -c'/x y'\n",
      },
      root,
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
    writeTree(
      {
        [unitFile]: '[Service]\nExecStart=/usr/sbin/php-fpm8.2\nEnvironment=A=1\n',
        '/etc/systemd/system/fpm.service.d/b.conf': '[Service]\nExecStart=\nExecStart=/b -n\n',
        '/lib/systemd/system/fpm.service.d/a.conf': '[Service]\nEnvironment=B=2\n',
        '/lib/systemd/system/fpm.service.d/b.conf': '[Service]\nExecStart=/c\n',
      },
      root,
    );
    expect(known().arguments).toEqual(['/b', '-n']);
    expect([...known().environment].flat()).toEqual(['A', '1', 'B', '2']);
    writeTree({ '/etc/systemd/system/fpm.service': '[Service]\nExecStart=/own\n' }, root);
    expect([...known().environment].flat()).toEqual(['B', '2']);
    writeTree({ '/run/systemd/transient/fpm.service': '[Service]\nExecStart=/transient\n' }, root);
    expect(known().arguments).toEqual(['/b', '-n']);
  });

  it('is a template’s for its instances', () => {
    writeTree({ '/lib/systemd/system/fpm@.service': '[Service]\nExecStart=/x\n' }, root);
    expect(known('fpm@shop.service').arguments).toEqual(['/x']);
  });

  it('is told by what is dropped in for all services, or for those of a prefix', () => {
    writeTree(
      {
        '/lib/systemd/system/php-fpm.service': '[Service]\nExecStart=/x\n',
        '/etc/systemd/system/service.d/a.conf': '[Service]\nEnvironment=A=1\n',
        '/etc/systemd/system/php-.service.d/b.conf': '[Service]\nEnvironment=B=2\n',
        '/etc/systemd/system/ph-.service.d/b.conf': '[Service]\nEnvironment=C=3\n',
      },
      root,
    );
    expect([...known('php-fpm.service').environment].flat()).toEqual(['A', '1', 'B', '2']);
  });

  it('has the names of its unit in it', () => {
    writeTree(
      {
        '/lib/systemd/system/fpm@.service':
          '[Service]\nEnvironment=I=%I\nExecStart=/x %n %N %p "%i" -d%%a\n',
      },
      root,
    );
    const { arguments: words, environment } = known('fpm@a-b.service');
    expect(words).toEqual(['/x', 'fpm@a-b.service', 'fpm@a-b', 'fpm', 'a-b', '-d%a']);
    expect(environment.get('I')).toBe('a/b');
    writeTree({ [unitFile]: '[Service]\nExecStart=/x %N %p [%i]\n' }, root);
    expect(known().arguments).toEqual(['/x', 'fpm', 'fpm', '[]']);
  });

  it('has its variables in it, and those of its files', () => {
    writeTree(
      {
        [unitFile]:
          '[Service]\nEnvironment=A=unit B=unit\nEnvironmentFile=-/etc/default/none\n' +
          'EnvironmentFile=-/etc/sysconfig/%p\nEnvironmentFile=/etc/more\n' +
          'ExecStart=/x $OPTIONS -d\x24{A}\x24{B}=$$ $NONE "$SPACED" $$OPTIONS\n',
        '/etc/sysconfig/fpm':
          "# comment\n; another\n\nOPTIONS=\"-d x='1 2' -n\"\nA=file\nSPACED='a  b'\n",
        '/etc/more': 'B = more\n',
      },
      root,
    );
    expect(command()).toBeInstanceOf(Unreadable);
    writeTree({ '/etc/more': 'B= more \nEMPTY=\n' }, root);
    const { arguments: words, environment } = known();
    const own = ['-dfilemore=$', 'a', 'b', '$OPTIONS'];
    expect(words).toEqual(['/x', '-d', 'x=1 2', '-n', ...own]);
    expect([...environment].map((pair) => pair.join('='))).toEqual([
      'A=file',
      'B=more',
      "OPTIONS=-d x='1 2' -n",
      'SPACED=a  b',
      'EMPTY=',
    ]);
    chmodSync(join(root, '/etc/more'), 0o666);
    expect(known().setBy).toBeNull();
  });

  it('is not known where it is not understood whole', () => {
    for (const line of [
      'ExecStart=/x $HOME',
      'ExecStart=/x -d\x24{RUNTIME_DIRECTORY}',
      'ExecStart=/x -d$OPTIONS',
      'ExecStart=$X /x',
      'ExecStart=/x -c %h',
      'ExecStart=/x %',
      'ExecStart=|/x y',
      'ExecStart=/x ; /y',
      'ExecStart=/x\nEnvironment=A=%h',
      'ExecStart=/x\nPassEnvironment=PHPRC',
      'ExecStart=/x\nUnsetEnvironment=PHPRC',
      'ExecStart=/x $A\nEnvironment="A=\\"b"',
      'ExecStart=/x\nEnvironmentFile=/etc/default/x',
      'ExecStart=/x\nEnvironmentFile=-/etc/*',
      'ExecStart=/x\nEnvironmentFile=-/etc/odd',
      'ExecStart=/x "a',
      'ExecStart=/x a\\x20b',
      'ExecStart=@/x y',
      'ExecStart=/x\nExecStart=/y',
      'ExecStart=/x\nRootDirectory=/srv',
      'Type=notify',
    ]) {
      writeTree({ '/etc/odd': 'A=b\nexport C=d\n', [unitFile]: `[Service]\n${line}\n` }, root);
      expect(command(), line).toBeInstanceOf(Unreadable);
    }
    expect(command('missing.service')).toBeInstanceOf(Unreadable);
    writeTree({ [unitFile]: '[Service]\nExecStart=/x\n' }, root);
    expect(known().arguments).toEqual(['/x']);
    writeTree({ '/etc/systemd/system/fpm.service.d/a.conf': null }, root);
    expect(command()).toMatchObject({ reason: expect.stringMatching(/a\.conf cannot be read/) });
  });

  it('is not known where systemd gives all services variables of its own', () => {
    writeTree(
      {
        [unitFile]: '[Service]\nExecStart=/x\n',
        '/etc/systemd/system.conf': '[Manager]\n#DefaultEnvironment=\n',
      },
      root,
    );
    expect(known().arguments).toEqual(['/x']);
    writeTree(
      { '/etc/systemd/system.conf.d/x.conf': '[Manager]\nDefaultEnvironment=PHPRC=/rc\n' },
      root,
    );
    expect(command()).toBeInstanceOf(Unreadable);
  });
});
