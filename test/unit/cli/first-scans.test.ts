/** When all of many stores have been scanned once. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FirstScans } from '../../../lib/cli/first-scans.js';
import type { MonitorEvent } from '../../../lib/index.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function scanned(store: string): MonitorEvent {
  return { kind: 'scanned', store, durationMs: 1, sessions: 1, removed: 0 };
}

function scene(stores: number) {
  const onAll = vi.fn();
  const scans = new FirstScans(onAll);
  scans.add({ kind: 'discovered', stores, notCollected: [], warnings: [] });
  return { onAll, scans };
}

test('it is told once, and not before the last store was scanned', () => {
  const { onAll, scans } = scene(1000);
  for (let i = 0; i < 999; i += 1) scans.add(scanned(`/${i}`));
  scans.add(scanned('/0'));
  vi.advanceTimersByTime(60_000);
  expect(onAll).not.toHaveBeenCalled();
  scans.add(scanned('/999'));
  scans.add(scanned('/0'));
  vi.advanceTimersByTime(60_000);
  expect(onAll).toHaveBeenCalledTimes(1);
});

test('it is not told of a few stores, nor behind the end', () => {
  const few = scene(10);
  for (let i = 0; i < 10; i += 1) few.scans.add(scanned(`/${i}`));
  const ended = scene(1000);
  for (let i = 0; i < 1000; i += 1) ended.scans.add(scanned(`/${i}`));
  ended.scans.end();
  vi.advanceTimersByTime(60_000);
  expect(few.onAll).not.toHaveBeenCalled();
  expect(ended.onAll).not.toHaveBeenCalled();
});
