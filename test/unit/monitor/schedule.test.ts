/** When a store is scanned, and when its sessions are looked at again. */
import { describe, expect, it } from 'vitest';
import { verdictSecond } from '../../../lib/clock/reading.js';
import { collectAt, nextScanAt, overdueAt, retryScanAt } from '../../../lib/monitor/schedule.js';

const startMs = 1_700_000_000_000;
const scan = (durationMs: number) => ({ startMs, durationMs });

describe('the next scan', () => {
  it('ends before anything can be due that the last one did not see', () => {
    for (const lifetime of [10, 60, 1440, 86_400]) {
      for (const durationMs of [5, 1000, 4000]) {
        const at = nextScanAt(scan(durationMs), lifetime, null);
        if (durationMs > lifetime * 500) continue;
        // What was created just after the last scan began is due then.
        expect(at + durationMs).toBeLessThan(startMs + Math.min(lifetime, 3600) * 1000 + 1000);
        expect(at).toBeGreaterThan(startMs);
      }
    }
  });

  it('is not more than an hour after the last, however long sessions live', () => {
    expect(nextScanAt(scan(1000), 10_000_000, null)).toBeLessThanOrEqual(startMs + 3_600_000);
  });

  it('follows without a pause where a scan takes longer than half a lifetime', () => {
    expect(nextScanAt(scan(8000), 10, null)).toBe(startMs + 8000 + 250);
  });

  it('never comes before the last has ended', () => {
    expect(nextScanAt(scan(500), 1, null)).toBeGreaterThan(startMs + 500);
  });

  it('comes before what found no room in the index is due', () => {
    const dueSeconds = startMs / 1000 + 100;
    expect(nextScanAt(scan(2000), 3600, dueSeconds)).toBe(startMs + 100_000 - 5000);
  });
});

it('a scan that fails is tried again after a second, twice as long each time, at most a minute', () => {
  const waits = [1, 2, 3, 4, 20].map((failures) => retryScanAt(0, failures));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 60_000]);
});

it('a store is overdue a minute and two scans after it should have been scanned', () => {
  expect(overdueAt(startMs, 3000)).toBe(startMs + 66_000);
});

it('what is due in a second is looked at when the coarse clock has come to it', () => {
  const at = collectAt(1_700_000_000);
  expect(verdictSecond(at)).toBe(1_700_000_000);
  expect(verdictSecond(at - 3)).toBe(1_699_999_999);
  expect(at - 1_700_000_000_000).toBeLessThan(50);
});
