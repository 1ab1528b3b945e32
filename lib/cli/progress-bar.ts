/**
 * Progress on standard error where it is known how much there is to do.
 *
 * Invariant: on a terminal it is one line that other output never runs into; elsewhere there is none.
 */
import type { Console } from './console.js';
import { formatCount } from './words.js';

const barWidth = 30;

export class ProgressBar {
  private shownWidth = 0;

  /** @param things what is counted, as `directories` */
  constructor(
    private readonly console: Console,
    private readonly total: number,
    private readonly things: string,
  ) {
    console.beforeTerminalOutput = () => this.clear();
  }

  show(done: number): void {
    const text = formatBar(done, this.total, this.things).slice(0, this.console.columns - 1);
    this.console.progress(`\r${text.padEnd(this.shownWidth)}`);
    this.shownWidth = text.length;
  }

  /** Leaves the terminal as if there had been no line. */
  clear(): void {
    if (this.shownWidth > 0) this.console.progress(`\r${' '.repeat(this.shownWidth)}\r`);
    this.shownWidth = 0;
  }
}

/** As `[######........]  40 %, 12,345 of 32,768 directories`. */
export function formatBar(done: number, total: number, things: string): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const filled = Math.floor(share * barWidth);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}`;
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${bar}] ${percent} %, ${formatCount(done)} of ${formatCount(total)} ${things}`;
}
