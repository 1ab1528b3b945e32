/**
 * A value that is made on demand, but not more often than it changes in a way that anyone would see.
 *
 * Invariant: however often it is asked for, it is made at most once in a period; a failure is told to
 * those who asked and not kept.
 */

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
  let made: { readonly value: Promise<T>; readonly atMs: number } | null = null;
  return () => {
    if (made !== null && now() - made.atMs < periodMs) return made.value;
    const value = (async () => make())();
    made = { value, atMs: now() };
    value.catch(() => {
      if (made?.value === value) made = null;
    });
    return value;
  };
}
