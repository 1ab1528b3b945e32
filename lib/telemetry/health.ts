/**
 * Which stores are well, and what is wrong with the others.
 *
 * Invariant: the metrics, /healthz and the page never disagree: all of them ask here. A reason is
 * one line.
 */
import type { MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { doubtText } from '../text/doubt.js';
import { whatStays } from '../text/what-stays.js';

/** @returns null where what is due goes, and the store is scanned in time */
export function storeFault({ state, problem, isOverdue }: MonitoredStore): string | null {
  if (problem !== null || state === 'failing') {
    return oneLine(problem ?? 'its last scan failed');
  }
  return isOverdue ? 'late: its next pass is overdue' : null;
}

/** Whether every store is well. */
export function isHealthy({ stores, blocked }: MonitorStatus): boolean {
  return blocked.length === 0 && stores.every((store) => storeFault(store) === null);
}

/** @returns one line a store that is not well, each with its end; empty if all are */
export function healthFaults(status: MonitorStatus): string {
  return faultsOf(status)
    .map((fault) => `${fault}\n`)
    .join('');
}

/** The same as a list. */
export function faultsOf({ stores, blocked }: MonitorStatus): string[] {
  const faulty = stores.map((store) => ({ id: store.id, fault: storeFault(store) }));
  const unwatched = blocked.map(({ id, reason }) => ({
    id,
    fault: `cannot be watched: ${reason}`,
  }));
  return [...faulty, ...unwatched]
    .filter(({ fault }) => fault !== null)
    .map(({ id, fault }) => oneLine(`${id}: ${fault}`));
}

/** What an administrator should know though what is due goes: one line each. */
export function cautionsOf(status: MonitorStatus): string[] {
  const { stores, discoveryProblem, discoveryAgeSeconds, clockGraceSeconds, clockProblem } = status;
  return [
    ...stores.flatMap(({ id, doubt }) => (doubt === null ? [] : [`${id}: ${doubtText(doubt)}`])),
    ...stores.flatMap(({ id, warnings }) => warnings.map((warning) => `${id}: ${warning}`)),
    ...(discoveryProblem === null
      ? []
      : [
          `the configuration cannot be read: ${discoveryProblem}; ${whatStays(discoveryAgeSeconds)}`,
        ]),
    ...(clockGraceSeconds === 0
      ? []
      : [`the system clock was changed: sessions are kept ${clockGraceSeconds} s longer for now`]),
    ...(clockProblem === null
      ? []
      : [`a clock change while sescle is not running will go unnoticed: ${clockProblem}`]),
  ].map(oneLine);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
