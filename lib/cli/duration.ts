/**
 * Durations on the command line and in its reports.
 *
 * Invariant: what a duration is, the library says; here are only the option's name in the message
 * and the short forms that reports use.
 */
import { formatDuration, parseDuration as readDuration } from '../index.js';
import { printableArgument } from './raw-arguments.js';
import { UsageError } from './usage-error.js';

/** Whatever is longer was mistyped. */
const longestDays = 3660;
const longestSeconds = longestDays * 86_400;

export { formatDuration } from '../index.js';

/**
 * Reads a lifetime: a number of seconds, or numbers with units from the longest to the shortest.
 *
 * @param text as it was given
 * @param option what it was given to, for the message
 * @returns whole seconds, at least 1
 * @throws UsageError
 */
export function parseDuration(text: string, option: string): number {
  const read = readDuration(text);
  if (typeof read === 'number') {
    if (read <= longestSeconds) return read;
    throw new UsageError(
      `${option} '${printableArgument(text)}' is longer than 3,660 days`,
      'check the number and its unit (a number without a unit is seconds)',
    );
  }
  throw new UsageError(`${option} '${printableArgument(text)}' ${read.reason}`, read.remedy);
}

/**
 * Writes how long something took: `0.42 s`, `12.3 s`, `3m 20s`.
 *
 * @param ms milliseconds
 */
export function formatElapsed(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatDuration(Math.round(ms / 1000), 2);
}
