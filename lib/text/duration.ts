/**
 * Durations in options, configuration files and reports: `1440`, `24m`, `1h30m`.
 *
 * Invariant: whole seconds; what formatDuration() writes without blanks, parseDuration() reads back.
 */

/** From the longest to the shortest, the order in which they are written. */
const units = [
  { letter: 'w', seconds: 7 * 86_400 },
  { letter: 'd', seconds: 86_400 },
  { letter: 'h', seconds: 3_600 },
  { letter: 'm', seconds: 60 },
  { letter: 's', seconds: 1 },
] as const;

const compound = new RegExp(`^${units.map(({ letter }) => `(?:([0-9]+)${letter})?`).join('')}$`);

const forms = '1440, 24m, 1h30m, 1d';

/** Why a text is no duration that can be used. */
export interface DurationFault {
  /** What is said of the text: `is not a duration`. */
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Reads a number of seconds, or numbers with units from the longest to the shortest.
 *
 * @param text as it was given
 * @param minSeconds the shortest duration that makes sense
 * @returns whole seconds, or what is wrong
 */
export function parseDuration(text: string, minSeconds = 1): number | DurationFault {
  const seconds = secondsOf(text);
  if (seconds === undefined) {
    return {
      reason: 'is not a duration',
      remedy: `write whole numbers, units in lower case, no spaces: ${forms}`,
    };
  }
  if (seconds < minSeconds) {
    const least = `${minSeconds} second${minSeconds === 1 ? '' : 's'}`;
    return {
      reason: `is not valid: it must be at least ${least}`,
      remedy: `write for instance ${forms}`,
    };
  }
  if (!Number.isSafeInteger(seconds)) {
    return { reason: 'is too long', remedy: 'write at most 9007199254740991 seconds' };
  }
  return seconds;
}

function secondsOf(text: string): number | undefined {
  // No duration is -0.
  if (/^-?[0-9]+$/.test(text)) return Number(text) + 0;
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
