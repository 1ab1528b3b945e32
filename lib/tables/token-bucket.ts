/**
 * Removals a second, over all tables that work side by side.
 *
 * Invariant: over any time t, no more are granted than one second's worth and rate × t; what was granted
 * and not used is given back.
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #sinceBoot: () => number;
  #tokens: number;
  #filledAtMs: number;

  /** @param rate a second; 0: no limit */
  constructor(rate: number, sinceBoot: () => number) {
    this.#rate = rate;
    this.#sinceBoot = sinceBoot;
    this.#filledAtMs = sinceBoot();
    this.#tokens = Math.min(rate, 1);
  }

  /** @returns how many, up to `most`; 0: none yet */
  take(most: number): number {
    if (this.#rate === 0) return most;
    const nowMs = this.#sinceBoot();
    this.#tokens = Math.min(
      this.#rate,
      this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#rate,
    );
    this.#filledAtMs = nowMs;
    const granted = Math.min(most, Math.floor(this.#tokens));
    this.#tokens -= granted;
    return granted;
  }

  giveBack(count: number): void {
    if (this.#rate > 0) this.#tokens = Math.min(this.#rate, this.#tokens + count);
  }

  /** How long until one more is there. */
  waitMs(): number {
    return this.#rate === 0
      ? 0
      : Math.ceil(((1 - Math.min(1, this.#tokens)) / this.#rate) * 1000) + 1;
  }
}
