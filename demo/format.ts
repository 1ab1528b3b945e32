/**
 * Numbers for people.
 *
 * Invariant: pure functions of their arguments, the same in every locale.
 */
import prettyBytes from 'pretty-bytes';
import { formatCount } from '../lib/index.js';

/** Seconds with one decimal below ten, whole ones from there. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** `count` in that time, as so many a second. */
export function formatRate(count: number, durationMs: number): string {
  return `${formatCount(Math.round((count * 1000) / Math.max(durationMs, 1)))}/s`;
}

export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}
