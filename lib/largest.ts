/**
 * The largest of many numbers.
 *
 * Invariant: any number of them will do. `Math.max(...numbers)` throws a RangeError where there are more
 * than a call has room for, about 120,000.
 */

/** @returns `least` where there is none, or none that is larger */
export function largest<T>(items: Iterable<T>, numberOf: (item: T) => number, least = 0): number {
  let most = least;
  for (const item of items) most = Math.max(most, numberOf(item));
  return most;
}
