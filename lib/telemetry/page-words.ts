/**
 * Numbers and times in the words of the status page.
 *
 * Invariant: the same in every locale; what is not known is a dash, never a 0.
 */
import { formatDuration } from '../text/duration.js';

export const unknown = '–';

/** An age or a delay: exact below ten seconds, where a tenth matters. */
export function secondsText(seconds: number): string {
  if (seconds > 0 && seconds < 0.01) return '<0.01 s';
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  return formatDuration(Math.round(seconds), 2);
}

/** A moment from another, as `in 3m 20s`, `5s ago` and `now`. */
export function fromNowText(momentMs: number, nowMs: number): string {
  const seconds = Math.round((momentMs - nowMs) / 1000);
  if (seconds === 0) return 'now';
  const span = formatDuration(Math.abs(seconds), 2);
  return seconds > 0 ? `in ${span}` : `${span} ago`;
}
