// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of PHP's, not templates
/**
 * Which ini files count, which value is the last, and where it came from. (Hundreds of random
 * configurations are compared with PHP itself in test/php/ini-files.test.ts.)
 */
import { chmodSync, chownSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileTree } from '../../../../lib/php/file-tree.js';
import {
  defineText,
  type IniFilesOptions,
  readIniFiles,
} from '../../../../lib/php/ini/ini-files.js';
import { describeSource } from '../../../../lib/php/provenance.js';
import { isRoot, treeOf } from '../trees.js';

function read(tree: FileTree, options: Partial<IniFilesOptions> = {}) {
  return readIniFiles(tree, {
    sapiName: 'fpm-fcgi',
    searchDirs: ['/usr/bin', '/etc/php'],
    scanPath: '/etc/php/conf.d',
    ...options,
  });
}

function summary({ settings }: ReturnType<typeof read>): Record<string, string> {
  return Object.fromEntries(
    Array.from(settings, ([name, { value, source }]) => [
      name,
      `${value} (${describeSource(source)})`,
    ]),
  );
}

describe('readIniFiles', () => {
  it('takes the last value, in the order of main file, scan directory and -d, with its line', () => {
    const tree = treeOf({
      'etc/php/php.ini': '; main\nsession.save_path = /main\nsession.gc_maxlifetime = 1\n',
      'etc/php/conf.d/20-b.ini': 'session.gc_maxlifetime = 2\nsession.gc_divisor=9',
      'etc/php/conf.d/10-a.ini': '\nsession.gc_maxlifetime = 3\nsession.save_path=/a\n',
      'etc/php/conf.d/30-c.ini.dpkg-old': 'session.save_path = /old\n',
    });
    const configuration = read(tree, {
      defines: { text: defineText('session.gc_divisor=10'), source: { kind: 'process', pid: 7 } },
    });
    expect(summary(configuration)).toEqual({
      'session.save_path': '/a (/etc/php/conf.d/10-a.ini:3)',
      'session.gc_maxlifetime': '2 (/etc/php/conf.d/20-b.ini:1)',
      'session.gc_divisor': '10 (/proc/7)',
    });
    expect(configuration.files.map((file) => file.path)).toEqual([
      '/etc/php/php.ini',
      '/etc/php/conf.d/10-a.ini',
      '/etc/php/conf.d/20-b.ini',
    ]);
    expect(configuration.warnings).toEqual([]);
  });

  it('prefers php-SAPI.ini in any directory to php.ini in an earlier one', () => {
    const tree = treeOf({
      'usr/bin/php.ini': 'session.save_path=/wrong',
      'etc/php/php-fpm-fcgi.ini': 'session.save_path=/right',
    });
    expect(summary(read(tree))['session.save_path']).toBe('/right (/etc/php/php-fpm-fcgi.ini:1)');
    expect(summary(read(tree, { sapiName: 'cli' }))['session.save_path']).toContain('/wrong');
  });

  it('looks where PHPRC, -c and PHP_INI_SCAN_DIR say, and nowhere with -n', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'session.save_path=/compiled-in',
      'etc/php/conf.d/x.ini': 'session.gc_divisor=1',
      'srv/rc/php.ini': 'session.save_path=/rc',
      'srv/rc/any': 'session.save_path=/any',
      'srv/conf.d/x.ini': 'session.gc_divisor=2',
    });
    const values = (options: Partial<IniFilesOptions>) =>
      Array.from(read(tree, options).settings, ([, { value }]) => value);
    const environment = (...pairs: [string, string][]) => ({ environment: new Map(pairs) });
    expect(values(environment(['PHPRC', '/srv/rc']))).toEqual(['/rc', '1']);
    expect(values(environment(['PHPRC', '/srv/rc/any']))).toEqual(['/any', '1']);
    expect(values(environment(['PHPRC', '/missing']))).toEqual(['/compiled-in', '1']);
    expect(values({ override: '/missing' })).toEqual(['1']);
    expect(values({ override: '/srv/rc' })).toEqual(['/rc', '1']);
    expect(values(environment(['PHP_INI_SCAN_DIR', ':/srv/conf.d']))).toEqual([
      '/compiled-in',
      '2',
    ]);
    expect(values(environment(['PHP_INI_SCAN_DIR', '/srv/conf.d:']))).toEqual([
      '/compiled-in',
      '1',
    ]);
    expect(values(environment(['PHP_INI_SCAN_DIR', '']))).toEqual(['/compiled-in']);
    expect(values({ ignoreFiles: true })).toEqual([]);
    expect(values({ ignoreFiles: true, override: '/srv/rc/any' })).toEqual(['/any']);
  });

  it('knows variables from earlier directives and from the environment it was given only', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'base=/srv\nsession.save_path=${base}/${SITE}${HOME}\n',
      'etc/php/conf.d/a.ini': 'sys_temp_dir=${cfg_file_path}\n',
    });
    const { settings } = read(tree, { environment: new Map([['SITE', 'shop']]) });
    expect(settings.get('session.save_path')?.value).toBe('/srv/shop');
    expect(settings.get('sys_temp_dir')?.value).toBe('/etc/php/php.ini');
  });

  it('keeps what holds for a path or a host apart, up to the end of the file as PHP does', () => {
    const tree = treeOf({
      'etc/php/php.ini':
        'session.save_path=/all\n[PATH=/srv/a/]\nsession.save_path=/a\n[Session]\n' +
        'session.gc_divisor=2\n[HOST = Shop.Example]\nsession.save_path=/shop\n',
      'etc/php/conf.d/a.ini': 'session.gc_divisor=3\n',
    });
    const { settings, overrides } = read(tree);
    expect(Array.from(settings, ([, { value }]) => value)).toEqual(['/all', '3']);
    expect(
      overrides.map(({ kind, key, settings }) => [
        kind,
        key,
        Array.from(settings, ([, { value, source }]) => `${value} ${describeSource(source)}`),
      ]),
    ).toEqual([
      ['PATH', '/srv/a', ['/a /etc/php/php.ini:3', '2 /etc/php/php.ini:5']],
      ['HOST', 'shop.example', ['/shop /etc/php/php.ini:7']],
    ]);
  });

  it('lists the extensions and the settings of .user.ini', () => {
    const tree = treeOf({
      'etc/php/php.ini':
        'extension_dir=/opt/x\nEXTENSION=redis\nzend_extension=/opt/o.so\nuser_ini.filename=\n' +
        'user_ini.cache_ttl=60\n[PATH=/srv]\nextension=not-loaded\n',
    });
    const { extensions, extensionDir, userIniFilename, userIniCacheTtl } = read(tree);
    expect(extensions.map(({ name, isZend }) => [name, isZend])).toEqual([
      ['redis', false],
      ['/opt/o.so', true],
    ]);
    expect(
      [extensionDir, userIniFilename, userIniCacheTtl].map((setting) => setting?.value),
    ).toEqual(['/opt/x', '', '60']);
  });

  it('leaves out what PHP cannot take, and says so', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'session.save_handler=User\nsession.save_path[]=/x\nsession.gc_divisor=5',
    });
    const { settings, warnings } = read(tree);
    expect([...settings.keys()]).toEqual(['session.gc_divisor']);
    expect(warnings.map(({ message }) => message)).toEqual([
      'session.save_handler cannot be User in an ini file: PHP keeps its default',
      'session.save_path is an array here, which crashes PHP',
    ]);
  });

  it('warns of faults, binaries, huge files, devices and relative paths, and reads the rest', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'session.save_path=/main\n(',
      'etc/php/conf.d/1.ini': `${'\0\xff'.repeat(1000)}\n`,
      'etc/php/conf.d/2.ini': '',
      'etc/php/conf.d/4.ini': 'session.gc_divisor=4',
    });
    truncateSync(path.join(tree.hostRoot, 'etc/php/conf.d/2.ini'), 2 ** 24 + 1);
    symlinkSync('/dev/zero', path.join(tree.hostRoot, 'etc/php/conf.d/3.ini'));
    mkdirSync(path.join(tree.hostRoot, 'etc/php/conf.d/5.ini'));
    const { settings, warnings } = read(tree, {
      environment: new Map([['PHP_INI_SCAN_DIR', ':conf.d']]),
    });
    expect(Array.from(settings, ([, { value }]) => value)).toEqual(['/main', '4']);
    expect(
      warnings.map(({ message, source, hides }) => {
        const where = source?.kind === 'file' ? `${source.file}:${source.line}` : '?';
        return `${where}: ${message}${hides === undefined ? '' : ` (hides ${hides})`}`;
      }),
    ).toEqual([
      '/etc/php/conf.d/3.ini:0: is a dangling link: its settings are unknown. Remove the link if it is not needed (hides 0)',
      'conf.d:0: a relative path: PHP looks in the directory that it was started in (hides 0)',
      "/etc/php/php.ini:2: syntax error, unexpected '(': what follows in this file is ignored by PHP (hides 0)",
      '/etc/php/conf.d/1.ini:0: contains NUL bytes: this does not look like a text file',
      '/etc/php/conf.d/2.ini:0: cannot be read: larger than 16 MiB; its settings are unknown (hides 0)',
    ]);
  });

  it.skipIf(!isRoot)('says who could have written each value', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'session.save_path=/main\n',
      'etc/php/conf.d/a.ini': 'session.gc_divisor=4\n',
    });
    chownSync(path.join(tree.hostRoot, 'etc/php/conf.d/a.ini'), 1000, 1000);
    chmodSync(path.join(tree.hostRoot, 'etc/php/conf.d'), 0o1777);
    const setBy = (options?: Partial<IniFilesOptions>) =>
      Array.from(read(tree, options).settings, ([, setting]) => setting.setBy);
    expect(setBy()).toEqual([0, 1000]);
    expect(setBy({ setBy: 1000 })).toEqual([1000, 1000]);
    expect(setBy({ setBy: 1001 })).toEqual([1001, null]);
    // Nobody may replace a file there, but anyone may add one.
    const { lookedAt } = read(tree);
    expect(lookedAt.find((place) => place.path === '/etc/php/conf.d')?.setBy).toBe(null);
    expect(lookedAt.find((place) => place.path === '/usr/bin/php.ini')?.setBy).toBe(0);
  });
});

describe('defineText', () => {
  it.each([
    ['session.auto_start', 'session.auto_start=1\n'],
    ['a=1', 'a=1\n'],
    ['a=', 'a=\n'],
    ['a="x"', 'a="x"\n'],
    ['session.save_path=/x;y', 'session.save_path="/x;y"\n'],
    ['session.save_path=2;/x', 'session.save_path=2;/x\n'],
  ])('makes of -d %s what PHP makes of it', (option, text) => {
    expect(defineText(option)).toBe(text);
  });
});
