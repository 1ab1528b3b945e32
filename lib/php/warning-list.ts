/**
 * The warnings of one reading.
 *
 * Invariant: however much is amiss, the list stays readable: the same thing is said once, and past
 * maxWarnings only that there is more. Whose word was lost is told whatever else there is.
 */
import type { Setter, Source, Warning } from './provenance.js';
import { describeSource } from './provenance.js';

export const maxWarnings = 200;

export class WarningList {
  readonly #said = new Set<string>();
  readonly #warnings: Warning[] = [];
  /** The first of each user whose word was lost when the list was full. */
  readonly #losses = new Map<number, Warning>();
  readonly #told = new Set<number>();
  #dropped = 0;

  /** @param hides whose word was lost; null: nobody's that would have been heeded */
  add(message: string, source?: Source, hides: Setter = null, remedy?: string): void {
    const text = source === undefined ? message : `${describeSource(source)}: ${message}`;
    const key = `${hides} ${text}`;
    if (this.#said.has(key)) return;
    const warning: Warning = {
      message,
      ...(source === undefined ? {} : { source }),
      ...(hides === null ? {} : { hides }),
      ...(remedy === undefined ? {} : { remedy }),
    };
    if (this.#warnings.length < maxWarnings) {
      this.#said.add(key);
      this.#warnings.push(warning);
      if (hides !== null) this.#told.add(hides);
    } else if (hides !== null && !this.#told.has(hides)) {
      this.#told.add(hides);
      this.#losses.set(hides, warning);
    } else {
      this.#dropped += 1;
    }
  }

  addAll(warnings: readonly Warning[]): void {
    for (const { message, source, hides, remedy } of warnings)
      this.add(message, source, hides ?? null, remedy);
  }

  get all(): readonly Warning[] {
    const all = [...this.#warnings, ...this.#losses.values()];
    if (this.#dropped === 0) return all;
    return [...all, { message: `${this.#dropped} more warnings of this kind` }];
  }
}
