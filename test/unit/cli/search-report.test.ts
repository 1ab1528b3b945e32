/** What --search found: the text to the letter, and the JSON. */
import { expect, test } from 'vitest';
import { applicationsReport, searchReport, searchSummary } from '../../../lib/cli/search-report.js';
import { storesJson } from '../../../lib/cli/stores-json.js';
import { plain } from '../../../lib/cli/style.js';
import type { FoundDirectory, SearchResult, TableApplication } from '../../../lib/index.js';
import { discoveredStore } from './discovered-store.js';

const now = 1_700_000_000;
const options = { nowSeconds: now, style: plain };

function foundDirectory(changes: Partial<FoundDirectory> = {}): FoundDirectory {
  return {
    path: '/srv/app',
    depth: 0,
    profile: 'php',
    application: null,
    sessionCount: 1234,
    isCountComplete: true,
    otherFileCount: 0,
    ownerUid: 33,
    configuration: '[[store]]\npath = "/srv/app"\n',
    oldestMtimeSeconds: now - 90_000,
    newestMtimeSeconds: now - 1,
    medianMtimeSeconds: now - 3600,
    totalBytes: 2048,
    isExact: true,
    ...changes,
  };
}

test('how many, how old, how large, whose, and the lines at the margin', () => {
  expect(searchReport([foundDirectory()], [], options)).toBe(
    `/srv/app
  found  1,234 sessions as php writes them
  age    oldest 1d 1h, median 1h, newest 1s
  size   2 KiB
  owner  uid 33
  store  no; these lines in /etc/sescle/sescle.toml make it one:

[[store]]
path = "/srv/app"
`,
  );
});

test('an application is named by its own files, and else only what its sessions are called', () => {
  const application = {
    label: 'Laravel',
    directory: '/srv/app',
    evidence: '/srv/app/artisan',
    lifetime: { seconds: 36_000, source: '/srv/app/.env:12' },
  };
  const text = searchReport([foundDirectory({ profile: 'laravel', application })], [], options);
  expect(text).toContain('  found  1,234 sessions as laravel writes them\n');
  expect(text).toContain('  of     Laravel in /srv/app (/srv/app/artisan shows it)\n');
  expect(text).toContain('  lives  10h (from /srv/app/.env:12)\n');
  expect(searchReport([foundDirectory({ profile: 'laravel' })], [], options)).toContain(
    '  found  1,234 sessions called as laravel calls them\n',
  );
});

test('what is not exact, or cannot be told, says so', () => {
  const found = foundDirectory({
    path: '/srv/\xff',
    depth: 1,
    isCountComplete: false,
    otherFileCount: 1,
    isExact: false,
    oldestMtimeSeconds: null,
    ownerUid: null,
    configuration: null,
  });
  expect(searchReport([found], [], options)).toBe(
    `/srv/\\xff
  found  at least 1,234 sessions as php writes them, beside 1 other file
  depth  1: below one level of directories
  age    not known
  size   about 2 KiB
  store  no; no configuration can name it, since its path is not UTF-8
`,
  );
});

test('a directory that is a store already gets no lines and is not counted', () => {
  const stores = [discoveredStore({ path: '/srv/app' })];
  const text = searchReport([foundDirectory()], stores, options);
  expect(text).toContain('  store  already, see above\n');
  expect(text).not.toContain('[[store]]');
  expect(searchSummary(searched([foundDirectory()]), stores)).toBe(
    'the search found no other directory of sessions',
  );
  expect(searchSummary(searched([foundDirectory()]), [])).toBe(
    'the search found 1 more directory of sessions',
  );
});

test('JSON has what the design says and nothing of the engine', () => {
  const stores = [discoveredStore()];
  expect(JSON.parse(storesJson({ stores, searched: undefined, warnings: ['w'] }))).toEqual({
    version: 1,
    stores: stores.map(({ target: _, ...rest }) => rest),
    warnings: ['w'],
  });
  const json = JSON.parse(
    storesJson({ stores, searched: searched([foundDirectory({ path: '/srv/a' })]), warnings: [] }),
  );
  expect(json.found).toMatchObject([{ path: '/srv/a', sessionCount: 1234, store: '/srv/a' }]);
  const hostile = foundDirectory({ path: '/srv/\xff\n' });
  expect(
    JSON.parse(storesJson({ stores: [], searched: searched([hostile]), warnings: [] })).found,
  ).toMatchObject([{ path: '/srv/\\xff\\n', store: null }]);
});

test('an application with sessions in a database is told with its evidence and its lines', () => {
  const application: TableApplication = {
    path: '/srv/shop',
    profile: 'laravel',
    title: 'Laravel',
    evidence: '/srv/shop/artisan',
    storeSource: '/srv/shop/.env:3',
    lifetime: { seconds: 7200, source: '/srv/shop/.env:4' },
    configuration: '[[store]]\napp = "/srv/shop"\n',
  };
  expect(applicationsReport([application], options.style)).toBe(`/srv/shop
  found     Laravel (shown by /srv/shop/artisan)
  sessions  in a database (from /srv/shop/.env:3)
  lifetime  2h (from /srv/shop/.env:4)
  store     these lines in /etc/sescle/sescle.toml make it one:

[[store]]
app = "/srv/shop"
`);
  expect(searchSummary({ ...searched([]), applications: [application] }, [])).toBe(
    'the search found no other directory of sessions and 1 application with sessions in a database',
  );
});

function searched(found: readonly FoundDirectory[]): SearchResult {
  return { found, applications: [], warnings: [] };
}
