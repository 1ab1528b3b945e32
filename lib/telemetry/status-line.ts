/**
 * The monitor's status in one line, for `systemctl status`.
 *
 * Invariant: it says as much as /healthz and the page do: the first fault, and how many there are.
 */
import type { MonitorStatus } from '../monitor/status.js';
import { formatCount, plural } from '../text/count.js';
import { cautionsOf, faultsOf } from './health.js';

export function statusLine(status: MonitorStatus): string {
  const { stores } = status;
  const sessions = stores.reduce((sum, store) => sum + (store.sessions ?? 0), 0);
  const removed = stores.reduce((sum, store) => sum + store.removed, 0);
  const faults = faultsOf(status);
  const cautions = cautionsOf(status);
  const trouble = faults.length === 0 ? '' : `; ${faults.length} not well: ${faults[0]}`;
  const caution = cautions.length === 0 ? '' : `; ${cautions[0]}`;
  const held = `${plural(sessions, 'session')} in ${plural(stores.length, 'store')}`;
  return `${held}, ${formatCount(removed)} removed${trouble}${caution}`;
}
