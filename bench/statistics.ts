/**
 * Medians and spread.
 *
 * Invariant: no figure is made up: each is one of the values or lies between two neighbours.
 */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The first and the third quartile. */
  readonly lower: number;
  readonly upper: number;
}

/** @throws RangeError where there are no values */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
  };
}

/**
 * @param sorted in ascending order
 * @param share 0 (the least) to 1 (the greatest), interpolated between neighbours
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('there are no values');
  return below + (above - below) * (at - Math.floor(at));
}
