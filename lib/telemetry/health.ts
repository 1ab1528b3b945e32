/**
 * Which stores are well, and what is wrong with the others.
 *
 * Invariant: the metrics, /healthz and the page never disagree: all of them ask here. A reason is
 * one line.
 */
import type { MonitoredStore, MonitorStatus } from '../monitor/status.js';

/** @returns null where what is due goes, and the store is scanned in time */
export function storeFault({ state, problem, isOverdue }: MonitoredStore): string | null {
  if (problem !== null || state === 'failing') {
    return oneLine(problem ?? 'its last scan failed');
  }
  return isOverdue ? 'it is late: it should have been looked at by now' : null;
}

/** Whether every store is well. */
export function isHealthy({ stores }: MonitorStatus): boolean {
  return stores.every((store) => storeFault(store) === null);
}

/** @returns one line a store that is not well, each with its end; empty if all are */
export function healthFaults(status: MonitorStatus): string {
  return status.stores
    .map((store) => ({ id: oneLine(store.id), fault: storeFault(store) }))
    .filter(({ fault }) => fault !== null)
    .map(({ id, fault }) => `${id}: ${fault}\n`)
    .join('');
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
