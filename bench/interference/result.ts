/**
 * What the interference trial finds: how long requests took while a driver was at work.
 *
 * Invariant: latencies of all samples lie in one heap before a percentile is taken.
 */
export interface Latencies {
  readonly requests: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

export type Pressure = 'half-idle' | 'saturated';

/** One driver, all samples. */
export interface InterferenceCell {
  readonly fileSystem: string;
  readonly pressure: Pressure;
  readonly expired: number;
  /** Requests a second. */
  readonly rate: number;
  readonly driver: string;
  /** Why there are no samples. */
  readonly skipped?: string;
  readonly wallMs: readonly number[];
  /** From the driver's start to its end; with no driver, for as long. */
  readonly during?: Latencies;
  /** In the seconds after its end, when what it left behind is written to disk. */
  readonly after?: Latencies;
  /** Requests without an answer. */
  readonly failed: number;
  /** What was wrong in any sample; undefined: nothing. */
  readonly wrong?: string;
}
