/** Findings for which no machine of the tests can be broken: by the facts alone. */
import { describe, expect, test } from 'vitest';
import { findingsOf } from '../../../lib/doctor/examine.js';
import type { Facts, StoreFacts } from '../../../lib/doctor/facts.js';
import type { Mount } from '../../../lib/doctor/mounts.js';
import { discoveredStore } from '../cli/discovered-store.js';
import { storeStatistics } from '../cli/store-statistics.js';

const nowMs = Date.UTC(2026, 11, 24);

const statistics = storeStatistics();

function storeFacts(over: Partial<StoreFacts> = {}): StoreFacts {
  return {
    store: discoveredStore({ path: '/s' }),
    directory: '/s',
    mount: null,
    isSilent: false,
    status: { mode: 0o41733, uid: 0, bytes: 4096 },
    isMissing: false,
    space: null,
    statistics,
    ext: null,
    missingDirectories: null,
    longCookies: [],
    agingRules: [],
    label: null,
    quotas: [],
    table: null,
    ...over,
  };
}

function idsOf(store: Partial<StoreFacts>, facts: Partial<Facts> = {}): string[] {
  return findingsOf({
    stores: [storeFacts(store)],
    warnings: [],
    collectors: [],
    monitors: [{ pid: 1, startedMs: nowMs, configuration: null, directories: [] }],
    schedules: ['sescle.service'],
    installedMs: nowMs - 1000,
    found: [],
    nowMs,
    ...facts,
  }).map(({ id }) => id);
}

function mounted(type: string, ...options: string[]): Mount {
  return { point: '/s', type, source: 'server:/s', options };
}

test('where nothing is wrong there is no finding', () => {
  expect(idsOf({})).toEqual([]);
});

describe('a network file system', () => {
  test.each([
    ['nfs4', 'nolock'],
    ['nfs', 'local_lock=all'],
    ['cifs', 'nobrl'],
  ])('%s with %s has no locks between hosts', (type, option) => {
    expect(idsOf({ mount: mounted(type, 'rw', option) })).toEqual(['no-locks']);
    expect(idsOf({ mount: mounted(type, 'rw', 'local_lock=none') })).toEqual([]);
  });

  test('that did not answer comes before all else', () => {
    const silent = { isSilent: true, statistics: null, status: null, mount: mounted('fuse') };
    expect(idsOf(silent, { schedules: [], monitors: [] })[0]).toBe('not-answering');
  });
});

describe('the monitor', () => {
  test('that was started for some directories collects no others', () => {
    const monitor = { pid: 1, startedMs: nowMs, configuration: null };
    const only = (directory: string) => ({
      monitors: [{ ...monitor, directories: [directory] }],
      schedules: [],
    });
    expect(idsOf({}, only('/s'))).toEqual([]);
    expect(idsOf({}, only('/other'))).toEqual(['nobody-collects']);
  });

  test('that is enabled and does not run', () => {
    expect(idsOf({}, { monitors: [] })).toContain('monitor-down');
  });

  test('that is older than the package', () => {
    expect(idsOf({}, { installedMs: nowMs + 1 })).toEqual(['monitor-outdated']);
    expect(idsOf({}, { installedMs: nowMs })).toEqual([]);
  });
});

describe('a session table', () => {
  const table = {
    failure: null,
    server: 'MariaDB 10.11.6',
    hasIndex: true,
    helpfulIndex: null,
    clockAheadMs: 0,
    overdueSeconds: 0,
  };
  const at = (over: Partial<typeof table> & object) =>
    idsOf({ directory: null, statistics: null, table: { ...table, ...over } });

  test('whose clock differs, one way or the other', () => {
    expect(at({ clockAheadMs: 1500 })).toEqual([]);
    expect(at({ clockAheadMs: 2500 })).toEqual(['table-clock']);
    expect(at({ clockAheadMs: -2500 })).toEqual(['table-clock']);
  });

  test('that is late is only told where it is, and whom to ask', () => {
    expect(at({ overdueSeconds: 600 })).toEqual([]);
    expect(at({ overdueSeconds: 601 })).toEqual(['collected-late']);
    const named = (...directories: string[]) => ({
      monitors: [{ pid: 1, startedMs: nowMs, configuration: null, directories }],
      schedules: [],
    });
    const store = discoveredStore({ path: 'mysql://h/shop table sessions' });
    const late = {
      store,
      directory: null,
      statistics: null,
      table: { ...table, overdueSeconds: 700 },
    };
    expect(idsOf(late, named('mysql://h/shop'))).toEqual(['collected-late']);
    expect(idsOf(late, named('mysql://h/other'))).toEqual(['nobody-collects']);
  });

  test('for which no index would help is nothing to be mended', () => {
    expect(at({ hasIndex: false })).toEqual([]);
  });
});

test('a clock from before sescle was made', () => {
  expect(idsOf({}, { nowMs: Date.UTC(2026, 9, 31) })).toContain('clock-wrong');
});

describe('room', () => {
  const space = { inodes: 1000, inodesFree: 500, bytes: 1e9, bytesFree: 5e8 };

  test('that ends within a day at the rate of the last hour', () => {
    const rate = (each: number) => ({
      space,
      statistics: { ...statistics, madeByMinute: Array<number>(60).fill(each) },
    });
    // 60 an hour: 500 last for 8 hours.
    expect(idsOf(rate(1))).toEqual(['inodes-short']);
    expect(idsOf({ ...rate(1), space: { ...space, inodesFree: 100_000, inodes: 1e6 } })).toEqual(
      [],
    );
    // As many are due as are made.
    expect(idsOf({ ...rate(1), statistics: { ...statistics, dueWithinHour: 60 } })).toEqual([]);
  });

  test('a file system without a number of inodes has no shortage of them', () => {
    expect(idsOf({ space: { ...space, inodes: 0, inodesFree: 0 } })).toEqual([]);
    expect(idsOf({ space: { ...space, bytesFree: 5e7 } })).toEqual(['disk-short']);
  });
});

describe('a quota', () => {
  const none = { used: 9, limit: null, soft: 0, hard: 0 };
  const inodes = (used: number) => ({ used, limit: 100, soft: 100, hard: 120 });
  const owned = (sessions: number) => ({
    ...statistics,
    sessions: 100,
    byOwner: [{ uid: 7, user: 'shop', sessions, bytes: 0 }],
  });
  const of = (used: number, sessions = 100) => ({
    mount: mounted('ext4', 'usrquota'),
    space: { inodes: 1e6, inodesFree: 9e5, bytes: 1e9, bytesFree: 9e8 },
    statistics: owned(sessions),
    quotas: [{ uid: 7, blocks: none, inodes: inodes(used) }],
  });

  test('that an owner of sessions has nearly used up', () => {
    expect(idsOf(of(95))).toEqual(['quota-short']);
    expect(idsOf(of(89))).toEqual([]);
    expect(idsOf({ ...of(95), statistics: { ...owned(100), byOwner: [] } })).toEqual([]);
  });

  test('that is used up within a day at the rate of the last hour', () => {
    // 60 an hour, all of this owner: 50 last for less than an hour.
    const growing = { ...owned(100), madeByMinute: Array<number>(60).fill(1) };
    expect(idsOf({ ...of(50), statistics: growing })).toEqual(['quota-short']);
    // One in a hundred is: 50 last for more than three days.
    const hardly = { ...owned(1), madeByMinute: Array<number>(60).fill(1) };
    expect(idsOf({ ...of(50), statistics: hardly })).toEqual([]);
  });
});

describe('a directory of ext4', () => {
  const huge = { ...statistics, directoryBytes: 950 * 2 ** 20, sessions: 9_000_000 };

  test('whose index is nearly full', () => {
    const mount = mounted('ext4');
    expect(
      idsOf({ mount, statistics: huge, ext: { features: ['dir_index'], blockBytes: 4096 } }),
    ).toContain('directory-index-full');
    expect(
      idsOf({
        mount,
        statistics: huge,
        ext: { features: ['dir_index', 'large_dir'], blockBytes: 4096 },
      }),
    ).toEqual([]);
  });

  test('that is as large as its names need', () => {
    const sized = (bytes: number, names: number) => ({
      mount: mounted('ext4'),
      statistics: { ...statistics, oversized: { path: '/srv/s/a', bytes, names } },
    });
    expect(idsOf(sized(8 * 2 ** 20, 100_000))).toEqual([]);
    expect(idsOf(sized(8 * 2 ** 20, 9000))).toEqual(['directory-huge']);
    expect(idsOf(sized(2 * 2 ** 20, 9))).toEqual([]);
    // Where a file system makes directories smaller again, as tmpfs does.
    expect(idsOf({ mount: mounted('tmpfs'), statistics })).toEqual([]);
  });
});
