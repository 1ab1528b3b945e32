/**
 * A `sescle sweep` in a process of its own, stopped by strace at its first flock() until the test
 * lets it go on. That is the middle of a removal: after the first look at the session, before the
 * second.
 *
 * Invariant: nothing depends on speed. strace delays the call for half an hour; the test waits until
 * strace's log shows it, does what it wants to happen in that moment, and releases the sweep by
 * killing strace, whereupon the kernel lets the traced process run on untraced.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { SweepReport } from '../../lib/index.js';
import { requireTool } from './require-tool.js';
import { tempDir } from './temp-dir.js';

/** `before_lock`: the session's file is open, not locked. `after_lock`: it is locked. */
export type HoldAt = 'before_lock' | 'after_lock';

const cli = path.join(import.meta.dirname, '../../dist/cli/main.js');
/** Half an hour, in strace's unit: until strace is killed. */
export const heldMicroseconds = 1_800_000_000;
const giveUpAfterMs = 30_000;

/** Whether strace is there and may trace: some containers forbid it. */
export function canTrace(): boolean {
  return requireTool('strace') && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}

/**
 * Starts the sweep of one store and resolves when it is stopped.
 *
 * @returns a function that lets the sweep go on and resolves with its report
 */
export async function holdSweep(
  store: string,
  maxLifetimeSeconds: number,
  at: HoldAt,
): Promise<() => Promise<SweepReport>> {
  const log = path.join(tempDir(), 'strace.log');
  const delay = at === 'before_lock' ? 'delay_enter' : 'delay_exit';
  const strace = spawn(
    'strace',
    [
      ...[
        '-f',
        '-o',
        log,
        '-e',
        'trace=flock',
        '-e',
        `inject=flock:${delay}=${heldMicroseconds}:when=1`,
      ],
      ...[process.execPath, cli, 'sweep', '--json', '--threads', '1'],
      ...['-l', String(maxLifetimeSeconds), store],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void strace.kill('SIGKILL'));
  let output = '';
  let complaints = '';
  strace.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  strace.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  // The pipes close when the sweep ends, which outlives strace.
  const ended = new Promise<void>((resolve) => strace.once('close', () => resolve()));

  await held(
    log,
    at,
    () => strace.exitCode !== null,
    () => complaints,
  );

  return async () => {
    strace.kill('SIGKILL');
    await ended;
    if (output === '') throw new Error(`the sweep reported nothing: ${complaints}`);
    return JSON.parse(output) as SweepReport;
  };
}

/** strace has no event to await: its log is read until it shows the call. */
async function held(
  log: string,
  at: HoldAt,
  hasEnded: () => boolean,
  complaints: () => string,
): Promise<void> {
  const wanted = at === 'before_lock' ? /flock\(/ : /flock\(.*= 0 \(DELAYED\)/;
  for (const start = Date.now(); Date.now() - start < giveUpAfterMs; await pause(10)) {
    if (wanted.test(readIfThere(log))) return;
    if (hasEnded()) throw new Error(`the sweep ended without a flock(): ${complaints()}`);
  }
  throw new Error(`the sweep did not come to its flock() in ${giveUpAfterMs} ms: ${complaints()}`);
}

/** Of what may not be there yet, as strace's log, or any more: nothing. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
