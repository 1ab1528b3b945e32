/** Directories full of sessions are found and described; what only resembles them is not. */
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';
import { searchStores } from '../../../../lib/stores/search-stores.js';
import { writeSessions } from '../../../support/sessions.js';
import { tempDir } from '../../../support/temp-dir.js';
import { writeTree } from '../../php/trees.js';
import { alphanumeric, fill, hex, names, told } from './tree.js';

describe('what is found', () => {
  test("PHP's sessions: how many, how old, how large, whose, and how to adopt them", async () => {
    const root = tempDir();
    const directory = join(root, 'app/tmp');
    const paths = writeSessions(directory, 21, 'a', { content: '123456' });
    paths.forEach((path, at) => {
      utimesSync(path, 1_700_000_000 + at, 1_700_000_000 + at);
    });
    fill(directory, ['index.html', 'sess_not.one', 'other']);
    const { found, warnings } = await searchStores([root]);
    expect(warnings).toEqual([]);
    expect(found).toEqual([
      {
        path: directory,
        depth: 0,
        profile: 'php',
        application: null,
        sessionCount: 21,
        isCountComplete: true,
        otherFileCount: 3,
        oldestMtimeSeconds: 1_700_000_000,
        newestMtimeSeconds: 1_700_000_020,
        medianMtimeSeconds: 1_700_000_010,
        totalBytes: 126,
        isExact: true,
        ownerUid: process.geteuid?.(),
        configuration: expect.stringContaining(`path = "${directory}"`),
      },
    ]);
  });

  test.each([
    ['laravel', 'storage/framework/sessions', () => names(12, '', alphanumeric, 40)],
    ['codeigniter', 'writable/session', () => names(12, 'ci_session', hex, 32)],
    ['codeigniter', 'application/cache', () => names(12, 'ci_session', hex, 72)],
    // Nothing but the directory's name is Magento's or Symfony's there.
    ['php', 'var/session', () => names(12, 'sess_', hex, 26)],
    ['php', 'typo3/var/session', () => names(12, 'sess_', hex, 26)],
    ['php', 'var/sessions/prod', () => names(12, 'sess_', hex, 26)],
    ['php', 'var/cache/prod/sessions', () => names(12, 'sess_', hex, 26)],
    ['php', 'private/sessions', () => names(12, 'sess_', hex, 26)],
  ])('sessions of %s in %s', async (profile, place, make) => {
    const root = tempDir();
    fill(join(root, place), make());
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([
      { path: join(root, place), profile, application: null, sessionCount: 12 },
    ]);
  });

  test.each([
    {
      label: 'Magento',
      place: 'var/session',
      files: {
        '/app/etc/env.php': "<?php\nreturn [\n'session' => ['save' => 'files'],\n];\n",
        '/bin/magento': '',
      },
      make: () => names(12, 'sess_', hex, 26),
      profile: 'magento',
      evidence: '/app/etc/env.php',
      lifetime: null,
      line: /lifetime = "24m" # the files of Magento in \S+ set none; check session\.gc_maxlifetime\n$/,
    },
    {
      label: 'Laravel',
      place: 'storage/framework/sessions',
      files: {
        '/artisan': '',
        '/config/session.php':
          "<?php\nreturn [\n'driver' => env('SESSION_DRIVER', 'file'),\n'lifetime' => env('SESSION_LIFETIME', 120),\n'files' => storage_path('framework/sessions'),\n];\n",
        '/.env': 'APP_NAME=x\nSESSION_LIFETIME=600\n',
      },
      make: () => names(12, '', alphanumeric, 40),
      profile: 'laravel',
      evidence: '/artisan',
      lifetime: { seconds: 36_000, source: '/.env:2' },
      line: /lifetime = "10h" # set in \S+\/\.env:2\n$/,
    },
    {
      label: 'CodeIgniter',
      place: 'writable/session',
      files: {
        '/spark': '',
        '/app/Config/App.php': '<?php\n',
        '/app/Config/Session.php':
          "<?php\nnamespace Config;\nuse CodeIgniter\\Session\\Handlers\\FileHandler;\nclass Session {\npublic string $driver = FileHandler::class;\npublic int $expiration = 3600;\npublic string $savePath = WRITEPATH . 'session';\n}\n",
      },
      make: () => names(12, 'ci_session', hex, 32),
      profile: 'codeigniter',
      evidence: '/spark',
      lifetime: { seconds: 3600, source: '/app/Config/Session.php:6' },
      line: /lifetime = "1h" # set in \S+\/app\/Config\/Session\.php:6\n$/,
    },
  ])('sessions of $label, by its own files, with the lifetime that these set', async (one) => {
    const root = writeTree(one.files);
    fill(join(root, one.place), one.make());
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([
      {
        profile: one.profile,
        application: {
          label: one.label,
          directory: root,
          evidence: `${root}${one.evidence}`,
          lifetime: one.lifetime && { ...one.lifetime, source: `${root}${one.lifetime.source}` },
        },
      },
    ]);
    expect(found[0]?.configuration).toMatch(one.line);
  });

  test('an application with sessions in a database, with lines that hold no secret', async () => {
    const root = writeTree({
      'shop/artisan': '',
      'shop/bootstrap/app.php': '<?php',
      'shop/.env':
        'SESSION_DRIVER=database\nSESSION_LIFETIME=60\nDB_CONNECTION=mysql\nDB_PASSWORD=hunter2\n',
      'shop/config/database.php':
        "<?php return ['default' => env('DB_CONNECTION'), 'connections' => ['mysql' => ['driver' => 'mysql', 'database' => 'shop', 'password' => env('DB_PASSWORD')]]];",
      'blog/bin/magento': '',
      'blog/app/etc/env.php': "<?php return ['session' => ['save' => 'redis']];",
    });
    const result = await searchStores([root]);
    expect(result.applications).toEqual([
      {
        path: `${root}/shop`,
        profile: 'laravel',
        title: 'Laravel',
        evidence: `${root}/shop/artisan`,
        storeSource: `${root}/shop/.env:1`,
        lifetime: { seconds: 3600, source: `${root}/shop/.env:2` },
        configuration: `[[store]]\napp = "${root}/shop"\nprofile = "laravel"\nlifetime = "1h" # ${root}/shop/.env:2\n`,
      },
    ]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
    const lines = result.applications[0]?.configuration ?? '';
    expect(parseConfiguration(lines, 'f').tables).toMatchObject([
      {
        title: 'Laravel',
        target: { app: `${root}/shop`, profile: 'laravel' },
        lifetime: { value: 3600 },
      },
    ]);
  });

  test('the directories of a nested store are one finding, with those at shallower levels', async () => {
    const root = tempDir();
    for (const first of 'ab0') {
      for (const second of 'cd-') {
        fill(join(root, 'deep', first, second), names(3, `sess_${first}${second}`, hex, 20));
      }
    }
    fill(join(root, 'deep/a'), names(1, 'sess_a', hex, 20));
    fill(join(root, 'deep'), names(2, 'sess_', hex, 20));
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([
      { path: join(root, 'deep'), depth: 2, sessionCount: 30, isExact: true },
    ]);
    expect(found[0]?.configuration).toContain(`save_path = "2;${join(root, 'deep')}"`);
  });

  test('a directory with a short name is not taken for a level', async () => {
    const root = tempDir();
    fill(join(root, 'users/x'), names(40, 'sess_', hex, 26));
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([{ path: join(root, 'users/x'), depth: 0, sessionCount: 40 }]);
  });

  test('two kinds in one directory are two findings, the larger first', async () => {
    const root = tempDir();
    fill(root, [...names(11, 'sess_', hex, 26), ...names(15, 'ci_session', hex, 32)]);
    const { found } = await searchStores([root]);
    expect(found.map(({ profile, sessionCount }) => [profile, sessionCount])).toEqual([
      ['codeigniter', 15],
      ['php', 11],
    ]);
  });

  test('directories that were named twice, or within another, are searched once', async () => {
    const root = tempDir();
    fill(join(root, 'a'), names(10, 'sess_', hex, 26));
    const { found } = await searchStores([root, `${root}/`, join(root, 'a')]);
    expect(found).toMatchObject([{ sessionCount: 10 }]);
  });

  test('a named link is followed, and what is found has its real path', async () => {
    const root = tempDir();
    fill(join(root, 'real'), names(10, 'sess_', hex, 26));
    symlinkSync('real', join(root, 'link'));
    const { found } = await searchStores([join(root, 'link')]);
    expect(found).toMatchObject([{ path: join(root, 'real') }]);
  });

  test('what lies below the root of a process is named by it', async () => {
    const root = tempDir();
    fill(join(root, 'sessions'), names(10, 'sess_', hex, 26));
    const seenFrom = `/proc/${process.pid}/root${root}`;
    const { found } = await searchStores([seenFrom]);
    expect(found).toMatchObject([{ path: `${seenFrom}/sessions` }]);
  });

  test('a name that is no UTF-8 is found, but not put into TOML', async () => {
    const root = tempDir();
    const directory = Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff)]);
    mkdirSync(directory);
    for (const name of names(10, 'sess_', hex, 26)) {
      writeFileSync(Buffer.concat([directory, Buffer.from(`/${name}`)]), '');
    }
    const { found } = await searchStores([root]);
    expect(found).toMatchObject([{ path: `${root}/\xff`, configuration: null }]);
  });
});

describe('what is no finding', () => {
  test.each<[string, (root: string) => void]>([
    ['a few sessions', (root) => fill(root, names(9, 'sess_', hex, 26))],
    [
      "Laravel's cache and other files that are called by an SHA-1",
      (root) =>
        fill(
          root,
          Array.from({ length: 50 }, (_, at) => createHash('sha1').update(`${at}`).digest('hex')),
        ),
    ],
    [
      'uploaded files, of which some have no extension',
      (root) =>
        fill(root, [
          ...names(30, '', alphanumeric, 40),
          ...names(30, '', alphanumeric, 40).map((name) => `${name}.pdf`),
        ]),
    ],
    [
      'directories and links that are called like sessions',
      (root) => {
        for (const name of names(20, 'sess_', hex, 26)) mkdirSync(join(root, name));
        for (const name of names(20, 'sess_', hex, 26))
          symlinkSync('/etc/passwd', join(root, name));
      },
    ],
  ])('%s', async (_, make) => {
    const root = tempDir();
    make(root);
    const { found, warnings } = await searchStores([root]);
    expect({ found, warnings }).toEqual({ found: [], warnings: [] });
  });
});

describe('limits', () => {
  test('of entries, as for a directory with a million of them', async () => {
    const root = tempDir();
    fill(root, names(200, 'sess_', hex, 26));
    const result = await searchStores([root], { limits: { maxEntries: 50 } });
    expect(result.found).toMatchObject([{ sessionCount: 50, isCountComplete: false }]);
    expect(told(result)).toMatch(/incomplete: there are more than 50 files and directories/);
  });

  test('of directories, without remembering those that will not be read', async () => {
    const root = tempDir();
    for (let at = 0; at < 50; at++) mkdirSync(join(root, `d${at}`));
    const result = await searchStores([root], { limits: { maxDirectories: 10 } });
    expect(told(result)).toBe(
      'the search is incomplete: there are more than 10 directories; name fewer directories',
    );
    expect((await searchStores([root], { limits: { maxDirectories: 51 } })).warnings).toEqual([]);
  });

  test('of files looked at: the rest is counted', async () => {
    const root = tempDir();
    fill(root, names(100, 'sess_', hex, 26), 10);
    const { found } = await searchStores([root], { limits: { maxFilesLookedAt: 20 } });
    expect(found).toMatchObject([
      { sessionCount: 100, isCountComplete: true, isExact: false, totalBytes: 1000 },
    ]);
  });

  test('of time', async () => {
    const root = tempDir();
    for (let at = 0; at < 20; at++) fill(join(root, `d${at}`), names(10, 'sess_', hex, 26));
    let now = 0;
    const result = await searchStores([root, '/nonexistent'], { deadline: 10, clock: () => now++ });
    expect(result.found.length).toBeLessThan(20);
    expect(told(result)).toBe(
      'the search is incomplete: the time limit was reached; name fewer directories',
    );
  });

  test('the event loop has its turn all the while', async () => {
    const root = tempDir();
    for (let at = 0; at < 30; at++) mkdirSync(join(root, `d${at}`));
    let now = 0;
    let turns = 0;
    const count = () => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await searchStores([root], {
      deadline: 1e9,
      clock: () => {
        now += 15;
        return now;
      },
    });
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(5);
  });
});
