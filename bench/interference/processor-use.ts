/**
 * How busy the processors are, and how to keep them busy.
 *
 * Invariant: a busy loop ends by dispose.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

/** Of all processors since boot, in ticks (proc(5)). */
export function processorTimes(): ProcessorTimes {
  const line = readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '';
  const ticks = line.split(/ +/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: all - idle, all };
}

/** 0 (idle) to 1. */
export function useBetween(before: ProcessorTimes, after: ProcessorTimes): number {
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
}

/** A loop for each processor, at normal priority. */
export class BusyLoops implements AsyncDisposable {
  private readonly children: readonly ChildProcess[];

  constructor(count = availableParallelism()) {
    this.children = Array.from({ length: count }, () =>
      spawn(
        'sh',
        [
          '-c',
          'while kill -0 "$PPID"; do i=0; while [ $i -lt 1000000 ]; do i=$((i + 1)); done; done',
        ],
        {
          stdio: 'ignore',
        },
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const end = once(child, 'exit');
        child.kill('SIGKILL');
        await end;
      }),
    );
  }
}
