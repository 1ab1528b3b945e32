/**
 * Progress on standard error: how many, how fast, how long; never a percentage, since nobody knows
 * how many there will be.
 *
 * Invariant: on a terminal it is one line (terminal-line.ts); elsewhere it is whole lines, one a second
 * at most.
 */
import type { SweepProgress } from '../index.js';
import type { Console } from './console.js';
import { formatElapsed } from './duration.js';
import type { SweepFlags } from './options.js';
import { TerminalLine } from './terminal-line.js';
import { formatCount, perSecond, plural } from './words.js';

const lineIntervalMs = 1000;

export class ProgressLine {
  private readonly line: TerminalLine;
  private nextLineAtMs = 0;

  constructor(
    private readonly console: Console,
    private readonly dryRun: boolean,
  ) {
    this.line = new TerminalLine(console);
  }

  show(progress: SweepProgress): void {
    if (this.console.isErrTerminal) this.line.show(formatProgress(progress, this.dryRun));
    else this.showAsLine(progress);
  }

  clear(): void {
    this.line.clear();
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
