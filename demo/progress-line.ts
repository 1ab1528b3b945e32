/**
 * One line about work in progress: written over itself on a terminal, a plain line about every
 * second anywhere else.
 *
 * Invariant: after `done` the terminal's line is empty again; the caller says the result.
 */
import type { Writable } from 'node:stream';

const plainIntervalMs = 1000;
const terminalIntervalMs = 100;
const eraseLine = '\r\u001b[K';

export class ProgressLine {
  private readonly isTerminal: boolean;
  private lastMs: number;

  constructor(
    private readonly output: Writable & { readonly isTTY?: boolean },
    private readonly clockMs: () => number,
  ) {
    this.isTerminal = output.isTTY === true;
    this.lastMs = clockMs();
  }

  /** @param text called only if it is time for a line */
  show(text: () => string): void {
    const nowMs = this.clockMs();
    const intervalMs = this.isTerminal ? terminalIntervalMs : plainIntervalMs;
    if (nowMs - this.lastMs < intervalMs) return;
    this.lastMs = nowMs;
    this.output.write(this.isTerminal ? `${eraseLine}  ${text()}` : `  ${text()}\n`);
  }

  done(): void {
    if (this.isTerminal) this.output.write(eraseLine);
  }
}
