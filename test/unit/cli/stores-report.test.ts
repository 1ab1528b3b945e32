/** The stores for people, to the letter. */
import { expect, test } from 'vitest';
import { notCollectedText, storesReport, storesSummary } from '../../../lib/cli/stores-report.js';
import { plain } from '../../../lib/cli/style.js';
import { discoveredStore } from './discovered-store.js';

const terse = { verbosity: 0, style: plain };
const detailed = { verbosity: 1, style: plain };

test('one store is one aligned block, each value with its source', () => {
  expect(storesReport([discoveredStore()], terse)).toBe(
    `/srv/a
  lifetime     24m (from /etc/php/8.2/fpm/php.ini:1432)
  owner        root
  used by      php8.2-fpm pool www
  save path    from /etc/php/8.2/fpm/php.ini:1400
  collectable  yes
`,
  );
});

test('depth, lifetimes of users, grace and warnings are told where there are any', () => {
  const store = discoveredStore({
    depth: 2,
    grace: 300,
    lifetimesByUser: [
      { uid: 33, user: 'www-data', maxLifetime: 7200 },
      { uid: 1001, user: null, maxLifetime: 60 },
    ],
    warnings: ['first', 'second'],
  });
  expect(storesReport([store], terse)).toBe(
    `/srv/a
  depth        2: below 2 levels of directories
  lifetime     24m and 5m of grace (from /etc/php/8.2/fpm/php.ini:1432)
               2h for files of www-data (uid 33)
               1m for files of uid 1001
  owner        root
  used by      php8.2-fpm pool www
  save path    from /etc/php/8.2/fpm/php.ini:1400
  collectable  yes
  warning      first
               second
`,
  );
});

test('-v tells every user and every setting with its line', () => {
  const usedBy = Array.from({ length: 7 }, (_, at) => `pool ${at}`);
  const store = discoveredStore({
    usedBy,
    settings: {
      ...discoveredStore().settings,
      sys_temp_dir: { value: '', source: 'the default of PHP' },
      TMPDIR: { value: 'x'.repeat(300), source: '/proc/123' },
    },
  });
  const short = storesReport([store], terse);
  expect(short).toContain('pool 3\n               and 3 more (see -v)\n  save path');
  expect(storesReport([store], detailed)).toBe(
    `/srv/a
  lifetime     24m (1,440 seconds, from /etc/php/8.2/fpm/php.ini:1432)
  owner        root
  used by      pool 0
               pool 1
               pool 2
               pool 3
               pool 4
               pool 5
               pool 6
  save path    from /etc/php/8.2/fpm/php.ini:1400
  collectable  yes
  rests on     /etc/php/8.2/fpm/php.ini
  settings     session.save_path = /srv/a (/etc/php/8.2/fpm/php.ini:1400)
               session.gc_maxlifetime = 1440 (/etc/php/8.2/fpm/php.ini:1432)
               sys_temp_dir = (empty) (the default of PHP)
               TMPDIR = ${'x'.repeat(200)}… (/proc/123)
`,
  );
});

test('one user more than fits is told rather than counted', () => {
  const usedBy = Array.from({ length: 5 }, (_, at) => `pool ${at}`);
  expect(storesReport([discoveredStore({ usedBy })], terse)).toContain('pool 4\n');
});

test('a store that is not collectable says why, one without files by its handler', () => {
  const redis = discoveredStore({
    handler: 'redis',
    path: 'tcp://127.0.0.1:6379',
    maxLifetime: null,
    user: null,
    collectable: false,
    reason: 'not kept in files: Redis expires them itself',
    target: null,
  });
  expect(storesReport([redis], terse)).toBe(
    `redis: tcp://127.0.0.1:6379
  lifetime     24m (from /etc/php/8.2/fpm/php.ini:1432)
  used by      php8.2-fpm pool www
  save path    from /etc/php/8.2/fpm/php.ini:1400
  collectable  no: not kept in files: Redis expires them itself
`,
  );
});

test('a store in doubt says whose files are kept, why, and what would settle it', () => {
  const doubt = {
    users: [
      { uid: 33, user: 'www-data' },
      { uid: 34, user: null },
    ],
    reasons: ['/etc/a: cannot read', '/etc/b: cannot read', '/etc/c: cannot read'],
    remedy: 'read it',
  };
  expect(storesReport([discoveredStore({ doubt })], terse)).toContain(`
  collectable  the sessions of some users are kept: the real lifetime may be longer
  uncertain    files of www-data (uid 33), uid 34
               /etc/a: cannot read
               and 2 more (see -v)
  to fix       read it
`);
  expect(storesReport([discoveredStore({ doubt: { ...doubt, users: null } })], terse)).toContain(`
  collectable  all sessions are kept: the real lifetime may be longer
  uncertain    /etc/a: cannot read
`);
  expect(storesSummary([discoveredStore(), discoveredStore({ doubt })])).toBe(
    '2 stores, 2 collectable, 1 of them uncertain',
  );
});

test.each([
  ['no setting', { maxLifetime: null, settings: {} }, 'not known'],
  [
    'a quantity',
    { maxLifetime: null, settings: { 'session.gc_maxlifetime': { value: '1K', source: 'f:1' } } },
    '1K (from f:1)',
  ],
  [
    'zero',
    { maxLifetime: 0, settings: { 'session.gc_maxlifetime': { value: '0', source: 'f:1' } } },
    '0 seconds (from f:1)',
  ],
  ['another setting won', { maxLifetime: 7200 }, '2h (chosen from several settings)'],
  [
    'users only',
    { maxLifetime: null, lifetimesByUser: [{ uid: 5, user: 'u', maxLifetime: 60 }] },
    'none, except for these users:\n               1m for files of u (uid 5)',
  ],
])('the lifetime: %s', (_, changes, text) => {
  expect(storesReport([discoveredStore(changes)], terse)).toContain(`  lifetime     ${text}\n`);
});

test('the summary counts', () => {
  const other = discoveredStore({ collectable: false, reason: 'excluded', target: null });
  expect(storesSummary([discoveredStore()])).toBe('1 store, 1 collectable');
  expect(storesSummary([discoveredStore(), other, other])).toBe('3 stores, 1 collectable');
  expect(storesReport([], terse)).toBe('');
});

test('what a sweep leaves alone is one line, with -v one for each store', () => {
  const other = discoveredStore({ collectable: false, reason: 'excluded', target: null });
  expect(notCollectedText([], 1)).toBe('');
  expect(notCollectedText([other], 0)).toBe(
    '1 store is not collected; run sescle stores to see why\n',
  );
  expect(notCollectedText([other, other], 0)).toMatch(/^2 stores are not collected; /);
  expect(notCollectedText([other, other], 1)).toBe('not collected: /srv/a: excluded\n'.repeat(2));
});

test('more than ten stores are a table, those that need a look first; with -v they are blocks', () => {
  const stores = [
    ...Array.from({ length: 9 }, (_, at) => discoveredStore({ path: `/srv/${at}` })),
    discoveredStore({ path: '/srv/warned', warnings: ['first', 'second'] }),
    discoveredStore({
      path: '/srv/doubt',
      doubt: { users: null, reasons: ['x.conf: too large'], remedy: 'read it' },
    }),
    discoveredStore({ path: '/srv/off', collectable: false, reason: 'switched off' }),
    discoveredStore({
      path: '/srv/gone',
      maxLifetime: null,
      collectable: false,
      reason: 'does not exist',
      isBlocked: true,
    }),
  ];
  expect(storesReport(stores, terse).split('\n').slice(0, 6).join('\n')).toBe(
    `cleaned  lifetime  store        note
no       unknown   /srv/gone    does not exist
no       24m       /srv/off     switched off
in part  24m       /srv/doubt   uncertain: x.conf: too large
yes      24m       /srv/warned  first (and 1 more)
yes      24m       /srv/0`,
  );
  expect(storesReport(stores, terse).split('\n')).toHaveLength(stores.length + 3);
  expect(storesReport(stores.slice(0, 10), terse)).toContain('collectable  yes');
  expect(storesReport(stores, detailed)).toContain('collectable  yes');
});
