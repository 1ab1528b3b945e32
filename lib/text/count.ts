/**
 * Numbers of things.
 *
 * Invariant: the same in every locale, so that scripts and tests may rely on it.
 */

/** A whole number as `1,234,567`. Not by Intl, which takes longer to load than the command. */
export function formatCount(count: number): string {
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** As `1 file` and `2 files`. */
export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}
