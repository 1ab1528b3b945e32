/**
 * Which key was meant, where one is misspelt.
 *
 * Invariant: a proposal differs in few letters only, so that it is worth reading; case, `-` and `_`
 * do not count as differences.
 */

/**
 * @param written the key that is not known
 * @returns the nearest of the known keys; undefined where none is near
 */
export function nearestKey(written: string, known: readonly string[]): string | undefined {
  // An endless key needs no comparison: no known key is near it.
  if (written.length > 64) return undefined;
  let nearest: string | undefined;
  let least = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(written), plain(candidate));
    if (distance < Math.min(least, candidate.length)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
