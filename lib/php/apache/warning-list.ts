/**
 * The warnings of one reading.
 *
 * Invariant: however much is amiss, the list stays readable: the same thing is said once, and past
 * maxWarnings only that there is more.
 */
import type { Source, Warning } from '../provenance.js';
import { describeSource } from '../provenance.js';

export const maxWarnings = 200;

export class WarningList {
  readonly #said = new Set<string>();
  readonly #warnings: Warning[] = [];
  #dropped = 0;

  add(message: string, source?: Source): void {
    const text = source === undefined ? message : `${describeSource(source)}: ${message}`;
    if (this.#said.has(text)) return;
    if (this.#warnings.length === maxWarnings) {
      this.#dropped += 1;
      return;
    }
    this.#said.add(text);
    this.#warnings.push(source === undefined ? { message } : { message, source });
  }

  get all(): readonly Warning[] {
    if (this.#dropped === 0) return this.#warnings;
    return [...this.#warnings, { message: `${this.#dropped} more warnings of this kind` }];
  }
}
