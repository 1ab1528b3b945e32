/**
 * Whose word counts, from the files to what a sweep would remove: on whole systems below --root.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../lib/index.js';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Store } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { targetsOf } from '../../support/discovered.js';
import { writeSession } from '../../support/sessions.js';
import { type Files, isRoot, writeTree } from '../php/trees.js';
import { webServer } from './layouts.js';

const alice = 1001;
const www = 33;
const fpm = '/etc/php/8.2/fpm';
const never = Number.MAX_SAFE_INTEGER;

function pool(name: string, ...lines: string[]): string {
  return `[${name}]\nuser = www-data\nlisten = /x\npm = ondemand\n${lines.join('\n')}\n`;
}

const system: Files = {
  ...webServer,
  '/etc/passwd': `root:x:0:0::/:\nwww-data:x:${www}:${www}::/:\nalice:x:${alice}:${alice}::/home/alice:\n`,
  '/etc/group': `root:x:0:\nwww-data:x:${www}:\nalice:x:${alice}:\n`,
  '/etc/php/8.2/cli/php.ini': 'session.gc_maxlifetime = 1440\n',
  [`${fpm}/php.ini`]: 'session.gc_maxlifetime = 1440\n',
  [`${fpm}/conf.d/20-site.ini`]: '',
  [`${fpm}/php-fpm.conf`]: `[global]\ninclude=${fpm}/pool.d/*.conf\n`,
  [`${fpm}/pool.d/www.conf`]: pool('www'),
  [`${fpm}/pool.d/shop.conf`]: pool(
    'shop',
    'php_admin_value[session.save_path] = /srv/shop',
    'php_admin_value[session.gc_maxlifetime] = 7200',
  ),
  '/var/lib/php/sessions': null,
  '/srv/shop': null,
};

interface Change {
  readonly files?: Files;
  readonly spoil?: (root: string) => void;
}

async function storesOf({ files = {}, spoil }: Change) {
  const root = writeTree({ ...system, ...files });
  spoil?.(root);
  const { stores } = await discoverStores({ root: Buffer.from(root) });
  const at = (directory: string): Store => {
    const found = stores.find(({ path }) => path === `${root}${directory}`);
    if (found === undefined) throw new Error(`no ${directory} in ${JSON.stringify(stores)}`);
    return found;
  };
  return { root, shared: at('/var/lib/php/sessions'), shop: at('/srv/shop'), at };
}

/** What a sweep would let the files of a user live for. */
function lifetimeFor(store: Store, uid: number): number | undefined {
  const target = filesTarget(store);
  const { uids = [] } = target?.doubt ?? {};
  const isInDoubt = uids === null || uids.includes(uid);
  return isInDoubt
    ? Number.MAX_SAFE_INTEGER
    : (target?.lifetimesByUid.get(uid) ?? target?.maxLifetimeSeconds);
}

describe.runIf(isRoot)(
  'a longer lifetime that root has read, and others can write to, holds',
  () => {
    const longer = 'session.gc_maxlifetime = 86400\n';
    const give = (file: string, uid: number, mode: number) => (root: string) => {
      chownSync(`${root}${file}`, uid, uid);
      chmodSync(`${root}${file}`, mode);
    };
    for (const [name, change] of [
      [
        'in a file of conf.d that root’s group may write to',
        {
          files: { [`${fpm}/conf.d/20-site.ini`]: longer },
          spoil: give(`${fpm}/conf.d/20-site.ini`, 0, 0o664),
        },
      ],
      [
        'in a file of conf.d that is a user’s, as one bound into a container',
        {
          files: { [`${fpm}/conf.d/20-site.ini`]: longer },
          spoil: give(`${fpm}/conf.d/20-site.ini`, alice, 0o644),
        },
      ],
      [
        'in a pool’s file that root’s group may write to',
        {
          files: {
            [`${fpm}/pool.d/www.conf`]: pool('www', 'php_value[session.gc_maxlifetime]=86400'),
          },
          spoil: give(`${fpm}/pool.d/www.conf`, 0, 0o664),
        },
      ],
      [
        'in what nginx tells PHP',
        {
          files: {
            '/etc/nginx/nginx.conf':
              'http { server { fastcgi_param PHP_VALUE "session.gc_maxlifetime=86400"; } }\n',
          },
        },
      ],
    ] as const) {
      it(name, async () => {
        const { shared } = await storesOf(change);
        // That of all is kept for longer too, or not at all: never for less.
        expect(lifetimeFor(shared, www) ?? Infinity).toBeGreaterThanOrEqual(86_400);
      });
    }
  },
);

describe('what could not be read', () => {
  it('of php.ini keeps the sessions of those who use it, and no others', async () => {
    const { shared, shop } = await storesOf({
      spoil: (root) => truncateSync(`${root}${fpm}/php.ini`, 17 * 2 ** 20),
    });
    expect(lifetimeFor(shared, www) ?? Infinity).toBe(Number.MAX_SAFE_INTEGER);
    expect(shop).toMatchObject({ collectable: true, maxLifetime: 7200 });
  });

  it('of a variable keeps them too', async () => {
    const { shared, shop } = await storesOf({
      files: { [`${fpm}/php.ini`]: `session.gc_maxlifetime = ${'$'}{LIFE}\n` },
    });
    expect(lifetimeFor(shared, www) ?? Infinity).toBe(Number.MAX_SAFE_INTEGER);
    expect(shop.collectable).toBe(true);
  });

  it('of a pool keeps those in php.ini’s directory', async () => {
    const { shared, shop } = await storesOf({
      files: { [`${fpm}/pool.d/huge.conf`]: '' },
      spoil: (root) => truncateSync(`${root}${fpm}/pool.d/huge.conf`, 17 * 2 ** 20),
    });
    expect(shared).toMatchObject({
      collectable: true,
      reason: null,
      doubt: {
        users: null,
        reasons: [expect.stringMatching(/huge\.conf/)],
        remedy: expect.stringMatching(
          /^if no session there lives longer, write \[\[store\]\] ⏎ path = "\/var\/lib\/php\/sessions" ⏎ lifetime = "24m" into /,
        ),
      },
    });
    expect(shop.collectable).toBe(true);
  });

  it('is looked at, counted and kept: nothing is removed that may live longer', async () => {
    const { root, shared, shop } = await storesOf({
      files: { [`${fpm}/pool.d/huge.conf`]: '' },
      spoil: (root) => truncateSync(`${root}${fpm}/pool.d/huge.conf`, 17 * 2 ** 20),
    });
    const [past, live, other] = [
      writeSession(`${root}/var/lib/php/sessions`, 'past', { ageSeconds: 9999 }),
      writeSession(`${root}/var/lib/php/sessions`, 'live', { ageSeconds: 60 }),
      writeSession(`${root}/srv/shop`, 'past', { ageSeconds: 9999 }),
    ];
    const report = await sweep(targetsOf([shared, shop]));
    expect(report.totals).toMatchObject({ scanned: 3, live: 1, removed: 0, expired: 2 });
    // The pool that was not read may have its sessions in any directory.
    expect(report.totals.skipped.uncertain).toBe(2);
    expect(report.stores.map(({ doubt }) => doubt?.uids)).toEqual([null, null]);
    expect([past, live, other].map((file) => existsSync(file))).toEqual([true, true, true]);
    // A lifetime on the command line is the administrator's word.
    await sweep(targetsOf([shared]), { maxLifetimeSeconds: 1440 });
    expect(existsSync(past)).toBe(false);
  });

  it('is settled by the lines that the remedy gives', async () => {
    const spoil = (root: string) => truncateSync(`${root}${fpm}/pool.d/huge.conf`, 17 * 2 ** 20);
    const files = { [`${fpm}/pool.d/huge.conf`]: '' };
    const { shared } = await storesOf({ files, spoil });
    const [, lines = ''] = /write (.*) into /.exec(shared.doubt?.remedy ?? '') ?? [];
    const toml = lines.replaceAll(' ⏎ ', '\n');
    const settled = await storesOf({ files: { ...files, '/etc/sescle/sescle.toml': toml }, spoil });
    expect(settled.shared).toMatchObject({ collectable: true, maxLifetime: 1440, doubt: null });
  });

  it('is none where the administrator names the lifetime', async () => {
    const { shared } = await storesOf({
      files: {
        '/etc/sescle/sescle.toml': '[[store]]\npath = "/var/lib/php/sessions"\nlifetime = "1h"\n',
        [`${fpm}/pool.d/huge.conf`]: '',
      },
      spoil: (root) => truncateSync(`${root}${fpm}/pool.d/huge.conf`, 17 * 2 ** 20),
    });
    expect(shared).toMatchObject({ collectable: true, maxLifetime: 3600 });
    expect(lifetimeFor(shared, www)).toBe(3600);
  });
});

describe.runIf(isRoot)('a user', () => {
  const site: Files = {
    '/etc/nginx/nginx.conf': 'http { server { root /home/alice/www; } }\n',
    '/home/alice/www': null,
  };
  const ofAlice =
    (...names: string[]) =>
    (root: string) => {
      for (const name of ['/home/alice', '/home/alice/www', ...names])
        chownSync(`${root}${name}`, alice, alice);
    };

  it('keeps nobody’s sessions but his own by what cannot be read', async () => {
    for (const spoil of [
      (root: string) => {
        mkdirSync(`${root}/home/alice/open`);
        chmodSync(`${root}/home/alice/open`, 0o777);
        symlinkSync('loop', `${root}/home/alice/open/loop`);
        symlinkSync('../open/loop', `${root}/home/alice/www/.user.ini`);
        ofAlice()(root);
      },
      (root: string) => {
        mkdirSync(`${root}/home/alice/open`);
        chmodSync(`${root}/home/alice/open`, 0o777);
        mkdirSync(`${root}/home/alice/open/directory`);
        symlinkSync('../open/directory', `${root}/home/alice/www/.user.ini`);
        ofAlice()(root);
      },
    ]) {
      const { shared } = await storesOf({ files: site, spoil });
      expect(shared).toMatchObject({ collectable: true, maxLifetime: 1440 });
      expect(lifetimeFor(shared, www)).toBe(1440);
    }
    const huge = await storesOf({
      files: { ...site, '/home/alice/www/.user.ini': ';'.repeat(70_000) },
      spoil: ofAlice('/home/alice/www/.user.ini'),
    });
    // PHP does not mind its size: the pool has the directory to itself, and all in it is kept.
    expect(lifetimeFor(huge.shared, www)).toBe(never);
    expect(lifetimeFor(huge.shared, alice)).toBe(never);
    const hugeBeside = await storesOf({
      files: {
        ...site,
        '/home/alice/www/.user.ini': ';'.repeat(70_000),
        [`${fpm}/pool.d/other.conf`]: pool('other'),
      },
      spoil: ofAlice('/home/alice/www/.user.ini'),
    });
    expect(lifetimeFor(hugeBeside.shared, www)).toBe(1440);
    expect(lifetimeFor(hugeBeside.shared, alice)).toBe(never);
  });

  it('rules his own sessions by a .user.ini, and no others where pools share a directory', async () => {
    const { shared } = await storesOf({
      files: {
        ...site,
        '/home/alice/www/.user.ini': 'session.gc_maxlifetime = 86400\n',
        [`${fpm}/pool.d/other.conf`]: pool('other'),
      },
      spoil: ofAlice('/home/alice/www/.user.ini'),
    });
    expect(lifetimeFor(shared, alice)).toBe(86_400);
    expect(lifetimeFor(shared, www)).toBe(1440);
    expect(shared.warnings).toContainEqual(
      expect.stringMatching(
        /^\/home\/alice\/www\/\.user\.ini:1 asks PHP for 86400 s, but others keep sessions here too/,
      ),
    );
  });

  it('lengthens by a .user.ini what one pool has to itself, and never shortens it', async () => {
    for (const [given, lifetime] of [
      [86_400, 86_400],
      [60, 1440],
    ]) {
      const { shared, shop } = await storesOf({
        files: { ...site, '/home/alice/www/.user.ini': `session.gc_maxlifetime = ${given}\n` },
        spoil: ofAlice('/home/alice/www/.user.ini'),
      });
      expect(lifetimeFor(shared, www)).toBe(lifetime);
      // Fixed by php_admin_value.
      expect(lifetimeFor(shop, www)).toBe(7200);
      expect(shared.warnings.join()).not.toContain('asks PHP for');
    }
  });

  it('cannot take that from a pool by naming its directory himself, nor lengthen it from another', async () => {
    const { shared } = await storesOf({
      files: {
        ...site,
        '/home/alice/www/.user.ini': 'session.gc_maxlifetime = 86400\n',
        '/home/alice/www/a/.user.ini':
          'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 99999\n',
        [`${fpm}/pool.d/alice.conf`]: pool('alice', 'php_value[session.save_path] = /srv/alice'),
        '/srv/alice': null,
      },
      spoil: ofAlice('/home/alice/www', '/home/alice/www/.user.ini', '/home/alice/www/a/.user.ini'),
    });
    expect(lifetimeFor(shared, www)).toBe(99_999);
    expect(shared.warnings.join()).toContain('is ignored');
  });

  it('lengthens by an .htaccess what one virtual host has to itself', async () => {
    const { at } = await storesOf({
      files: {
        '/etc/php/8.2/apache2/php.ini': 'session.gc_maxlifetime = 1440\n',
        '/etc/apache2/apache2.conf': [
          'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so',
          'User www-data',
          '<VirtualHost *:80>',
          'ServerName a.example',
          'DocumentRoot /home/alice/www',
          'php_admin_value session.save_path /srv/a',
          '<Directory /home>',
          'AllowOverride All',
          '</Directory>',
          '</VirtualHost>',
          '',
        ].join('\n'),
        '/home/alice/www/.htaccess': 'php_value session.gc_maxlifetime 86400\n',
        '/srv/a': null,
      },
      spoil: ofAlice('/home/alice/www/.htaccess'),
    });
    expect(lifetimeFor(at('/srv/a'), www)).toBe(86_400);
  });

  it('of which there are several, lengthens it too: PHP does not ask who wrote a file', async () => {
    const { shared } = await storesOf({
      files: { ...site, '/home/alice/www/.user.ini': 'session.gc_maxlifetime = 86400\n' },
      spoil: (root) => {
        chownSync(`${root}/home/alice/www`, alice, www);
        chmodSync(`${root}/home/alice/www`, 0o2775);
      },
    });
    expect(lifetimeFor(shared, www)).toBe(86_400);
  });

  it('has written what nobody here can tell: the pool’s sessions are kept', async () => {
    const { shared } = await storesOf({
      files: { ...site, '/home/alice/www/.user.ini': 'session.gc_maxlifetime = PHP_VERSION_ID\n' },
      spoil: ofAlice('/home/alice/www/.user.ini'),
    });
    expect(lifetimeFor(shared, www)).toBe(never);
  });

  it('who can lead the way to a directory elsewhere makes it nobody’s store but his', async () => {
    const { at, shop } = await storesOf({
      files: {
        [`${fpm}/pool.d/www.conf`]: pool('www', 'php_value[session.save_path] = /home/alice/link'),
        '/home/alice/link': '-> /srv/shop',
      },
      spoil: (root) => chownSync(`${root}/home/alice`, alice, alice),
    });
    expect(at('/srv/shop')).toBe(shop);
    expect(shop).toMatchObject({ collectable: true, maxLifetime: 7200, depth: 0 });
    expect(shop.warnings).toContainEqual(
      expect.stringMatching(/pool www is ignored: uid 1001 can replace this directory/),
    );
  });

  it('who exchanges the directory after discovery has nothing swept', async () => {
    const { root, shop } = await storesOf({});
    if (shop.target === null) throw new Error(shop.reason ?? '');
    const { target } = shop;
    renameSync(`${root}/srv/shop`, `${root}/srv/before`);
    renameSync(`${root}/var/lib/php/sessions`, `${root}/srv/shop`);
    const report = await sweep([target]);
    expect(report.unusable).toMatchObject([{ code: 'ERR_STORE_CHANGED' }]);
  });
});
