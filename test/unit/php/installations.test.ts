/**
 * Which PHPs a tree holds, by the layouts of those who package it.
 */
import { describe, expect, it } from 'vitest';
import { findInstallations } from '../../../lib/php/installations.js';
import type { Installation } from '../../../lib/php/installed/installation.js';
import { installationsByTable } from '../../../lib/php/installed/layout-table.js';
import { phpProgram } from '../../support/php-program.js';
import { layouts } from '../stores/layouts.js';
import { treeOf } from './trees.js';

function found(files: Record<string, string | null>): Installation[] {
  return findInstallations(treeOf(files)).installations;
}

function labels(files: Record<string, string | null>): string[] {
  return found(files).map(({ label }) => label);
}

describe('a PHP', () => {
  for (const [file, expected] of [
    [
      '/etc/php/8.2/cli/php.ini',
      {
        label: 'php8.2-cli',
        sapi: 'cli',
        sapiName: 'cli',
        version: '8.2',
        searchDirs: ['/etc/php/8.2/cli'],
        scanPath: '/etc/php/8.2/cli/conf.d',
        fpmFile: null,
        interpreter: '/usr/bin/php8.2',
        packager: 'debian',
      },
    ],
    [
      '/etc/php/8.2/apache2/php.ini',
      { label: 'php8.2-apache2', sapi: 'apache2', sapiName: 'apache2handler' },
    ],
    ['/etc/php/8.2/cgi/php.ini', { label: 'php8.2-cgi', sapi: 'cgi', sapiName: 'cgi-fcgi' }],
    ['/etc/php/8.2/fpm/x', { label: 'php8.2-fpm', fpmFile: '/etc/php/8.2/fpm/php-fpm.conf' }],
    [
      '/etc/php.ini',
      {
        label: 'php-cli',
        version: null,
        searchDirs: ['/etc'],
        scanPath: '/etc/php.d',
        interpreter: '/usr/bin/php',
        packager: 'upstream',
      },
    ],
    [
      '/etc/opt/remi/php82/php.ini',
      {
        label: 'php82-cli',
        version: '8.2',
        scanPath: '/etc/opt/remi/php82/php.d',
        interpreter: '/opt/remi/php82/root/usr/bin/php',
      },
    ],
    [
      '/etc/php83/php.ini',
      { label: 'php83-cli', scanPath: '/etc/php83/conf.d', interpreter: '/usr/bin/php83' },
    ],
    [
      '/usr/local/etc/php/conf.d/x.ini',
      {
        label: 'php-cli',
        searchDirs: ['/usr/local/etc/php'],
        scanPath: '/usr/local/etc/php/conf.d',
        interpreter: '/usr/local/bin/php',
      },
    ],
    [
      '/opt/cpanel/ea-php74/root/etc/php.ini',
      {
        label: 'ea-php74-cli',
        version: '7.4',
        scanPath: '/opt/cpanel/ea-php74/root/etc/php.d',
        interpreter: '/opt/cpanel/ea-php74/root/usr/bin/php',
      },
    ],
    [
      '/opt/alt/php56/etc/php.ini',
      {
        label: 'alt-php56-cli',
        version: '5.6',
        scanPath: '/opt/alt/php56/link/conf:/opt/alt/php56/etc/php.d',
        interpreter: '/opt/alt/php56/usr/bin/php',
      },
    ],
    [
      '/opt/plesk/php/8.10/etc/php.ini',
      { label: 'plesk-php8.10-cli', version: '8.10', interpreter: '/opt/plesk/php/8.10/bin/php' },
    ],
    [
      '/usr/local/lsws/lsphp82/etc/php/8.2/litespeed/php.ini',
      {
        label: 'lsphp82-litespeed',
        sapi: 'litespeed',
        sapiName: 'litespeed',
        searchDirs: ['/usr/local/lsws/lsphp82/etc/php/8.2/litespeed'],
        scanPath: '/usr/local/lsws/lsphp82/etc/php/8.2/mods-available',
        interpreter: '/usr/local/lsws/lsphp82/bin/php',
      },
    ],
    [
      '/usr/local/lsws/lsphp74/etc/php.ini',
      {
        label: 'lsphp74-litespeed',
        searchDirs: ['/usr/local/lsws/lsphp74/etc'],
        scanPath: '/usr/local/lsws/lsphp74/etc/php.d',
      },
    ],
  ] as const) {
    it(`is found by ${file}`, () => {
      expect(found({ [file]: '' })).toEqual([expect.objectContaining(expected)]);
    });
  }

  for (const file of [
    '/etc/phpmyadmin/php.ini',
    '/etc/php82/readme',
    '/opt/alt/python38/etc/php.ini',
  ]) {
    it(`is nowhere by ${file}`, () => {
      expect(labels({ [file]: '' })).toEqual([]);
    });
  }

  for (const file of [
    '/etc/php/8/cli/php.ini',
    '/etc/php/8.2.bak/cli/php.ini',
    '/etc/php/8.2/old/php.ini',
    '/etc/phpmyadmin/php.ini',
    '/etc/php82/readme',
    '/opt/cpanel/ea-php-cli/root/etc/php.ini',
    '/opt/alt/python38/etc/php.ini',
    '/opt/plesk/php/fpm/etc/php.ini',
    '/usr/local/lsws/lsphp/etc/php.ini',
    '/usr/local/lsws/lsphp82/etc/php/8.1/litespeed/php.ini',
  ]) {
    it(`is in no row of the table by ${file}`, () => {
      expect(installationsByTable(treeOf({ [file]: '' }))).toEqual([]);
    });
  }

  it('has an FPM beside its command line where there is a php-fpm.conf, with or without a php.ini', () => {
    expect(labels({ '/etc/php-fpm.conf': '' })).toEqual(['php-cli', 'php-fpm']);
    expect(labels({ '/etc/php.ini': '', '/etc/php-fpm.conf': '' })).toEqual(['php-cli', 'php-fpm']);
    expect(found({ '/usr/local/etc/php-fpm.conf': '' })[1]).toMatchObject({
      sapi: 'fpm',
      sapiName: 'fpm-fcgi',
      fpmFile: '/usr/local/etc/php-fpm.conf',
    });
  });

  it('is told of by its package, not by what other programs have of it', () => {
    const list = [
      '/usr/lib/tmpfiles.d/php8.2-fpm.conf',
      '/etc/apache2/conf-available/php-fpm.conf',
      '/usr/share/doc/php/php.ini',
      '/srv/p/php-fpm.conf',
      '/srv/gone/php-fpm.conf',
    ];
    const files = Object.fromEntries(list.slice(0, 4).map((file) => [file, '']));
    const lists = {
      '/var/lib/dpkg/info/php8.2-fpm.list': `/.\n${list.join('\n')}\n`,
      '/var/lib/dpkg/info/phpmyadmin.list': '/etc/phpmyadmin/php.ini\n',
      '/etc/phpmyadmin/php.ini': '',
    };
    expect(found({ ...files, ...lists }).map(({ fpmFile }) => fpmFile)).toEqual([
      '/srv/p/php-fpm.conf',
    ]);
    const portage = 'obj /srv/q/php.ini 0123456789abcdef0123456789abcdef 1\ndir /srv\n';
    const apk = 'P:php83\nF:srv/r\nR:php.ini\nP:other\nF:srv/r\nR:x\n';
    expect(
      found({
        '/var/db/pkg/dev-lang/php-8.3.1/CONTENTS': portage,
        '/lib/apk/db/installed': apk,
        '/srv/q/php.ini': '',
        '/srv/r/php.ini': '',
      }).map(({ searchDirs }) => searchDirs),
    ).toEqual([['/srv/r'], ['/srv/q']]);
  });

  it('is one with a copy of its program, whatever that is called', () => {
    const cgi = phpProgram({
      sapi: 'cgi',
      ini: '/etc/php/8.2/cgi',
      scan: '/etc/php/8.2/cgi/conf.d',
      prefix: '/usr',
    });
    const all = found({
      '/etc/php/8.2/cgi/php.ini': '',
      '/usr/bin/php-cgi8.2': cgi,
      '/usr/lib/cgi-bin/php8.2': cgi,
      '/usr/bin/php-cgi': '-> /usr/bin/php-cgi8.2',
      '/var/lib/dpkg/info/php8.2-cgi.list': '/usr/lib/cgi-bin/php8.2\n',
    });
    expect(all).toMatchObject([
      { label: 'php8.2-cgi', programs: ['/usr/bin/php-cgi8.2', '/usr/lib/cgi-bin/php8.2'] },
    ]);
  });

  it('is found through links', () => {
    expect(labels({ '/etc/php': '-> /opt/etc', '/opt/etc/8.2/cli/php.ini': '' })).toEqual([
      'php8.2-cli',
    ]);
  });
});

it('all layouts at once are found in their order', () => {
  const files = Object.assign(
    {},
    ...layouts.map((layout) => ({ ...layout.files, '/opt/alt/php82/link/conf': null })),
  );
  const all = found(files);
  expect(all.map(({ label }) => label)).toEqual([
    'php7.4-cli',
    'php8.2-cli',
    'php8.2-cgi',
    'php8.2-fpm',
    'php8.2-apache2',
    'php8.3-cli',
    'php-cli',
    'php-fpm',
    'php82-cli',
    'php82-fpm',
    'php8.2-fpm',
    'php-cli',
    'php-fpm',
    'php-legacy-cli',
    'php-legacy-fpm',
    'php8-fpm',
    'php83-cli',
    'php83-fpm',
    'php-cli',
    'php-fpm',
    'ea-php82-cli',
    'ea-php82-fpm',
    'alt-php82-cli',
    'plesk-php8.2-cli',
    'plesk-php8.2-fpm',
    'php82-cli',
    'php82-fpm',
    'php82-cli',
    'php82-fpm',
    'bitnami-php-cli',
    'bitnami-php-fpm',
    'lsphp82-litespeed',
    'lsphp74-litespeed',
  ]);
});
