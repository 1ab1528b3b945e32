/**
 * Quantiles from a histogram's counts.
 *
 * Invariant: the same rule as Prometheus' histogram_quantile(), so that the page and a dashboard
 * agree: linear within a bucket, and never beyond the last bound.
 */
import type { Histogram } from '../monitor/status.js';

/**
 * @param rank from 0 to 1, as 0.99
 * @returns seconds; null where nothing was observed
 */
export function quantile(
  { bounds, counts }: Pick<Histogram, 'bounds' | 'counts'>,
  rank: number,
): number | null {
  const total = counts.at(-1) ?? 0;
  if (total === 0) return null;
  const sought = rank * total;
  const at = counts.findIndex((count) => count >= sought);
  const upper = bounds[at];
  if (upper === undefined) return bounds.at(-1) ?? null;
  const lower = at === 0 ? Math.min(0, upper) : (bounds[at - 1] ?? 0);
  const below = at === 0 ? 0 : (counts[at - 1] ?? 0);
  const inside = (counts[at] ?? 0) - below;
  return inside === 0 ? upper : lower + ((upper - lower) * (sought - below)) / inside;
}
