/**
 * One line on a terminal that is written over again and again.
 *
 * Invariant: other output never runs into it: it is blanked before anything else is written, and at the
 * end.
 */
import type { Console } from './console.js';

export class TerminalLine {
  #shownWidth = 0;

  constructor(private readonly console: Console) {
    console.beforeTerminalOutput = () => this.clear();
  }

  show(text: string): void {
    const shown = text.slice(0, this.console.columns - 1);
    this.console.progress(`\r${shown.padEnd(this.#shownWidth)}`);
    this.#shownWidth = shown.length;
  }

  /** Leaves the terminal as if there had been no line. */
  clear(): void {
    if (this.#shownWidth > 0) this.console.progress(`\r${' '.repeat(this.#shownWidth)}\r`);
    this.#shownWidth = 0;
  }
}
