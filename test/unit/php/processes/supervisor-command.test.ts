import { beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import {
  supervisedCommand,
  supervisorAt,
} from '../../../../lib/php/processes/supervisor-command.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../trees.js';

let root: string;
beforeEach(() => {
  root = tempDir();
});

const main = '/etc/supervisor/supervisord.conf';
const command = (...words: string[]) =>
  supervisedCommand(
    new FileTree(root),
    { words, environment: new Map([['A', 'own']]), setBy: 0 },
    (word) => word === 'php-fpm' || word === '/usr/sbin/php-fpm',
  );

describe('what supervisord starts', () => {
  it('is the command of the one section that names the program, with its environment', () => {
    writeTree(
      {
        [main]:
          '[supervisord]\nenvironment = B="b, c",C=\'d\' ; comment\n[include]\nfiles = conf.d/*.conf\n  /srv/one.ini /srv/none.ini\n',
        '/etc/supervisor/conf.d/fpm.conf':
          '; comment\n[program:fpm]\ncommand=php-fpm -F\n  -d "a=b c"\nenvironment=C=e,\n D=f\n',
        '/etc/supervisor/conf.d/fpm.disabled': '[program:other]\ncommand=php-fpm -n\n',
        '/srv/one.ini': '[program:nginx]\nCommand : nginx -g "daemon off;"\n',
      },
      root,
    );
    expect(command('-n')).toEqual({
      arguments: ['php-fpm', '-F', '-d', 'a=b c'],
      environment: new Map([
        ['A', 'own'],
        ['B', 'b, c'],
        ['C', 'e'],
        ['D', 'f'],
      ]),
      setBy: 0,
    });
  });

  it('is by the configuration that it was given', () => {
    writeTree(
      {
        '/etc/supervisord.conf': '[program:fpm]\ncommand=php-fpm -a\n',
        '/srv/x': '[program:fpm]\ncommand=/usr/sbin/php-fpm -b\n',
      },
      root,
    );
    expect(command()).toMatchObject({ arguments: ['php-fpm', '-a'] });
    for (const words of [['-n', '-c', '/srv/x'], ['-c/srv/x'], ['--configuration=/srv/x']])
      expect(command(...words)).toMatchObject({ arguments: ['/usr/sbin/php-fpm', '-b'] });
    expect(command('-c', 'x')).toMatchObject({ reason: expect.stringMatching(/is unknown/) });
    writeTree({ [main]: '' }, root);
    expect(command()).toMatchObject({ reason: expect.stringMatching(/is unknown/) });
  });

  it('is not known where it is not understood, or not the only one', () => {
    for (const text of [
      '',
      '[program:fpm]\ncommand=sh -c php-fpm\n',
      '[program:fpm]\ncommand=php-fpm %(ENV_OPTIONS)s\n',
      '[program:fpm]\ncommand=php-fpm a\\ b\n',
      '[program:fpm]\ncommand=php-fpm\nenvironment=A="%(ENV_B)s"\n',
      '[program:fpm]\ncommand=php-fpm\nenvironment=A B\n',
      '[program:a]\ncommand=php-fpm\n[fcgi-program:b]\ncommand=php-fpm\n',
      '[program:fpm]\ncommand=php-fpm\n[include]\nfiles=/etc/*/x.conf\n',
      '[program:fpm]\ncommand=php-fpm\n[include]\nfiles=%(here)s/x.conf\n',
    ]) {
      writeTree({ [main]: text }, root);
      expect(command(), text).toHaveProperty('reason');
    }
  });

  it('is asked for where it is what is started', () => {
    expect(supervisorAt(['/entry', '/usr/bin/supervisord', '-n'])).toBe(1);
    expect(supervisorAt(['php-fpm', '-d', 'a=supervisord'])).toBe(-1);
  });
});
