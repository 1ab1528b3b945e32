/** When the passes of a store come, by what became of those before. */
import { expect, it } from 'vitest';
import { StoreTimes } from '../../../lib/monitor/store-times.js';
import { playedClock } from '../../support/played-clock.js';

const hourMs = 3_600_000;
const minuteMs = 60_000;

async function scanned() {
  const clock = playedClock(0);
  const times = new StoreTimes(clock, ({ startMs }) => startMs + hourMs);
  times.beginScan();
  times.scanned({ startMs: 0, durationMs: 10 });
  await clock.advance(1000);
  return { clock, times };
}

it('a scan that fails is tried again soon, one that hangs much later and later each time', async () => {
  const { times } = await scanned();
  expect(times.nextScanAtMs).toBe(hourMs);
  times.scanFailed(false);
  expect(times.nextScanAtMs).toBe(2000);
  times.scanFailed(true);
  expect(times.nextScanAtMs).toBe(1000 + 10 * minuteMs);
  times.scanFailed(true);
  expect(times.nextScanAtMs).toBe(1000 + 20 * minuteMs);
  times.scanned({ startMs: 1000, durationMs: 10 });
  times.scanFailed(true);
  expect(times.nextScanAtMs).toBe(1000 + 10 * minuteMs);
});

it('a scan that hangs holds up collections, until a scan goes well', async () => {
  const { times } = await scanned();
  times.scanFailed(true);
  expect(times.collectAt(2, 0, false)).toBe(times.nextScanAtMs);
  times.scanned({ startMs: 1000, durationMs: 10 });
  expect(times.collectAt(2, 0, false)).toBeLessThan(2100);
});

it('collections that hang keep their pause, however well scans go', async () => {
  const { times } = await scanned();
  times.collected(true);
  times.scanSoon();
  times.scanned({ startMs: 1000, durationMs: 10 });
  expect(times.collectAt(2, 0, false)).toBe(1000 + 10 * minuteMs);
  expect(times.forgetHungCollections()).toBe(true);
  expect(times.forgetHungCollections()).toBe(false);
  times.letCollect();
  expect(times.collectAt(2, 0, false)).toBeLessThan(2100);
});

it('a rescan that was asked for during a scan comes at once behind it', async () => {
  const { times } = await scanned();
  times.beginScan();
  times.scanSoon();
  times.rethink();
  times.scanned({ startMs: 1000, durationMs: 10 });
  expect(times.nextScanAtMs).toBe(1000);
  times.beginScan();
  times.scanned({ startMs: 1000, durationMs: 10 });
  expect(times.nextScanAtMs).toBe(1000 + hourMs);
});

it('while a scan goes on, what it finds is looked at each second', async () => {
  const { clock, times } = await scanned();
  expect(times.collectAt(null, 0, false)).toBeNull();
  expect(times.collectAt(null, 0, true)).toBe(clock.now() + 1000);
  expect(times.collectAt(100, 0, true)).toBe(clock.now() + 1000);
  expect(times.collectAt(1, 0, true)).toBeLessThan(clock.now() + 1000);
});

it('no look ahead comes before collections may, or when it is too late', async () => {
  const { clock, times } = await scanned();
  expect(times.lookAheadAt(2)).toBe(1500);
  times.scanSoon();
  expect(times.lookAheadAt(2)).toBeNull();
  expect(times.lookAheadAt(3)).toBe(2500);
  times.letCollect();
  await clock.advance(751);
  expect(times.lookAheadAt(2)).toBeNull();
});

it('nothing is looked at before a scan has ended, nor soon after a look that hung', async () => {
  const clock = playedClock(0);
  const times = new StoreTimes(clock, () => hourMs);
  expect(times.mayLook).toBe(false);
  times.scanFailed(false);
  expect(times.mayLook).toBe(true);
  times.looked(true);
  expect(times.mayLook).toBe(false);
  times.comeBack();
  expect(times.mayLook).toBe(true);
});

it('a clock that is set back makes no pause longer', () => {
  let nowMs = 365 * 24 * hourMs;
  const times = new StoreTimes({ now: () => nowMs }, () => nowMs + hourMs);
  times.scanned({ startMs: nowMs, durationMs: 10 });
  times.collected(true);
  times.scanSoon();
  times.looked(true);
  nowMs = hourMs;
  times.startOver();
  expect(times.nextScanAtMs).toBe(nowMs);
  expect(times.collectAt(1, 0, false)).toBe(nowMs + 10 * minuteMs);
  expect(times.mayLook).toBe(false);
  nowMs += 10 * minuteMs;
  expect(times.mayLook).toBe(true);
});

it('a first scan is never late, a later one when it takes a minute longer than it should', async () => {
  const { clock, times } = await scanned();
  await clock.advance(hourMs + minuteMs);
  expect(times.isScanOverdue(null)).toBe(true);
  expect(times.isScanOverdue({ begunAtMs: null })).toBe(false);
  expect(times.isScanOverdue({ begunAtMs: clock.now() })).toBe(false);
  const first = new StoreTimes(clock, () => hourMs);
  await clock.advance(24 * hourMs);
  expect(first.isScanOverdue({ begunAtMs: 0 })).toBe(false);
});
