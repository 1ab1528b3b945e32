/**
 * Progress on standard error where it is known how much there is to do.
 *
 * Invariant: on a terminal it is one line (terminal-line.ts); elsewhere there is none.
 */
import type { Console } from './console.js';
import { TerminalLine } from './terminal-line.js';
import { formatCount } from './words.js';

const barWidth = 30;

export class ProgressBar {
  private readonly line: TerminalLine;

  /** @param things what is counted, as `directories` */
  constructor(
    console: Console,
    private readonly total: number,
    private readonly things: string,
  ) {
    this.line = new TerminalLine(console);
  }

  show(done: number): void {
    this.line.show(formatBar(done, this.total, this.things));
  }

  clear(): void {
    this.line.clear();
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
