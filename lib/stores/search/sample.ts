/**
 * Ages and sizes of many files, from a look at a few of them.
 *
 * Invariant: bounded, whatever the number of files; every n-th file is taken, with n doubling as they
 * become more, so that the same files give the same sample. A directory's order has little to do
 * with age (ext4 sorts by a hash), so that every n-th is as good as any.
 */

interface Item {
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  /** How many files it stands for. */
  readonly weight: number;
}

export interface SampleSummary {
  /** Seconds since 1970; null where no file was looked at. */
  readonly oldestMtimeSeconds: number | null;
  readonly newestMtimeSeconds: number | null;
  readonly medianMtimeSeconds: number | null;
  /** Of all files. */
  readonly totalBytes: number | null;
  /** Whether every file was looked at. */
  readonly isExact: boolean;
}

export class Sample {
  #items: Item[] = [];
  #stride = 1;
  #offered = 0;
  readonly #capacity: number;

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  /** Counts a file. Returns whether it is one that should be looked at. */
  offer(): boolean {
    return this.#offered++ % this.#stride === 0;
  }

  /** Takes what a look at the offered file showed. */
  take(mtimeSeconds: number, sizeBytes: number): void {
    this.#items.push({ mtimeSeconds, sizeBytes, weight: this.#stride });
    if (this.#items.length < 2 * this.#capacity) return;
    this.#thin();
    this.#stride *= 2;
  }

  /** Adds another directory's files. */
  merge(other: Sample): void {
    for (const item of other.#items) this.#items.push(item);
    this.#offered += other.#offered;
    while (this.#items.length >= 2 * this.#capacity) this.#thin();
  }

  get count(): number {
    return this.#offered;
  }

  summarize(): SampleSummary {
    const items = this.#items.toSorted((a, b) => a.mtimeSeconds - b.mtimeSeconds);
    const weight = items.reduce((sum, item) => sum + item.weight, 0);
    const bytes = items.reduce((sum, item) => sum + item.sizeBytes * item.weight, 0);
    return {
      oldestMtimeSeconds: items[0]?.mtimeSeconds ?? null,
      newestMtimeSeconds: items.at(-1)?.mtimeSeconds ?? null,
      medianMtimeSeconds: middle(items, weight),
      totalBytes: weight === 0 ? null : Math.round((bytes / weight) * this.#offered),
      isExact: items.length === this.#offered,
    };
  }

  #thin(): void {
    this.#items = this.#items
      .filter((_, at) => at % 2 === 0)
      .map((item) => ({ ...item, weight: item.weight * 2 }));
  }
}

/** The first item with half the weight up to it. */
function middle(items: readonly Item[], weight: number): number | null {
  let passed = 0;
  for (const item of items) {
    passed += item.weight;
    if (passed * 2 >= weight) return item.mtimeSeconds;
  }
  return null;
}
