/**
 * Shards of real stores: all of them together are one sweep, whatever their number, and no session is
 * in two of them.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sumCounts } from '../../../lib/engine/counts.js';
import {
  parseShard,
  type Shard,
  type SweepCounts,
  shardText,
  sweep,
  verdicts,
} from '../../../lib/index.js';
import { reportedCounts } from '../../../lib/native/boundary.js';
import { fc } from '../../support/fast-check.js';
import { writeSession } from '../../support/sessions.js';
import { tempDir } from '../../support/temp-dir.js';

const lifetime = 1440;
const characters = '0123456789abcdef';

/** Live and expired sessions, what a strict sweep left, and what is no session. */
function fill(directory: string, ids: readonly string[]): void {
  for (const [at, id] of ids.entries()) {
    writeSession(directory, id, { ageSeconds: at % 2 === 0 ? 9999 : 0 });
    if (at % 5 === 0) writeFileSync(join(directory, `.scl_${id}`), '');
    if (at % 7 === 0) writeFileSync(join(directory, `foreign-${id}`), '');
  }
}

function flatStore(sessions: number): string {
  const store = tempDir();
  fill(
    store,
    Array.from({ length: sessions }, (_, at) => `s${at}`),
  );
  return store;
}

/** With sessions at every level. */
function nestedStore(): string {
  const store = tempDir();
  for (const first of characters) {
    for (const second of characters.slice(0, 8)) {
      const leaf = join(store, first, second);
      mkdirSync(leaf, { recursive: true });
      fill(leaf, [`${first}${second}1`, `${first}${second}2`]);
    }
    fill(join(store, first), [`${first}x1`, `${first}x2`]);
  }
  fill(store, ['top1', 'top2', 'top3']);
  return `2;${store}`;
}

interface Seen {
  readonly paths: readonly string[];
  readonly counts: SweepCounts;
}

async function dryRun(savePath: string, shard?: Shard): Promise<Seen> {
  const paths: string[] = [];
  const report = await sweep(savePath, {
    maxLifetimeSeconds: lifetime,
    dryRun: true,
    shard,
    listVerdicts: verdicts,
    onVerdict: (verdict, path) => void paths.push(`${verdict} ${path}`),
  });
  const [store] = report.stores;
  expect(store?.shard).toEqual(shard ?? null);
  return { paths, counts: report.totals };
}

function plain(counts: SweepCounts): Record<string, unknown> {
  const { scanned, live, wouldRemove, skipped } = counts;
  return {
    scanned,
    live,
    wouldRemove,
    skipped,
    ...Object.fromEntries(reportedCounts.map((name) => [name, counts[name]])),
  };
}

describe.each([
  ['in one directory', () => flatStore(300)],
  ['in a tree', nestedStore],
])('the sessions %s', (_name, make) => {
  test('are in exactly one of any number of shards', async () => {
    const store = make();
    const whole = await dryRun(store);
    for (let count = 1; count <= 16; count += 1) {
      const shares: Seen[] = [];
      for (let index = 0; index < count; index += 1) {
        shares.push(await dryRun(store, { index, count }));
      }
      const paths = shares.flatMap((share) => share.paths);
      expect(paths.sort()).toEqual([...whole.paths].sort());
      const sum = sumCounts(shares.map(({ counts }) => counts));
      expect(plain(sum)).toEqual(plain(whole.counts));
    }
  }, 60_000);

  test('are all removed once, by shards that run side by side', async () => {
    const store = make();
    const { counts } = await dryRun(store);
    const reports = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        sweep(store, { maxLifetimeSeconds: lifetime, shard: { index, count: 5 } }),
      ),
    );
    const removed = reports.reduce((sum, { totals }) => sum + totals.removed, 0);
    expect(removed).toBe(counts.wouldRemove);
    expect(reports.map(({ totals }) => totals.vanished)).toEqual([0, 0, 0, 0, 0]);
    expect((await dryRun(store)).counts.wouldRemove).toBe(0);
  });
});

test('shards of different numbers never remove what is not expired', async () => {
  const store = flatStore(200);
  const live = (await dryRun(store)).paths.filter((path) => path.startsWith('live ')).length;
  await Promise.all(
    [
      { index: 0, count: 2 },
      { index: 2, count: 3 },
      { index: 4, count: 16 },
    ].map((shard) => sweep(store, { maxLifetimeSeconds: lifetime, shard })),
  );
  expect((await dryRun(store)).counts.live).toBe(live);
  expect(readdirSync(store).filter((name) => name.startsWith('foreign-'))).toHaveLength(29);
});

test("a call's shard goes before the one that a store brings", async () => {
  const savePath = Buffer.from(flatStore(40));
  const target = {
    savePath,
    maxLifetimeSeconds: lifetime,
    graceSeconds: 0,
    lifetimesByUid: new Map(),
    root: null,
    directory: null,
    shard: { index: 1, count: 4 },
  };
  const own = await sweep(target, { dryRun: true });
  expect(own.stores[0]?.shard).toEqual({ index: 1, count: 4 });
  const whole = await sweep(target, { dryRun: true, shard: { index: 0, count: 1 } });
  expect(whole.totals.scanned).toBe(48);
});

describe('a shard as text', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(), (count, any) => {
        const shard = { index: any % count, count };
        expect(parseShard(shardText(shard))).toEqual(shard);
      }),
    );
  });

  test.each([
    ['', /not of the form I\/N/],
    ['3', /not of the form I\/N/],
    ['-1/3', /not of the form I\/N/],
    ['1/', /not of the form I\/N/],
    ['1/2/3', /not of the form I\/N/],
    [' 1/2', /not of the form I\/N/],
    ['1/2\n', /not of the form I\/N/],
    ['0x1/2', /not of the form I\/N/],
    ['0/0', /has 0 shards/],
    ['0/1000001', /has 1000001 shards/],
    ['0/99999999999999999999', /not of the form I\/N/],
    ['16/16', /numbered from 0/],
    ['7/3', /numbered from 0/],
  ])('%j is refused', (text, reason) => {
    expect(parseShard(text)).toMatchObject({ reason: expect.stringMatching(reason) });
  });
});
