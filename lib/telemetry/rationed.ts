/**
 * A value that is made on demand, but not more often than it changes in a way that anyone would see, nor
 * so often that making it is most of what is done.
 *
 * Invariant: however often it is asked for, it is made once at a time, then not for a period and ten times
 * as long as it took; a failure is told to those who asked and not kept.
 */

const pausePerMaking = 10;

/**
 * @param make what makes it
 * @param periodMs how old it may be
 * @param now a clock that never goes back, in milliseconds
 */
export function rationed<T>(
  make: () => T | Promise<T>,
  periodMs: number,
  now: () => number,
): () => Promise<T> {
  let made: Promise<T> | null = null;
  let goodUntilMs = Infinity;
  return () => {
    if (made !== null && now() < goodUntilMs) return made;
    const beganMs = now();
    const value = (async () => make())();
    made = value;
    goodUntilMs = Infinity;
    value.then(
      () => {
        goodUntilMs = Math.max(beganMs + periodMs, now() + pausePerMaking * (now() - beganMs));
      },
      () => {
        made = null;
      },
    );
    return value;
  };
}
