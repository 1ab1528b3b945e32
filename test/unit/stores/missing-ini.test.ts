/** A PHP that is evidently there, and a php.ini that is not where it was looked for. */
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Store } from '../../../lib/stores/store.js';
import { type Files, writeTree } from '../php/trees.js';
import { only } from './usages.js';

const pool = '[www]\nlisten = /x\npm = ondemand\nphp_value[session.save_path] = /srv/s\n';

async function storeOf(files: Files): Promise<Store> {
  const root = writeTree({ '/srv/s': null, ...files });
  const { stores } = await discoverStores({ root: Buffer.from(root) });
  return only(stores.filter(({ path }) => path === `${root}/srv/s`));
}

/** Null: its sessions are kept. */
async function lifetimeOf(files: Files): Promise<number | null> {
  const { collectable, maxLifetime, warnings, reason } = await storeOf(files);
  const isDoubtful = [...warnings, reason ?? ''].some((line) => line.includes('no php.ini of'));
  return collectable && !isDoubtful ? maxLifetime : null;
}

const longer = 'session.gc_maxlifetime = 14400\n';
const source: Files = { '/usr/local/etc/php-fpm.conf': pool };

describe('PHP in /usr/local', () => {
  it('from source reads /usr/local/lib/php.ini', async () => {
    expect(await lifetimeOf({ ...source, '/usr/local/lib/php.ini': longer })).toBe(14_400);
  });

  it('of FreeBSD reads /usr/local/etc/php.ini, and what lies in /usr/local/etc/php', async () => {
    const ini = { '/usr/local/etc/php.ini': 'session.gc_maxlifetime = 600\n' };
    expect(await lifetimeOf({ ...source, ...ini })).toBe(600);
    const scanned = { ...ini, '/usr/local/etc/php/ext-10-session.ini': longer };
    expect(await lifetimeOf({ ...source, ...scanned })).toBe(14_400);
  });

  it('of a container needs no php.ini', async () => {
    const container = { ...source, '/usr/local/etc/php/conf.d': null };
    expect(await lifetimeOf(container)).toBe(1440);
    expect(await lifetimeOf({ ...container, '/usr/local/etc/php/php.ini': longer })).toBe(14_400);
  });

  it('with the php.inis of two lives as long as the longer', async () => {
    const both = { '/usr/local/etc/php/conf.d': null, '/usr/local/lib/php.ini': longer };
    expect(await lifetimeOf({ ...source, ...both })).toBe(14_400);
  });
});

describe('without a php.ini the sessions are kept', () => {
  for (const [name, files] of [
    ['from source', source],
    ['on RHEL', { '/etc/php-fpm.conf': pool }],
    ['on Debian', { '/etc/php/8.2/fpm/php-fpm.conf': pool }],
    [
      'of mod_php, whatever the command line has',
      {
        '/etc/php/8.2/cli/php.ini': 'session.gc_maxlifetime = 60\n',
        '/etc/apache2/apache2.conf':
          'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\nphp_value session.save_path /srv/s\n',
      },
    ],
  ] as const) {
    it(name, async () => {
      expect(await lifetimeOf(files)).toBe(null);
    });
  }

  it('unless the pool itself sets the lifetime', async () => {
    const own = `${pool}php_value[session.gc_maxlifetime] = 600\n`;
    expect(await lifetimeOf({ '/usr/local/etc/php-fpm.conf': own })).toBe(600);
  });

  it('which says what was not found and what to write', async () => {
    const { warnings, reason } = await storeOf(source);
    expect([...warnings, reason].join('\n')).toMatch(
      /no php\.ini of php-fpm was found in \/usr\/local\/lib: the lifetime of its sessions is unknown\. Set session\.gc_maxlifetime in the pool or virtual host, or add the store to \/etc\/sescle\/sescle\.toml/,
    );
  });
});

it('a store says which files its lifetime was read from', async () => {
  const store = await storeOf({
    '/etc/php.ini': longer,
    '/etc/php.d/1.ini': '',
    '/etc/php.d/2.ini': '',
    '/etc/php-fpm.conf': 'include=/etc/php-fpm.d/*.conf\n',
    '/etc/php-fpm.d/www.conf': pool,
  });
  expect(store.restsOn).toEqual([
    '/etc/php.ini',
    '/etc/php.d/*.ini (2 files)',
    '/etc/php-fpm.conf',
    '/etc/php-fpm.d/www.conf',
  ]);
});
