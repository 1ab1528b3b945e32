/** What sescle goes on with where the stores could not be found again, and how old that is. */
import { formatDuration } from './duration.js';

/** An age that nobody need know: the stores are looked for that often anyway. */
const freshSeconds = 16 * 60;

/** @param ageSeconds when the stores were found the last time; null: never */
export function whatStays(ageSeconds: number | null): string {
  if (ageSeconds === null) return 'only the stores that sescle.toml names are watched';
  return ageSeconds < freshSeconds
    ? 'keeping the previous list of stores'
    : `keeping the previous list of stores, which is ${formatDuration(ageSeconds, 2)} old`;
}
