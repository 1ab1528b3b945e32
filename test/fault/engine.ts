/**
 * The engine alone, in a process of its own (native/test/programs/sweep_once.cpp), with a system call
 * that strace makes fail.
 *
 * Invariant: what is recorded, and what is made to fail, are the engine's own calls: those between the
 * program's two marks. A run always ends: one that takes too long is killed whole, and says so.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Verdict, verdicts } from '../../lib/native/boundary.js';
import { lifetimeSeconds } from '../attack/victims.js';
import { canTrace } from '../support/held-sweep.js';
import { requireTool } from '../support/require-tool.js';
import { runProgram } from '../support/running-program.js';
import type { SmallStore } from './small-store.js';
import type { Tally } from './tally.js';

const native = join(import.meta.dirname, '../../native/test');
const program = join(native, 'build/plain/sweep-once');

/** Nothing that works takes nearly as long. */
const giveUpAfterMs = 30_000;

/** What the engine tells: how many candidates there were of each verdict, and more. */
export interface Told extends Readonly<Record<Verdict, number>> {
  readonly unusable?: ToldFailure;
  /** Directories, like the next. */
  readonly denied: number;
  readonly mounted: number;
  readonly complete: boolean;
  readonly errors: readonly ToldFailure[];
}

export interface ToldFailure {
  readonly code: string;
  readonly syscall: string;
  readonly path: string;
  readonly count: number;
}

/** A system call of a recorded sweep. */
export interface Call {
  readonly name: string;
  /** Which of this name it is, from its thread's begin: strace counts each thread's for itself. */
  readonly nth: number;
  /** As strace shows it. */
  readonly text: string;
}

export interface EngineEnd {
  /** Why it did not end well: a status, a signal; undefined if it did. */
  readonly broken: string | undefined;
  readonly hung: boolean;
  readonly told: Told;
  /** strace's log. */
  readonly log: string;
}

export interface EngineOptions {
  readonly threads?: number;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
}

/** Whether its calls can be made to fail here: they are, with CI=true. */
export function canInject(): boolean {
  const tools = ['setpriv', 'flock', 'make', 'g++'].map(requireTool);
  return tools.every(Boolean) && process.getuid?.() === 0 && canTrace();
}

/** Builds the program, where something of it has changed; one test file at a time. */
export function buildEngine(): void {
  const make = ['make', '--no-print-directory', '-s', '-j2', '-C', native, 'sweep-once'];
  execFileSync('flock', [native, ...make]);
}

type Swept = Pick<SmallStore, 'path' | 'depth'>;

/** Sweeps without a fault. */
export function sweepOnce(store: Swept, options: EngineOptions = {}): Promise<EngineEnd> {
  return run([program, ...words(store, options)]);
}

/**
 * Sweeps under strace.
 *
 * @param log where strace writes to
 * @param expressions strace's `-e`
 */
export async function sweepTraced(
  store: Swept,
  log: string,
  expressions: readonly string[],
  options: EngineOptions = {},
): Promise<EngineEnd> {
  const trace = expressions.flatMap((expression) => ['-e', expression]);
  // In other groups too, so that it has some to leave.
  const asRoot = ['setpriv', '--groups=4,24'];
  const strace = ['strace', '-f', '-o', log, ...trace];
  const end = await run([...asRoot, ...strace, program, ...words(store, options)]);
  return { ...end, log: readFileSync(log, 'latin1') };
}

/** The lines of a log, with the calls whole that another thread's have cut in two. */
export function wholeCalls(log: string): string[] {
  const begun = new Map<string, string>();
  return log.split('\n').flatMap((line) => {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, begin] = /^(.*) <unfinished \.\.\.>$/.exec(text) ?? [];
    if (begin !== undefined) {
      begun.set(thread, begin);
      return [];
    }
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    return [rest === undefined ? line : `${thread} ${begun.get(thread) ?? ''}${rest}`];
  });
}

/** All calls between the two marks, of a log of them all. */
export function callsOf(log: string): Call[] {
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  const loading = new Map<string, number>();
  let main = '';
  let isMarked = false;
  for (const line of wholeCalls(log)) {
    const [, thread = '', text = '', name = ''] = /^(\d+) +((\w+)\(.*)$/.exec(line) ?? [];
    if (name === 'getpriority') isMarked = !isMarked;
    const nth = (counts.get(thread + name) ?? 0) + 1;
    counts.set(thread + name, nth);
    // The first thread has made as many of them while the program was loaded.
    if (name === 'getpriority') main = thread;
    if (!isMarked) loading.set(name, nth);
    if (thread !== main && nth <= (loading.get(name) ?? 0)) continue;
    if (isMarked && name !== '' && name !== 'getpriority') calls.push({ name, nth, text });
  }
  return calls;
}

function words(store: Swept, options: EngineOptions): string[] {
  const { threads = 1, dryRun = false, strict = false } = options;
  const numbers = [store.depth, lifetimeSeconds, threads].map(String);
  return [store.path, ...numbers, ...(dryRun ? ['dry'] : []), ...(strict ? ['strict'] : [])];
}

async function run(command: readonly string[]): Promise<EngineEnd> {
  const { status, signal, text, stderr, hung } = await runProgram(command, giveUpAfterMs);
  const broken = status === 0 && !hung ? undefined : `${signal ?? status}: ${stderr}`;
  return { broken, hung, told: parse(text), log: '' };
}

const nothing: Told = {
  ...(Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>),
  denied: 0,
  mounted: 0,
  complete: false,
  errors: [],
};

function parse(stdout: string): Told {
  if (stdout === '') return nothing;
  return { ...nothing, ...JSON.parse(stdout) };
}

/** What holds behind every fault: it ended, harmed nobody, and removed what it says. */
export function expectSound(
  tally: Tally,
  fault: string,
  store: Pick<SmallStore, 'keepers' | 'expired' | 'left' | 'candidates'>,
  end: EngineEnd,
  what: string,
): void {
  if (end.hung) tally.hang(fault);
  expect(end.broken, what).toBeUndefined();
  tally.expectNoneHarmed(fault, store.keepers.harmed(), what);
  const { told } = end;
  const gone = store.expired.length - store.left().length;
  expect(told.removed, `${what} removed what it counted`).toBe(gone);
  const judged = verdicts.reduce((sum, verdict) => sum + told[verdict], 0);
  const isWhole = told.complete && told.denied === 0;
  if (isWhole) expect(judged, `${what} judged all`).toBe(store.candidates);
  expect(judged, what).toBeLessThanOrEqual(store.candidates);
}
