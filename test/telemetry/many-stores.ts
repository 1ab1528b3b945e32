/**
 * A monitor of many stores that never ran: most are well, some are not, each in another way, and every
 * snapshot is two seconds after the one before.
 *
 * Invariant: the same count makes the same stores.
 */
import type { MonitoredStore, MonitorStatus } from '../../lib/monitor/status.js';
import { monitorStatus, newStore, storeStatus } from './statuses.js';

/** What is wrong with the first stores, where there are more than ten. */
const ill: readonly Partial<MonitoredStore>[] = [
  {
    state: 'failing',
    trouble: 'unreadable',
    problem:
      '/srv/shop/var/sessions cannot be opened: permission denied; run sescle as root or as the owner of the sessions',
    sessions: null,
  },
  {
    state: 'failing',
    trouble: 'missing',
    problem:
      "/mnt/nfs/sessions does not exist; give the directory that PHP's session.save_path names",
    sessions: null,
  },
];

export function manyStores(count: number): () => MonitorStatus {
  let asked = 0;
  return () => {
    asked += 1;
    const base = monitorStatus();
    const nowMs = base.nowMs + asked * 2000;
    const stores = Array.from({ length: count }, (_, at) => store(at, count, asked, nowMs));
    const blocked =
      count > 10 ? [{ id: '/mnt/backup/sessions', reason: 'the directory does not exist' }] : [];
    return monitorStatus(stores, { nowMs, blocked });
  };
}

function store(at: number, count: number, asked: number, nowMs: number): MonitoredStore {
  const size = Math.round(1_900_000 / (at + 1));
  const path =
    count === 1
      ? '/var/lib/php/sessions'
      : `/var/www/site-${String(at + 1).padStart(3, '0')}/sessions`;
  const base: Partial<MonitoredStore> = {
    id: path,
    path,
    usedBy: [`php8.2-fpm pool site-${at + 1}`],
    sessions: Math.max(0, size + Math.round((size / 12) * Math.sin(asked / 6 + at))),
    removed: 98_765 + at * 10 + asked * ((at % 7) + 1),
    nextExpiryAt: Math.floor(nowMs / 1000) + 1 + (at % 20),
  };
  const problem = count > 10 ? ill[at] : undefined;
  if (problem !== undefined) return storeStatus({ ...base, ...problem });
  if (count > 10 && at === 4) return newStore({ id: path, path, usedBy: [] });
  if (count > 10 && at === 5)
    return storeStatus({ ...base, nextExpiryAt: Math.floor(nowMs / 1000) - 4 });
  if (count > 10 && at === 6) {
    const remedy = 'chmod o+r /var/www/site-007/.user.ini';
    const doubt = { uids: null, reasons: ['/var/www/site-007/.user.ini cannot be read'], remedy };
    return storeStatus({ ...base, doubt });
  }
  return storeStatus(base);
}
