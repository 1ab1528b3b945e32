/**
 * sescle under attack: one store swept again and again by the built library, in a process of its own.
 *
 * Invariant: what comes back is a process that ended by itself, within its time, and in whose every
 * report the sums held.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type SweepCounts, skipReasons } from '../../lib/index.js';
import { requireBuild } from '../support/cli.js';
import { attackMs } from './attackers.js';
import { lifetimeSeconds } from './victims.js';

const script = join(import.meta.dirname, 'programs', 'sweep-again-and-again.mjs');
const library = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href;

/** Nothing that works takes nearly as long. */
const giveUpAfterMs = attackMs + 30_000;

export interface Sweeps {
  readonly sweeps: number;
  readonly slowestMs: number;
  /** Candidates by verdict, directories left alone, refusals by their code. */
  readonly happened: Readonly<Record<string, number>>;
  /** Failures at single files, by code and system call. */
  readonly errors: Readonly<Record<string, number>>;
  /** What should have happened and has not. */
  readonly missing: readonly string[];
}

interface SweepingOptions {
  /** A process whose mount namespace is entered. */
  readonly inMountsOf?: number;
  readonly strict?: boolean;
  readonly forMs?: number;
}

/**
 * Sweeps for as long as attacks go on.
 *
 * @param until what must have happened before it ends: the attack was met, and sessions were removed
 */
export async function sweepAgainAndAgain(
  savePath: string,
  until: readonly string[],
  { inMountsOf, strict = false, forMs = attackMs }: SweepingOptions = {},
): Promise<Sweeps> {
  requireBuild();
  const order = JSON.stringify({
    library,
    savePath,
    lifetimeSeconds,
    strict,
    forMs,
    until,
    giveUpAfterMs,
  });
  const [file = '', ...args] = [
    ...(inMountsOf === undefined ? [] : ['nsenter', `--mount=/proc/${inMountsOf}/ns/mnt`]),
    ...[process.execPath, script, order],
  ];
  const timeout = 2 * giveUpAfterMs;
  const { stdout } = await promisify(execFile)(file, args, { timeout, killSignal: 'SIGKILL' });
  const { unbalanced, ...sweeps } = JSON.parse(stdout);
  expect(unbalanced).toEqual([]);
  return sweeps;
}

/**
 * The attack was met, and made no sweep fail: what a user does among their own files must not fail
 * root's timer. A file that may not be opened is no failure (lib/cli/exit-status.ts): a thread that acts
 * for the store's owner, beneath the store alone, may not open what is being moved in or out.
 */
export function expectNoFailure({ missing, happened, errors }: Sweeps): void {
  expect(missing).toEqual([]);
  expect(happened).not.toHaveProperty('incomplete');
  const failures = Object.entries(errors).filter(([kind]) => !/^(?:EACCES|EPERM) open/.test(kind));
  expect(Object.fromEntries(failures)).toEqual({});
}

/** Every candidate has exactly one verdict. */
export function expectBalanced(counts: SweepCounts): void {
  const { scanned, live, removed, wouldRemove, vanished, skipped } = counts;
  const skips = skipReasons.reduce((sum, reason) => sum + skipped[reason], 0);
  expect(live + removed + wouldRemove + vanished + skips).toBe(scanned);
}
