/**
 * A value that is made on demand, but not more often than it changes in a way that anyone would see, nor
 * so often that making it is most of what is done.
 *
 * Invariant: however often it is asked for, it is made once at a time, then not for a period and ten times
 * as long as it took; a failure is told to those who asked and not kept. Nor is a value for longer than it
 * is good: what is said of ten thousand stores takes 30 MB.
 */

const pausePerMaking = 10;

/**
 * @param make what makes it
 * @param periodMs how old it may be
 * @param now a clock that never goes back, in milliseconds
 * @param later calls back in so many milliseconds; nobody waits for it
 */
export function rationed<T>(
  make: () => T | Promise<T>,
  periodMs: number,
  now: () => number,
  later: (call: () => void, ms: number) => void = callLater,
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
        later(() => {
          if (made === value) made = null;
        }, goodUntilMs - now());
      },
      () => {
        made = null;
      },
    );
    return value;
  };
}

function callLater(call: () => void, ms: number): void {
  // Timers may fire a moment early.
  setTimeout(call, ms + 1).unref();
}
