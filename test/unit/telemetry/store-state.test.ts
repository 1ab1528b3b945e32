/** The words for how a store is: what is not well never reads as if it were. */
import { describe, expect, it } from 'vitest';
import type { MonitoredStore } from '../../../lib/monitor/status.js';
import { storeFault } from '../../../lib/telemetry/health.js';
import { stateOf } from '../../../lib/telemetry/store-state.js';
import { monitorStatus, newStore, storeStatus } from '../../telemetry/statuses.js';

const { nowMs } = monitorStatus();
const ago = (seconds: number) => nowMs / 1000 - seconds;
const doubt = { uids: null, reasons: ['a file'], remedy: 'read it' };
const failing = (trouble: MonitoredStore['trouble']) =>
  storeStatus({ state: 'failing', trouble, problem: 'x' });

const table: readonly (readonly [string, MonitoredStore])[] = [
  ['not readable', failing('unreadable')],
  ['missing', failing('missing')],
  ['removal fails', failing('unremovable')],
  ['not answering', failing('silent')],
  ['not usable', failing('unusable')],
  ['late by 1h 2m', storeStatus({ isOverdue: true, nextExpiryAt: ago(3720) })],
  ['late by 1m 30s', storeStatus({ isOverdue: true, nextScanAtMs: nowMs - 90_000 })],
  ['late', storeStatus({ isOverdue: true, state: 'scanning', nextScanAtMs: null })],
  ['late by 4s', storeStatus({ nextExpiryAt: ago(4) })],
  ['late by 4s', storeStatus({ nextExpiryAt: ago(4), state: 'removing' })],
  ['lifetime uncertain', storeStatus({ doubt })],
  ['not counted yet', newStore()],
  ['on time', storeStatus()],
  ['on time', storeStatus({ state: 'scanning' })],
  ['on time', storeStatus({ nextExpiryAt: ago(1) })],
  ['on time', storeStatus({ nextExpiryAt: null })],
];

describe('the state of a store in words', () => {
  it.each(table)('%s', (words, store) => {
    expect(stateOf(store, nowMs).words).toBe(words);
  });

  it('is bad just where health says so', () => {
    for (const [, store] of table) {
      expect(stateOf(store, nowMs).tone === 'bad').toBe(storeFault(store) !== null);
    }
  });

  it('has the worst first', () => {
    const ranks = table.map(([, store]) => stateOf(store, nowMs).rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });
});
