import { describe, expect, it } from 'vitest';
import { apacheArguments, phpArguments } from '../../../../lib/php/processes/arguments.js';

describe('a program’s arguments', () => {
  it('give FPM its configuration and prefix', () => {
    expect(phpArguments('fpm', ['-F', '-y/etc/fpm.conf', '-p', '/srv', '-n', '-R'])).toEqual({
      iniPath: null,
      noIni: true,
      defines: [],
      fpmConfig: '/etc/fpm.conf',
      fpmPrefix: '/srv',
    });
  });

  it('count the last -c and every -d', () => {
    const read = phpArguments('cli', ['-c', '/a', '-da=1', '-c', '/b', '-d', 'a=2', 'x.php']);
    expect(read).toMatchObject({ iniPath: '/b', defines: ['a=1', 'a=2'], noIni: false });
  });

  it('are looked at by lsphp by their first letter only', () => {
    const read = phpArguments('litespeed', [
      '-b',
      '-c',
      '-cx',
      '/etc/php',
      '-n',
      'x.php',
      '-c',
      'y',
    ]);
    expect(read).toMatchObject({ iniPath: '/etc/php', noIni: true, defines: [] });
  });

  it('give Apache its configuration, root, names and directives', () => {
    const read = apacheArguments([
      ...['-k', 'start', '-f', 'conf/a.conf', '-d/etc/apache2', '-DSSL', '-D', 'PHP'],
      ...['-C', 'Define A 1', '-c', 'Include /x', '-e', '-D', '-E', '/log', '-XDLAST'],
    ]);
    expect(read).toEqual({
      configFile: 'conf/a.conf',
      serverRoot: '/etc/apache2',
      defines: ['SSL', 'PHP', 'LAST'],
      directivesBefore: ['Define A 1'],
      directivesAfter: ['Include /x'],
    });
  });
});
