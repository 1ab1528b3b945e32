/**
 * Every layout of PHP that we know, below `--root`, with the answer it should have; and what is made
 * of trees that are broken or hostile.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../lib/index.js';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Discovery, Store } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { writeSession } from '../../support/sessions.js';
import { tempDir } from '../../support/temp-dir.js';
import { type Files, isRoot, writeTree } from '../php/trees.js';
import { type ExpectedStore, layouts } from './layouts.js';
import { places } from './places.js';
import { only } from './usages.js';

function discover(root: string): Promise<Discovery> {
  return discoverStores({ root: Buffer.from(root) });
}

/** What the layouts tell of a store, with the root taken off. */
function summary(store: Store, root: string): ExpectedStore {
  const { path, depth, maxLifetime, lifetimesByUser, usedBy, settings } = store;
  const place = settings['temporary directory'] ?? settings['session.save_path'];
  const lifetimes = lifetimesByUser.map(({ user, uid, maxLifetime }) => [user ?? uid, maxLifetime]);
  return {
    path: path.startsWith(`${root}/`) ? path.slice(root.length) : `outside: ${path}`,
    ...(depth === 0 ? {} : { depth }),
    maxLifetime: maxLifetime ?? 0,
    ...(lifetimes.length === 0 ? {} : { lifetimes: Object.fromEntries(lifetimes) }),
    usedBy: [...usedBy],
    sources: [place?.source ?? '', settings['session.gc_maxlifetime']?.source ?? ''],
  };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1;
}

describe('below --root', () => {
  for (const { name, files, stores: expected } of [...layouts, ...places]) {
    it(`${name}: all stores are found, and swept by their own lifetimes`, async () => {
      const root = writeTree(files);
      for (const { path, maxLifetime, depth = 0 } of expected) {
        const levels = '/o/l'.slice(0, depth * 2);
        for (const [id, ageSeconds] of [
          ['old', maxLifetime + 60],
          ['olive', maxLifetime - 60],
        ] as const)
          writeSession(`${root}${path}${levels}`, id, { ageSeconds });
        writeFileSync(`${root}${path}/other`, '');
      }
      const { stores, warnings } = await discover(root);
      expect(warnings).toEqual([]);
      const found = stores.map((store) => summary(store, root)).sort(byPath);
      expect(found).toEqual([...expected].sort(byPath));

      const targets = stores.flatMap((store) => filesTarget(store) ?? []);
      for (const { root: own } of targets) expect(own?.path.toString()).toBe(root);
      const report = await sweep(targets);
      expect(report.unusable).toEqual([]);
      expect(report.totals).toMatchObject({ removed: expected.length, live: expected.length });
      for (const { path, depth = 0 } of expected) {
        const levels = '/o/l'.slice(0, depth * 2);
        expect(existsSync(`${root}${path}${levels}/sess_old`)).toBe(false);
        expect(existsSync(`${root}${path}${levels}/sess_olive`)).toBe(true);
        expect(existsSync(`${root}${path}/other`)).toBe(true);
      }
    });
  }

  it('all layouts at once hide nothing of each other', async () => {
    const root = tempDir();
    for (const { name, files } of layouts)
      if (!/two versions/.test(name))
        writeTree(
          Object.fromEntries(Object.entries(files).filter(([file]) => !existsSync(root + file))),
          root,
        );
    const { stores } = await discover(root);
    const found = stores.map((store) => summary(store, root).path);
    for (const { stores: expected } of layouts)
      for (const { path } of expected) expect(found).toContain(path);
    expect(new Set(stores.map(({ id }) => id)).size).toBe(stores.length);
  });

  it.each(['root', 'php', 'ini', 'configuration'])('%s is a Buffer', async (name) => {
    await expect(discoverStores({ [name]: '/nowhere' })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      message: `${name} is not valid: it must be a Buffer, not "/nowhere"`,
    });
  });

  it('an empty tree has none, and is no reason to complain', async () => {
    expect(await discover(tempDir())).toMatchObject({ stores: [], warnings: [] });
  });

  it('absolute links and .. stay inside, and nothing outside is named or swept', async () => {
    const outside = tempDir();
    writeSession(`${outside}/sessions`, 'old', { ageSeconds: 9999 });
    const root = writeTree({
      '/etc/php.ini': '-> /opt/php.ini',
      '/opt/php.ini': 'session.save_path = /srv/link\nsession.gc_maxlifetime = 60\n',
      '/srv/link': `-> ${outside}/sessions`,
      '/etc/php/8.2/cli/php.ini': `session.save_path = /../../../..${outside}/sessions\n`,
      '/etc/php/8.2/cgi/php.ini': `session.save_path = ${outside}/sessions\n`,
      '/etc/php/8.3/cli/php.ini': `-> ${outside}/php.ini`,
    });
    writeFileSync(`${outside}/php.ini`, 'session.save_path = /secret\n');
    const missing = await discover(root);
    expect(missing.stores.map(({ reason }) => reason)).toEqual(
      missing.stores.map(() => 'the directory does not exist'),
    );
    expect(JSON.stringify(missing)).not.toContain('secret');

    writeSession(`${root}${outside}/sessions`, 'old', { ageSeconds: 9999 });
    const { stores } = await discover(root);
    const store = only(stores.filter(({ collectable }) => collectable));
    expect(store.path).toBe(`${root}${outside}/sessions`);
    expect((await sweep(store.target === null ? [] : [store.target])).totals.removed).toBe(1);
    expect(existsSync(`${outside}/sessions/sess_old`)).toBe(true);
  });

  it('a directory that becomes a link out of the tree is not followed', async () => {
    const outside = tempDir();
    const session = writeSession(outside, 'old', { ageSeconds: 9999 });
    const root = writeTree({
      '/etc/php.ini': 'session.save_path = /srv/a/b\nsession.gc_maxlifetime = 60\n',
      '/srv/a/b': null,
    });
    const [store] = (await discover(root)).stores;
    if (!store?.target) throw new Error('not found');
    execFileSync('rm', ['-r', `${root}/srv/a`]);
    symlinkSync('/', `${root}/srv/a`);
    symlinkSync(outside, `${root}/b`);
    await expect(sweep([store.target])).resolves.toMatchObject({ totals: { removed: 0 } });
    expect(existsSync(session)).toBe(true);
  });
});

const goodFiles: Files = {
  '/etc/passwd': 'www-data:x:33:33::/:/bin/sh\n',
  '/etc/php/8.2/cli/php.ini': 'session.save_path = /srv/good\nsession.gc_maxlifetime = 60\n',
  '/etc/php/8.2/fpm/php.ini': '',
  '/etc/php/8.2/fpm/php-fpm.conf': '[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n',
  '/etc/php/8.2/fpm/pool.d/good.conf':
    '[good]\nuser = www-data\nlisten = /x\npm = ondemand\nphp_value[session.save_path] = /srv/pool\n',
  '/srv/good': null,
  '/srv/pool': null,
};

interface Broken {
  readonly name: string;
  readonly files?: Files;
  readonly spoil?: (root: string) => void;
  /** What is said, of which file and line, by the discovery or by a store. */
  readonly says: RegExp;
}

const apache = 'LoadModule php_module /usr/lib/libphp8.2.so\n';

const broken: readonly Broken[] = [
  {
    name: 'a php.ini over 16 MiB',
    files: { '/etc/php/8.1/cli/php.ini': '' },
    spoil: (root) => truncateSync(`${root}/etc/php/8.1/cli/php.ini`, 17 * 2 ** 20),
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini: cannot be read: larger than 16 MiB/m,
  },
  {
    name: 'a php.ini of random bytes',
    files: {
      '/etc/php/8.1/cli/php.ini': Array.from({ length: 65_536 }, (_, at) =>
        String.fromCharCode((at * 2_654_435_761) & 0xff),
      ).join(''),
    },
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini:\d+: /m,
  },
  {
    name: 'a php.ini that is a FIFO',
    files: { '/etc/php/8.1/cli': null },
    spoil: (root) => execFileSync('mkfifo', [`${root}/etc/php/8.1/cli/php.ini`]),
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini: cannot be read: not a regular file/m,
  },
  {
    name: 'a php.ini that is a directory',
    files: { '/etc/php/8.1/cli/php.ini/x': '' },
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini: cannot be read: not a regular file/m,
  },
  {
    name: 'a php.ini that is a link to itself',
    files: { '/etc/php/8.1/cli/php.ini': '-> php.ini' },
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini: cannot be read: ELOOP/m,
  },
  {
    name: 'a syntax error in a php.ini',
    files: { '/etc/php/8.1/cli/php.ini': 'session.save_path = /srv/good\n"\n[x\n' },
    says: /^\/etc\/php\/8\.1\/cli\/php\.ini:\d+: /m,
  },
  {
    name: 'a pool that includes itself',
    files: {
      '/etc/php/8.2/fpm/pool.d/a.conf': '[a]\ninclude=/etc/php/8.2/fpm/pool.d/a.conf\n',
    },
    says: /^\/etc\/php\/8\.2\/fpm\/pool\.d\/a\.conf:2: .*a\.conf includes itself/m,
  },
  {
    name: 'pools that include each other',
    files: {
      '/etc/php/8.2/fpm/pool.d/a.conf': '[a]\ninclude=/etc/php/8.2/fpm/pool.d/b.conf\n',
      '/etc/php/8.2/fpm/pool.d/b.conf': '[b]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n',
    },
    says: /pool\.d\/b\.conf:2: .*a\.conf includes itself/m,
  },
  {
    name: 'a broken pool',
    files: {
      '/etc/php/8.2/fpm/pool.d/a.conf':
        '[a]\nuser = nobody-knows\nlisten = /x\npm = static\nnonsense = 1\n=\nphp_value[session.save_path] = /srv/pool\n',
    },
    says: /^\/etc\/php\/8\.2\/fpm\/pool\.d\/a\.conf:2: pool a: its user 'nobody-knows' is not in \/etc\/passwd/m,
  },
  {
    name: 'a pool file that is a FIFO',
    spoil: (root) => execFileSync('mkfifo', [`${root}/etc/php/8.2/fpm/pool.d/a.conf`]),
    says: /^\/etc\/php\/8\.2\/fpm\/php-fpm\.conf:2: cannot read .*a\.conf: not a regular file/m,
  },
  {
    name: 'an Apache configuration that includes itself',
    files: { '/etc/apache2/apache2.conf': `${apache}Include /etc/apache2/apache2.conf\n` },
    says: /^\/etc\/apache2\/apache2\.conf:2: /m,
  },
  {
    name: 'Apache configurations that include each other',
    files: {
      '/etc/apache2/apache2.conf': `${apache}Include /etc/apache2/a.conf\n`,
      '/etc/apache2/a.conf': 'Include /etc/apache2/b*.conf\n',
      '/etc/apache2/b.conf': 'Include /etc/apache2/a.conf\n',
    },
    says: /^\/etc\/apache2\/[ab]\.conf:1: /m,
  },
  {
    name: 'a section of Apache that never ends',
    files: {
      '/etc/apache2/apache2.conf': `${apache}<VirtualHost *:80>\nphp_value session.save_path /x\n`,
    },
    says: /^\/etc\/apache2\/apache2\.conf:\d+: /m,
  },
  {
    name: '300 KB of save_path',
    files: { '/etc/php/8.1/cli/php.ini': `session.save_path = /${'x/'.repeat(150_000)}\n` },
    says: /the directory cannot be looked at: ENAMETOOLONG/,
  },
];

function told({ stores, warnings }: Discovery): string {
  return [...warnings, ...stores.flatMap((store) => [store.reason ?? '', ...store.warnings])].join(
    '\n',
  );
}

describe('beside what is broken, the other stores are found', () => {
  for (const { name, files = {}, spoil, says } of broken) {
    it(`where there is ${name}, which is told`, async () => {
      const root = writeTree({ ...goodFiles, ...files });
      spoil?.(root);
      const began = performance.now();
      const discovery = await discover(root);
      expect(performance.now() - began).toBeLessThan(30_000);
      expect(told(discovery)).toMatch(says);
      const collectable = discovery.stores.filter(({ target }) => target !== null);
      expect(collectable.map(({ path }) => path.slice(root.length)).sort()).toEqual([
        '/srv/good',
        '/srv/pool',
      ]);
    });
  }

  it('where a glob matches thousands of pools, which are found up to 10,000', async () => {
    const root = writeTree(goodFiles);
    const directory = `${root}/etc/php/8.2/fpm/pool.d`;
    const write = (count: number) =>
      writeFileSync(
        `${directory}/${count}.conf`,
        `[p${count}]\nuser=www-data\nlisten=/x\npm=ondemand\nphp_value[session.save_path]=/srv/none${count}\n`,
      );
    for (let count = 1; count < 10_000; count += 1) write(count);
    const began = performance.now();
    const { stores } = await discover(root);
    expect(performance.now() - began).toBeLessThan(50_000);
    expect(stores).toHaveLength(10_001);
    expect(stores.filter(({ target }) => target !== null)).toHaveLength(2);

    for (const count of [10_000, 10_001]) write(count);
    const { stores: rest, warnings } = await discover(root);
    expect(warnings.join('\n')).toMatch(/^\/etc\/php\/8\.2\/fpm\/php-fpm\.conf:2: .*10000/m);
    expect(
      rest.flatMap(({ path, collectable }) => (collectable ? path.slice(root.length) : [])),
    ).toEqual(['/srv/good']);
  });

  it.skipIf(isRoot)('where a php.ini may not be read, which is told', async () => {
    const root = writeTree({ ...goodFiles, '/etc/php/8.1/cli/php.ini': '' });
    chmodSync(`${root}/etc/php/8.1/cli/php.ini`, 0);
    expect(told(await discover(root))).toMatch(/php\.ini: cannot be read: EACCES/);
  });
});

describe.runIf(isRoot)('what a user wrote', () => {
  const alice = 1001;
  const files: Files = {
    '/etc/php/8.2/cli/php.ini': 'session.save_path = /srv/shared\nsession.gc_maxlifetime = 1440\n',
    '/etc/php/8.2/fpm/php-fpm.conf': '[global]\ninclude=/home/*/pool.conf\n',
    '/srv/shared': null,
    '/home/bob/sessions': null,
    '/home/alice/sessions': null,
    '/home/alice/link': '-> /home/bob/sessions',
  };

  async function withPool(savePath: string, lifetime: string) {
    const root = writeTree(files);
    mkdirSync(`${root}/home/alice`, { recursive: true });
    writeFileSync(
      `${root}/home/alice/pool.conf`,
      `[alice]\nuser=${alice}\nlisten=/x\npm=ondemand\nphp_value[session.save_path]=${savePath}\nphp_value[session.gc_maxlifetime]=${lifetime}\n`,
    );
    for (const name of ['', '/sessions', '/pool.conf'])
      chownSync(`${root}/home/alice${name}`, alice, alice);
    for (const directory of ['/srv/shared', '/home/bob/sessions', '/home/alice/sessions'])
      chownSync(writeSession(root + directory, 'old', { ageSeconds: 100 }), 1002, 1002);
    const { stores } = await discover(root);
    const report = await sweep(stores.flatMap((store) => filesTarget(store) ?? []));
    return { root, stores, removed: report.totals.removed };
  }

  it('can name a directory of his own', async () => {
    const { root, stores } = await withPool('/home/alice/sessions', '50');
    expect(stores.find(({ path }) => path === `${root}/home/alice/sessions`)).toMatchObject({
      collectable: true,
      maxLifetime: null,
      lifetimesByUser: [{ uid: alice, maxLifetime: 50 }],
    });
  });

  for (const savePath of ['/home/bob/sessions', '/home/alice/link', '/srv/shared', '/etc', '/'])
    it(`removes nothing by naming ${savePath}`, async () => {
      const { stores, removed } = await withPool(savePath, '1');
      expect(removed).toBe(0);
      const said = stores.flatMap((store) => [store.reason ?? '', ...store.warnings]).join('\n');
      expect(said).toMatch(/uid 1001 chose this directory|root directory is never/);
    });
});
