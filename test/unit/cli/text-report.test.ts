/** The report for people, to the letter. */
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { chooseStyle, plain } from '../../../lib/cli/style.js';
import { textReport } from '../../../lib/cli/text-report.js';
import { storeReport, sweepReport } from '../../support/reports.js';
import { discoveredStore } from './discovered-store.js';

const quiet = { verbosity: 0, style: plain };

test('what is kept for a doubt is told with why, and with what would settle it', () => {
  const { skipped } = storeReport();
  const store = storeReport({
    scanned: 10_000,
    live: 9999,
    removed: 0,
    skipped: { ...skipped, uncertain: 1 },
    doubt: { uids: null, reasons: ['/etc/php-fpm.d/x.conf: too large'], remedy: 'write it down' },
  });
  expect(textReport(sweepReport([store]), quiet)).toContain(`
  kept              1 past the known lifetime, but the real one may be longer
  uncertain    /etc/php-fpm.d/x.conf: too large
  to fix       write it down
`);
});

test('one store is one aligned block, without what did not occur', () => {
  expect(textReport(sweepReport([storeReport()]), quiet)).toBe(
    `/srv/a
  lifetime     24m
  scanned      10,000
  live          9,000
  expired       1,000
  removed       1,000 (3.91 MiB freed)
  oldest left  23m 59s old
  took         2.00 s, 5,000 sessions a second
`,
  );
});

test('what was kept is told with its reasons, what is unusual with -v', () => {
  const store = storeReport({
    depth: 2,
    grace: 60,
    scanned: 10,
    live: 2,
    futureDated: 1,
    expired: 8,
    removed: 0,
    vanished: 1,
    bytesFreed: 0,
    skipped: {
      in_use: 1,
      changed: 2,
      not_regular: 1,
      mount_point: 1,
      unlockable: 1,
      uncertain: 0,
      failed: 1,
    },
    directories: 73,
    skippedDirectories: { symlink: 1, mount_point: 2, denied: 0 },
    oldestAgeSeconds: null,
    durationMs: 12,
    complete: false,
  });
  expect(textReport(sweepReport([store]), { ...quiet, verbosity: 1 })).toBe(
    `/srv/a
  lifetime      24m and 1m of grace (1,440 seconds, from the command line)
  depth         2
  scanned       10
  live           2
  expired        8
  removed        0
  kept           1 in use (locked by another process)
                 2 changed while being looked at
                 1 not a regular file
                 1 a mount point
                 1 could not be opened and locked
                 1 could not be looked at or removed
  already gone   1 removed by someone else
  future         1 live, dated in the future
  foreign        3 not a session name
  directories   73
                 1 not entered: a symbolic link
                 2 not entered: a mount point
  took          0.01 s
  incomplete    stopped before everything was checked
`,
  );
});

test('a lifetime that was found is told with its source, and those of single users', () => {
  const followed = new Map([
    ['/srv/a', discoveredStore({ lifetimesByUser: [{ uid: 33, user: null, maxLifetime: 60 }] })],
  ]);
  const text = (verbosity: number) =>
    textReport(sweepReport([storeReport()]), { ...quiet, verbosity, followed });
  expect(text(0)).toContain(
    '  lifetime     24m (from /etc/php/8.2/fpm/php.ini:1432)\n               1m for files of uid 33\n  scanned',
  );
  expect(text(1)).toContain('24m (1,440 seconds, from /etc/php/8.2/fpm/php.ini:1432)\n');
  const other = textReport(sweepReport([storeReport({ path: '/srv/b' })]), { ...quiet, followed });
  expect(other).toContain('  lifetime     24m\n');
});

test('a dry run says what would be', () => {
  const store = storeReport({ removed: 0, wouldRemove: 1000 });
  const text = textReport(sweepReport([store], { dryRun: true }), quiet);
  expect(text).toContain('  would remove   1,000 (3.91 MiB to free)\n');
  expect(text).not.toMatch(/removed|freed/);
});

test('several stores end with their sums', () => {
  const text = textReport(sweepReport([storeReport(), storeReport({ path: '/srv/b' })]), quiet);
  expect(text.split('\n\n')[2]).toBe(
    `all 2 stores
  scanned  20,000
  live     18,000
  expired   2,000
  removed   2,000 (7.81 MiB freed)
  took     4.00 s, 5,000 sessions a second
`,
  );
});

test('no store, no text', () => {
  expect(textReport(sweepReport([]), quiet)).toBe('');
});

test('colour is on a terminal only, never with NO_COLOR or on a dumb one, and adds no word', () => {
  const report = sweepReport([storeReport()]);
  const text = (isTerminal: boolean, environment: NodeJS.ProcessEnv) =>
    textReport(report, { verbosity: 0, style: chooseStyle(isTerminal, environment) });
  const coloured = text(true, {});
  expect(coloured).toContain('\u001b[');
  expect(stripVTControlCharacters(coloured)).toBe(text(false, {}));
  expect(text(true, { NO_COLOR: '' })).toBe(coloured);
  expect(text(true, { NO_COLOR: '1' })).toBe(text(false, {}));
  expect(text(true, { TERM: 'dumb' })).toBe(text(false, {}));
});

test('more than ten stores are a table, the failing ones first; the totals stay a block', () => {
  const { skipped } = storeReport();
  const stores = [
    ...Array.from({ length: 10 }, (_, at) => storeReport({ path: `/srv/${at}` })),
    storeReport({ path: '/srv/busy', skipped: { ...skipped, in_use: 7 } }),
    storeReport({ path: '/srv/bad', skipped: { ...skipped, failed: 1 } }),
  ];
  const text = textReport(sweepReport(stores), quiet);
  expect(text.split('\n').slice(0, 4).join('\n')).toBe(
    `scanned  removed  kept  store      note
 10,000    1,000     1  /srv/bad   could not be looked at or removed
 10,000    1,000     7  /srv/busy
 10,000    1,000     0  /srv/0`,
  );
  expect(text).toContain('\nall 12 stores\n');
});
