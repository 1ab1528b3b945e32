/**
 * When a store is scanned, and when its sessions are looked at again.
 *
 * Why a scan a lifetime is enough: a session last written at m is not due before m + lifetime + 1, and
 * one that was created after a scan began at T not before T + lifetime. So every session is in the
 * index before it is due, if from scan to scan no more than the lifetime passes, less what the scan
 * itself takes.
 *
 * Invariant: pure; times are milliseconds since 1970.
 */
import { coarseTickMs } from '../clock/reading.js';

const longestPeriodMs = 3_600_000;
/** Between two scans of a store whose sessions live for a second or two. */
const shortestPauseMs = 250;
const marginMs = 1000;
/** How late a scan may be before its store counts as overdue. */
const toleranceMs = 60_000;
const longestRetryMs = 60_000;
const firstRetryMs = 1000;
const firstRetryOfHungMs = 600_000;
const longestRetryOfHungMs = 86_400_000;

/** Timers may fire a moment early. */
const timerSlackMs = 2;

/** A scan that was made. */
export interface ScanTimes {
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * @param shortestLifetimeSeconds of all that hold in the store
 * @param droppedFromSeconds when the first session is due that the index had no room for; null: none
 */
export function nextScanAt(
  { startMs, durationMs }: ScanTimes,
  shortestLifetimeSeconds: number,
  droppedFromSeconds: number | null,
): number {
  const lifetimeMs = shortestLifetimeSeconds * 1000;
  const leadMs = 2 * durationMs + marginMs;
  const period = durationMs > lifetimeMs / 2 ? 0 : Math.min(lifetimeMs, longestPeriodMs) - leadMs;
  // What found no room must be found by a scan that has ended before it is due.
  const droppedMs = droppedFromSeconds === null ? Infinity : droppedFromSeconds * 1000 - leadMs;
  const earliest = startMs + durationMs + shortestPauseMs;
  return Math.max(Math.min(startMs + period, droppedMs), earliest);
}

/**
 * The same of a store whose index tells what is due: the scan only asks it.
 *
 * @param shortestLifetimeSeconds 0: each session has its own
 * @param unknownFromSeconds when something may be due that was not there when it was asked
 */
export function nextAskAt(
  { startMs, durationMs }: ScanTimes,
  shortestLifetimeSeconds: number,
  unknownFromSeconds: number | null,
): number {
  const lifetimeMs = shortestLifetimeSeconds === 0 ? Infinity : shortestLifetimeSeconds * 1000;
  const unknownMs = unknownFromSeconds === null ? Infinity : unknownFromSeconds * 1000;
  const latest = startMs + Math.min(lifetimeMs, longestPeriodMs) - marginMs;
  return Math.max(Math.min(latest, unknownMs), startMs + durationMs + shortestPauseMs);
}

/** @param failures of the last scans, one after the other, at least 1 */
export function retryScanAt(nowMs: number, failures: number): number {
  return nowMs + Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
}

/**
 * Each pass that was given up has left a thread in a file system that does not answer.
 *
 * @param hung passes of one kind, one after the other, at least 1
 */
export function retryOfHungAt(nowMs: number, hung: number): number {
  return nowMs + Math.min(firstRetryOfHungMs * 2 ** (hung - 1), longestRetryOfHungMs);
}

/** Until when sessions that are due must have been looked at. */
export function collectOverdueAt(dueSeconds: number): number {
  return dueSeconds * 1000 + toleranceMs;
}

/** Until when a scan must have ended. */
export function overdueAt(scheduledMs: number, durationMs: number): number {
  return scheduledMs + 2 * durationMs + toleranceMs;
}

/** When a session that is due in that second can be looked at again. */
export function collectAt(dueSeconds: number): number {
  return dueSeconds * 1000 + coarseTickMs + timerSlackMs;
}

/** How long before they are due sessions are looked at whose removal by others is to be seen; */
const aheadMs = 500;
/** later than this before is too late: the look must have ended when they are due. */
const leastAheadMs = 250;

/** When to look at sessions that are due in that second while they are still there. */
export function lookAheadAt(dueSeconds: number): number {
  return dueSeconds * 1000 - aheadMs;
}

/** Until when that is of use. */
export function lookAheadUntil(dueSeconds: number): number {
  return dueSeconds * 1000 - leastAheadMs;
}
