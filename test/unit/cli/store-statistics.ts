/**
 * The statistics of a store, of plain round values.
 */
import type { StoreStatistics } from '../../../lib/index.js';

export function storeStatistics(changes: Partial<StoreStatistics> = {}): StoreStatistics {
  return {
    id: '/s',
    path: '/s',
    depth: 0,
    maxLifetime: 1440,
    sessions: 1000,
    bytes: 1000,
    diskBytes: 4_096_000,
    expired: { sessions: 0, bytes: 0 },
    dueWithinHour: 0,
    dueByMinute: [],
    empty: 0,
    emptyShare: 0,
    unused: 0,
    unusedShare: 0,
    madeByMinute: [],
    byAge: [],
    bySize: [],
    byOwner: [],
    otherOwners: { sessions: 0, bytes: 0 },
    largest: [],
    oldestAgeSeconds: 10,
    newestAgeSeconds: 1,
    futureDated: 0,
    foreign: 0,
    notRegular: 0,
    setAside: 0,
    directories: 1,
    unreadDirectories: 0,
    directoryBytes: 4096,
    oversized: null,
    durationMs: 1,
    errors: [],
    errorCount: 0,
    complete: true,
    ...changes,
  };
}
