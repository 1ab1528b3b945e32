/**
 * Random numbers for the demonstration.
 *
 * Invariant: all of them come from one source that is handed in.
 */

export class Random {
  /** @param fraction gives at least 0 and less than 1, as Math.random does */
  constructor(readonly fraction: () => number) {}

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** `length` characters of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = '';
    for (let index = 0; index < length; index++) {
      text += alphabet.charAt(this.integer(0, alphabet.length - 1));
    }
    return text;
  }
}
