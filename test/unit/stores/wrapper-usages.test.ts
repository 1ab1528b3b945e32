/** PHP that Apache has started by wrappers, by files alone. */
import { chownSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Store } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { type Files, isRoot, writeTree } from '../php/trees.js';
import { only } from './usages.js';

const longer = 'session.gc_maxlifetime = 86400\n';
const alice = 1001;

const base: Files = {
  '/etc/passwd': 'www-data:x:33:33::/var/www:/bin/sh\nalice:x:1001:1001::/home/alice:/bin/sh\n',
  '/etc/php/8.2/cgi/php.ini': 'session.gc_maxlifetime = 1440\n',
  '/usr/bin/php-cgi8.2': '',
  '/usr/bin/php-cgi': '-> /etc/alternatives/php-cgi',
  '/etc/alternatives/php-cgi': '-> /usr/bin/php-cgi8.2',
  '/var/lib/php/sessions': null,
  '/srv/alice': null,
};

const apache = (...lines: string[]): Files => ({
  '/etc/apache2/apache2.conf': [
    'LoadModule fcgid_module /usr/lib/apache2/modules/mod_fcgid.so',
    'User www-data',
    ...lines,
    '',
  ].join('\n'),
});

const host = (...lines: string[]) =>
  apache('<VirtualHost *:80>', 'ServerName a.example', ...lines, '</VirtualHost>');

async function storesOf(files: Files, prepare = (_: string) => {}): Promise<readonly Store[]> {
  const root = writeTree({ ...base, ...files });
  prepare(root);
  const { stores } = await discoverStores({ root: Buffer.from(root) });
  return stores.map((store) => ({ ...store, path: store.path.slice(root.length) }));
}

/** What the files of a user live for; null: they are kept. */
function lifetimeFor(store: Store, uid: number): number | null {
  const { doubt } = store;
  const target = filesTarget(store);
  if (target === null) return null;
  if (doubt !== null && (doubt.users === null || doubt.users.some((user) => user.uid === uid)))
    return null;
  return target.lifetimesByUid.get(uid) ?? target.maxLifetimeSeconds;
}

async function lifetimeOf(files: Files, uid = 33, prepare?: (root: string) => void) {
  const stores = await storesOf(files, prepare);
  return lifetimeFor(only(stores.filter(({ path }) => path === '/var/lib/php/sessions')), uid);
}

const own: Files = { '/etc/php-vhosts/a/php.ini': longer };

describe('FcgidWrapper', () => {
  it('with a PHPRC of FcgidInitialEnv has that php.ini', async () => {
    for (const wrapper of ['/usr/bin/php-cgi8.2', '/usr/bin/php-cgi'])
      expect(
        await lifetimeOf({
          ...own,
          ...host('FcgidInitialEnv PHPRC /etc/php-vhosts/a', `FcgidWrapper ${wrapper} .php`),
        }),
      ).toBe(86_400);
    expect(await lifetimeOf({ ...own, ...host('FcgidWrapper /usr/bin/php-cgi8.2 .php') })).toBe(
      1440,
    );
  });

  it('of the server has the environment of each virtual host', async () => {
    const files = apache(
      'FcgidInitialEnv PHPRC /etc/php-vhosts/b',
      '<Directory /srv>\nFcgidWrapper /usr/bin/php-cgi .php\n</Directory>',
      '<VirtualHost *:80>\nServerName a\nFcgidInitialEnv PHPRC /etc/php-vhosts/a\n</VirtualHost>',
      '<VirtualHost *:80>\nServerName b\n</VirtualHost>',
    );
    const b = { '/etc/php-vhosts/b/php.ini': 'session.save_path = /srv/alice\n' };
    const stores = await storesOf({ ...own, ...b, ...files });
    expect(stores.map((store) => [store.path, lifetimeFor(store, 33)])).toEqual([
      ['/var/lib/php/sessions', 86_400],
      ['/srv/alice', 1440],
    ]);
    expect(stores[1]?.usedBy).toEqual(['apache2 server by FcgidWrapper /usr/bin/php-cgi']);
  });

  it('with arguments of its own is read with them', async () => {
    const files = host('FCGIWrapper "/usr/bin/php-cgi -c /etc/php-vhosts/a/php.ini" .php');
    expect(await lifetimeOf({ ...own, ...files })).toBe(86_400);
    const given = host('FCGIWrapper "/usr/bin/php-cgi -d session.gc_maxlifetime=5000" .php');
    expect(await lifetimeOf(given)).toBe(5000);
  });

  it('that is gone, or no script that can be followed, keeps the sessions', async () => {
    expect(await lifetimeOf(host('FcgidWrapper /srv/gone .php'))).toBe(null);
    for (const text of ['#!/bin/sh\n. /etc/x\nexec php-cgi\n', '\u007fELF', '#!/usr/bin/php\n'])
      expect(
        await lifetimeOf({ '/srv/starter': text, ...host('FcgidWrapper /srv/starter .php') }),
      ).toBe(null);
  });

  it('of another language does not matter', async () => {
    const files = { '/srv/x.fcgi': '#!/usr/bin/perl\n', ...host('FcgidWrapper /srv/x.fcgi .pl') };
    expect(await lifetimeOf(files)).toBe(1440);
  });

  it('of Plesk goes by its own variables', async () => {
    const files = host(
      'SuexecUserGroup alice psacln',
      'FcgidInitialEnv PP_CUSTOM_PHP_INI /etc/php-vhosts/a/php.ini',
      'FcgidInitialEnv PP_CUSTOM_PHP_CGI_INDEX plesk-php82-fastcgi',
      '<Files ~ (\\.php$)>\nFCGIWrapper /var/www/cgi_wrapper .php\n</Files>',
    );
    const plesk = {
      '/opt/plesk/php/8.2/etc/php.ini': '',
      '/opt/plesk/php/8.2/etc/php.d/site.ini': 'session.save_path = /var/lib/php/sessions\n',
      '/var/www/cgi_wrapper': '\u007fELF',
    };
    expect(await lifetimeOf({ ...own, ...plesk, ...files }, alice)).toBe(86_400);
  });
});

describe('a starter script', () => {
  const starter = '#!/bin/sh\nexport PHPRC=$PWD\nexec /usr/bin/php-cgi\n';

  it.each([
    ['of mod_fcgid', host('FCGIWrapper /srv/alice/starter .php')],
    [
      'of an Action',
      host(
        'ScriptAlias /fcgi-bin/ /srv/alice/',
        'AddHandler php-fcgi .php',
        'Action php-fcgi /fcgi-bin/starter',
      ),
    ],
    [
      'of an Action below the document root',
      host('DocumentRoot /srv', 'Action application/x-httpd-php /alice/starter'),
    ],
  ])('%s has the php.ini that it names', async (_, files) => {
    const site = { '/srv/alice/starter': starter, '/srv/alice/php.ini': longer };
    expect(await lifetimeOf({ ...site, ...files })).toBe(86_400);
    expect(await lifetimeOf({ '/srv/alice/starter': '#!/bin/sh\nexec php-cgi\n', ...files })).toBe(
      1440,
    );
  });

  it.runIf(isRoot)('of a user’s is that user’s word', async () => {
    const files = {
      '/srv/alice/starter': `${starter.replace('exec', 'umask 022\nexec')}`,
      '/srv/alice/php.ini': `${longer}session.save_path = /var/lib/php/sessions\n`,
      ...host('SuexecUserGroup alice alice', 'FcgidWrapper /srv/alice/starter .php'),
    };
    const toAlice = (root: string) => {
      for (const name of ['', '/starter', '/php.ini'])
        chownSync(`${root}/srv/alice${name}`, alice, alice);
    };
    expect(await lifetimeOf(files, alice, toAlice)).toBe(86_400);
    expect(await lifetimeOf(files, 33, toAlice)).toBe(1440);
    // Nor has it a say in where others' sessions are.
    const elsewhere = { ...files, '/srv/alice/php.ini': 'session.save_path = /srv\n' };
    const stores = await storesOf(elsewhere, toAlice);
    expect(stores.find(({ path }) => path === '/srv')?.collectable).toBe(false);
  });

  it.runIf(isRoot)('of a user’s that is not followed keeps that user’s sessions only', async () => {
    const files = {
      '/srv/alice/starter': '#!/bin/sh\neval "$X"\nexec php-cgi\n',
      ...host('SuexecUserGroup alice alice', 'FcgidWrapper /srv/alice/starter .php'),
    };
    const toAlice = (root: string) => {
      chownSync(`${root}/srv/alice`, alice, alice);
      chownSync(`${root}/srv/alice/starter`, alice, alice);
    };
    expect(await lifetimeOf(files, alice, toAlice)).toBe(null);
    expect(await lifetimeOf(files, 33, toAlice)).toBe(1440);
  });
});

it('suPHP has the php.ini that suPHP_ConfigPath names', async () => {
  const files = host(
    'suPHP_Engine on',
    '<Directory /srv>\nsuPHP_ConfigPath /etc/php-vhosts/a\n</Directory>',
  );
  expect(await lifetimeOf({ ...own, ...files })).toBe(86_400);
});

it('plain CGI has what SetEnv says', async () => {
  const files = host(
    'SetEnv PHPRC /etc/php-vhosts/a',
    'ScriptAlias /cgi-bin/ /usr/bin/',
    'Action application/x-httpd-php /cgi-bin/php-cgi8.2',
  );
  expect(await lifetimeOf({ ...own, ...files })).toBe(86_400);
});

it('a .user.ini below the document root lengthens what one virtual host has to itself', async () => {
  const files = {
    '/etc/php-vhosts/a/php.ini': 'session.save_path = /srv/alice\n',
    '/var/www/a/.user.ini': longer,
    ...host(
      'DocumentRoot /var/www/a',
      'FcgidInitialEnv PHPRC /etc/php-vhosts/a',
      'FcgidWrapper /usr/bin/php-cgi8.2 .php',
    ),
  };
  const stores = await storesOf(files);
  const store = only(stores.filter(({ path }) => path === '/srv/alice'));
  expect(lifetimeFor(store, 33)).toBe(86_400);
});

it.runIf(isRoot)('an .htaccess of a user’s may name a wrapper for that user', async () => {
  const files = {
    ...host('DocumentRoot /srv/alice', 'SuexecUserGroup alice alice'),
    '/srv/alice/.htaccess': 'FcgidWrapper /srv/alice/starter .php\n',
    '/srv/alice/starter':
      '#!/bin/sh\nexec /usr/bin/php-cgi -d session.gc_maxlifetime=86400 -d session.save_path=/var/lib/php/sessions\n',
  };
  const toAlice = (root: string) => {
    for (const name of ['', '/.htaccess', '/starter'])
      chownSync(`${root}/srv/alice${name}`, alice, alice);
  };
  expect(await lifetimeOf(files, alice, toAlice)).toBe(86_400);
  expect(await lifetimeOf(files, 33, toAlice)).toBe(1440);
});
