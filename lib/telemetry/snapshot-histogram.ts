/**
 * A histogram metric that is set from counts: prom-client's own can only observe one value at a time.
 *
 * Invariant: prints the counts that it was given, cumulative as they are, and ends with the `+Inf`
 * bucket, the sum and the count, as the text format demands.
 */
import { type LabelValues, Histogram as PromHistogram, type Registry } from 'prom-client';
import type { Histogram } from '../monitor/status.js';

interface HistogramLine {
  readonly metricName: string;
  readonly labels: LabelValues<'le'>;
  /** One object for all lines of a store: prom-client formats each object once. */
  readonly sharedLabels: Partial<LabelValues<'store'>>;
  readonly value: number;
}

type Exported = Awaited<ReturnType<PromHistogram<'store'>['get']>>;

export class SnapshotHistogram extends PromHistogram<'store'> {
  readonly #name: string;
  readonly #help: string;
  readonly #lines = new Map<string | null, readonly HistogramLine[]>();

  constructor(name: string, help: string, registry: Registry) {
    super({ name, help, labelNames: ['store'], registers: [registry] });
    this.#name = name;
    this.#help = help;
  }

  /** @param store null: of all together */
  set(store: string | null, { bounds, counts, sum }: Histogram): void {
    const count = counts.at(-1) ?? 0;
    const sharedLabels = store === null ? {} : { store };
    const bucket = (le: number | string, value: number): HistogramLine => ({
      metricName: `${this.#name}_bucket`,
      labels: { le },
      sharedLabels,
      value,
    });
    this.#lines.set(store, [
      ...bounds.map((bound, at) => bucket(bound, counts[at] ?? 0)),
      bucket('+Inf', count),
      { metricName: `${this.#name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${this.#name}_count`, labels: {}, sharedLabels, value: count },
    ]);
  }

  /** prom-client's types have numbers for the type, which is a word. */
  override async get(): Promise<Exported> {
    const values = [...this.#lines.values()].flat();
    return { name: this.#name, help: this.#help, type: 'histogram', values } as unknown as Exported;
  }

  /** What prom-client's registry asks before get(), and its types do not tell. */
  getForPromString(): Promise<Exported> {
    return this.get();
  }
}
