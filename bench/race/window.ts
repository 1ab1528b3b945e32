/**
 * From visits to the width of the window in which a write is lost.
 *
 * A visit opens a session at a moment chosen uniformly from D microseconds around its removal
 * (bench/programs/race.c), so it is lost with probability W / D, W being the window's width. Over visits
 * with various D the number that is lost has the expectation W times the sum of 1 / D, and, each of them being
 * unlikely and none knowing of another, Poisson's distribution. So W is estimated as lost / sum(1 / D).
 *
 * Invariant: intervals are of 95%: Poisson's, by Wilson and Hilferty's approximation of chi-squared;
 * with nothing lost only an upper bound is told, 3 / sum(1 / D).
 */
export interface Visits {
  readonly visits: number;
  readonly lost: number;
  /** The sum of 1 / D. */
  readonly inverseDelaysPerUs: number;
}

export interface Window {
  /** Microseconds. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly lostPer100k: number;
}

export function windowOf({ visits, lost, inverseDelaysPerUs }: Visits): Window {
  const high = lost === 0 ? 3 : (lost + 1) * quantile(lost + 1, 1.96);
  const low = lost === 0 ? 0 : lost * quantile(lost, -1.96);
  return {
    estimate: lost / inverseDelaysPerUs,
    low: low / inverseDelaysPerUs,
    high: high / inverseDelaysPerUs,
    lostPer100k: (100_000 * lost) / visits,
  };
}

/** Of chi-squared with 2n degrees of freedom, divided by them; `z` of the normal distribution. */
function quantile(n: number, z: number): number {
  return (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
}

export function addVisits(a: Visits, b: Visits): Visits {
  return {
    visits: a.visits + b.visits,
    lost: a.lost + b.lost,
    inverseDelaysPerUs: a.inverseDelaysPerUs + b.inverseDelaysPerUs,
  };
}
