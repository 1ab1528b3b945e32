/**
 * Whether what was sampled grows: the medians of the second and the last quarter, and a line through
 * all samples but those of the first quarter, in which a process finds its size.
 *
 * Invariant: too few samples give no verdict; that is said, and not that nothing grows.
 */
import { quantile } from '../statistics.js';
import { formatTable } from '../table.js';
import type { Holdings } from './usage.js';

export interface SoakSample extends Holdings {
  /** Since the beginning. */
  readonly seconds: number;
  readonly cpuMs: number;
}

export interface Trend {
  readonly of: string;
  readonly second: number;
  readonly last: number;
  /** By the line of least squares. */
  readonly perHour: number;
  readonly problem: string | null;
}

/** Fewer in a quarter say nothing about growth. */
const enoughInAQuarter = 6;
const mostGrowth = 0.05;

interface Kind {
  readonly of: string;
  readonly value: (sample: SoakSample) => number;
  /** How much larger the last may be than the second, as a share of it; null: it is only told. */
  readonly mostGrowth: number | null;
}

const kinds: readonly Kind[] = [
  { of: 'resident KiB', value: ({ residentKiB }) => residentKiB, mostGrowth },
  { of: 'of it anonymous', value: ({ anonymousKiB }) => anonymousKiB, mostGrowth: null },
  { of: 'descriptors', value: ({ descriptors }) => descriptors, mostGrowth: 0 },
  { of: 'threads', value: ({ threads }) => threads, mostGrowth: null },
];

export function trendsOf(samples: readonly SoakSample[]): Trend[] {
  const quarter = Math.floor(samples.length / 4);
  if (quarter < 1) return [];
  const isEnough = quarter >= enoughInAQuarter;
  return kinds.map(({ of, value, mostGrowth: most }) => {
    const second = median(samples.slice(quarter, 2 * quarter).map(value));
    const last = median(samples.slice(-quarter).map(value));
    const isGrown = most !== null && isEnough && last > second * (1 + most);
    const problem = isGrown ? `${of} grew from ${second} to ${last}` : null;
    return { of, second, last, perHour: slope(samples.slice(quarter), value) * 3600, problem };
  });
}

export function soakLines(samples: readonly SoakSample[], trends: readonly Trend[]): string[] {
  const { cpuMs = 0, seconds = 0 } = samples.at(-1) ?? {};
  const isEnough = samples.length >= 4 * enoughInAQuarter;
  return [
    ...formatTable<Trend>(
      [
        { heading: 'medians', cell: ({ of }) => of, isText: true },
        { heading: '2nd quarter', cell: ({ second }) => second.toFixed(0) },
        { heading: 'last quarter', cell: ({ last }) => last.toFixed(0) },
        {
          heading: 'growth',
          cell: ({ second, last }) => `${((last / second - 1) * 100).toFixed(1)} %`,
        },
        { heading: 'an hour, fitted', cell: ({ perHour }) => perHour.toFixed(1) },
      ],
      trends,
    ),
    `${samples.length} samples${isEnough ? '' : ': too few to say whether anything grows'}`,
    `${(cpuMs / 1000).toFixed(1)} s of processor time in ${seconds.toFixed(0)} s`,
  ];
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Of the line of least squares, a second. */
function slope(samples: readonly SoakSample[], value: Kind['value']): number {
  const count = samples.length;
  const meanX = samples.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const meanY = samples.reduce((sum, sample) => sum + value(sample), 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const sample of samples) {
    covariance += (sample.seconds - meanX) * (value(sample) - meanY);
    variance += (sample.seconds - meanX) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}
