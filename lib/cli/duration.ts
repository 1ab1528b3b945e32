/**
 * Durations on the command line and in reports: `1440`, `24m`, `1h30m`.
 *
 * Invariant: whole seconds; what formatDuration() writes without blanks, parseDuration() reads back.
 */
import { UsageError } from './usage-error.js';

/** From the longest to the shortest, the order in which they are written. */
const units = [
  { letter: 'w', seconds: 7 * 86_400 },
  { letter: 'd', seconds: 86_400 },
  { letter: 'h', seconds: 3_600 },
  { letter: 'm', seconds: 60 },
  { letter: 's', seconds: 1 },
] as const;

const compound = new RegExp(`^${units.map(({ letter }) => `(?:([0-9]+)${letter})?`).join('')}$`);

/**
 * Reads a lifetime: a number of seconds, or numbers with units from the longest to the shortest.
 *
 * @param text as it was given
 * @param option what it was given to, for the message
 * @returns whole seconds, at least 1
 * @throws UsageError
 */
export function parseDuration(text: string, option: string): number {
  const seconds = secondsOf(text);
  if (seconds === undefined) {
    throw new UsageError(
      `${option} '${text}' is not a duration`,
      `write seconds, or numbers with units: ${forms}`,
    );
  }
  if (seconds < 1) {
    throw new UsageError(
      `${option} '${text}' is not valid: it must be at least 1 second`,
      `write for instance ${forms}`,
    );
  }
  if (!Number.isSafeInteger(seconds)) {
    throw new UsageError(
      `${option} '${text}' is too long`,
      'write at most 9007199254740991 seconds',
    );
  }
  return seconds;
}

const forms = '1440, 24m, 1h30m, 1d';

function secondsOf(text: string): number | undefined {
  if (/^-?[0-9]+$/.test(text)) return Number(text);
  const counts = text === '' ? null : compound.exec(text);
  return counts
    ?.slice(1)
    .reduce((sum, count, at) => sum + Number(count ?? 0) * (units[at]?.seconds ?? 0), 0);
}

/**
 * Writes a duration for people, as `1d 2h`. Weeks are told in days.
 *
 * @param seconds whole, at least 0
 * @param unitCount how many units at most, from the largest that occurs; the rest is cut off, as for
 *   an age that changes anyway
 */
export function formatDuration(seconds: number, unitCount: number = units.length): string {
  let rest = seconds;
  const counts = units.slice(1).map((unit) => {
    const count = Math.floor(rest / unit.seconds);
    rest -= count * unit.seconds;
    return { count, letter: unit.letter };
  });
  const largest = counts.findIndex(({ count }) => count > 0);
  const told = largest < 0 ? [] : counts.slice(largest, largest + unitCount);
  const parts = told.filter(({ count }) => count > 0).map(({ count, letter }) => count + letter);
  return parts.join(' ') || '0s';
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
