/** What is told of a store that is not well, and that all who tell it agree. */
import { describe, expect, it } from 'vitest';
import { isHealthy } from '../../../lib/monitor/status.js';
import { healthFaults, storeFault } from '../../../lib/telemetry/health.js';
import { monitorStatus, newStore, storeStatus } from '../../telemetry/statuses.js';

const stores = [
  storeStatus(),
  newStore(),
  storeStatus({ state: 'scanning' }),
  storeStatus({ state: 'removing', isOverdue: true }),
  newStore({ isOverdue: true }),
  storeStatus({ state: 'failing' }),
  storeStatus({ state: 'failing', problem: 'gone\r\nand forgotten\u2028', isOverdue: true }),
];

describe('health', () => {
  it.each(stores)('agrees with the monitor: $state, overdue $isOverdue, $problem', (store) => {
    const status = monitorStatus([store]);
    expect(storeFault(store) === null).toBe(isHealthy(status));
    expect(healthFaults(status) === '').toBe(isHealthy(status));
  });

  it('is told in one line a store', () => {
    expect(healthFaults(monitorStatus(stores)).split('\n')).toHaveLength(4 + 1);
    expect(healthFaults(monitorStatus(stores))).toContain(': gone and forgotten \n');
  });

  it('is well where there is no store yet', () => {
    expect(healthFaults(monitorStatus([]))).toBe('');
  });
});
