/**
 * Progress on standard error: how many, how fast, how long; never a percentage, since nobody knows
 * how many there will be.
 *
 * Invariant: on a terminal it is one line that other output never runs into: it is blanked before
 * anything else is written and at the end. Elsewhere it is whole lines, one a second at most.
 */
import type { SweepProgress } from '../index.js';
import type { Console } from './console.js';
import { formatElapsed } from './duration.js';
import type { SweepFlags } from './options.js';
import { formatCount, perSecond, plural } from './words.js';

const lineIntervalMs = 1000;

export class ProgressLine {
  private shownWidth = 0;
  private nextLineAtMs = 0;

  constructor(
    private readonly console: Console,
    private readonly dryRun: boolean,
  ) {
    console.beforeTerminalOutput = () => this.clear();
  }

  show(progress: SweepProgress): void {
    if (!this.console.isErrTerminal) {
      this.showAsLine(progress);
      return;
    }
    const text = formatProgress(progress, this.dryRun).slice(0, this.console.columns - 1);
    this.console.progress(`\r${text.padEnd(this.shownWidth)}`);
    this.shownWidth = text.length;
  }

  /** Leaves the terminal as if there had been no line. */
  clear(): void {
    if (this.shownWidth > 0) this.console.progress(`\r${' '.repeat(this.shownWidth)}\r`);
    this.shownWidth = 0;
  }

  private showAsLine(progress: SweepProgress): void {
    if (progress.elapsedMs < this.nextLineAtMs) return;
    this.nextLineAtMs = progress.elapsedMs + lineIntervalMs;
    this.console.progress(`${formatProgress(progress, this.dryRun)}\n`);
  }
}

/** Whether these flags, and this terminal, ask for progress. */
export function wantsProgress({ progress, quiet }: SweepFlags, isTerminal: boolean): boolean {
  return progress === 'always' || (progress === 'auto' && isTerminal && !quiet);
}

/** One line without its end. */
export function formatProgress(progress: SweepProgress, dryRun: boolean): string {
  const { scanned, removed, wouldRemove, elapsedMs, storesDone, storeCount } = progress;
  const rate = perSecond(scanned, elapsedMs);
  const parts = [
    ...(storeCount > 1 ? [`${storesDone} of ${storeCount} stores`] : []),
    `${plural(scanned, 'session')} scanned`,
    dryRun ? `${formatCount(wouldRemove)} to remove` : `${formatCount(removed)} removed`,
    ...(rate === null ? [] : [`${formatCount(rate)}/s`]),
    formatElapsed(elapsedMs),
  ];
  return parts.join(', ');
}
