/** What is told of a store that is not well, and that all who tell it agree. */
import { describe, expect, it } from 'vitest';
import { healthFaults, isHealthy, storeFault } from '../../../lib/telemetry/health.js';
import { monitorStatus, newStore, storeStatus } from '../../telemetry/statuses.js';

const well = [
  storeStatus(),
  newStore(),
  storeStatus({ state: 'scanning' }),
  storeStatus({ state: 'removing' }),
];
const unwell = [
  storeStatus({ state: 'removing', isOverdue: true }),
  newStore({ isOverdue: true }),
  storeStatus({ state: 'failing' }),
  storeStatus({ state: 'failing', problem: 'gone\r\nand forgotten\u2028', isOverdue: true }),
];

describe('health', () => {
  it.each(well)('is well: $state', (store) => {
    expect(storeFault(store)).toBeNull();
    expect(isHealthy(monitorStatus([store]))).toBe(true);
    expect(healthFaults(monitorStatus([store]))).toBe('');
  });

  it.each(unwell)('is not well: $state, overdue $isOverdue, $problem', (store) => {
    expect(storeFault(store)).not.toBeNull();
    expect(isHealthy(monitorStatus([...well, store]))).toBe(false);
  });

  it('is told in one line a store', () => {
    const faults = healthFaults(monitorStatus([...well, ...unwell]));
    expect(faults.split('\n')).toHaveLength(4 + 1);
    expect(faults).toContain(': gone and forgotten \n');
  });

  it('is not well where a store cannot be watched', () => {
    const status = {
      ...monitorStatus(well),
      blocked: [{ id: '/srv/gone', reason: 'the directory does not exist' }],
    };
    expect(isHealthy(status)).toBe(false);
    expect(healthFaults(status)).toBe(
      '/srv/gone: cannot be watched: the directory does not exist\n',
    );
  });

  it('is well where there is no store yet', () => {
    expect(healthFaults(monitorStatus([]))).toBe('');
  });
});
