/**
 * Seconds, and the system calls that a process made in each, counted by perf.
 *
 * Invariant: threads that the process begins meanwhile are counted too. Where perf cannot count (no
 * perf, no right to), seconds go by all the same, and the calls are null.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers/promises';
import { execute, findProgram } from '../execute.js';
import { program } from '../places.js';
import { Child } from './child.js';

const event = 'raw_syscalls:sys_enter';
/** Of one command. */
const timeLimitSeconds = 3600;

export interface Surroundings {
  /** A directory for what perf writes. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Why system calls cannot be counted here; undefined if they can. */
export async function whyNoSyscallCounts(): Promise<string | undefined> {
  const perf = findProgram('perf');
  if (perf === undefined) return 'perf is not installed';
  const { status, stderr } = await execute(perf, ['stat', '-x,', '-e', event, '--', 'true']);
  return status === 0 && countIn(stderr) !== null ? undefined : `perf cannot: ${stderr.trim()}`;
}

/**
 * About once a second: how many system calls the process has made since the last time. The first time
 * they are those since a moment after the call.
 */
export async function* secondsOf(
  pid: number,
  { scratch, signal }: Surroundings,
): AsyncGenerator<number | null> {
  if ((await whyNoSyscallCounts()) !== undefined) {
    for await (const _ of setInterval(1000, undefined, { signal })) yield null;
    return;
  }
  const output = path.join(scratch, 'perf');
  const argv = ['stat', '-x,', '-I', '1000', '-e', event, '-p', String(pid), '--log-fd', '1'];
  await using perf = await Child.start([findProgram('perf') ?? '', ...argv], { log: output });
  const stop = () => perf.send('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    for await (const line of createInterface(perf.stdout)) {
      const count = countIn(line.slice(line.indexOf(',') + 1));
      if (count !== null) yield count;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  throw new Error(`perf ended: ${perf.said()}`);
}

export interface CommandUsage {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  /** Null where they cannot be counted. */
  readonly syscalls: number | null;
}

/**
 * Runs a command to its end, by run.c, whose own few dozen system calls are among those counted.
 *
 * @throws Error if the command fails
 */
export async function measureCommand(
  argv: readonly string[],
  { scratch, signal }: Surroundings,
): Promise<CommandUsage> {
  const counts = path.join(scratch, 'counts');
  const report = path.join(scratch, 'report.json');
  const isCounted = (await whyNoSyscallCounts()) === undefined;
  const perf = [findProgram('perf') ?? '', 'stat', '-x,', '-e', event, '-o', counts, '--'];
  const [command = '', ...args] = [
    ...(isCounted ? perf : []),
    program('run'),
    report,
    String(timeLimitSeconds),
    ...argv,
  ];
  const { status, stderr } = await execute(command, args, { signal });
  if (status !== 0) throw new Error(`${command}: status ${status}: ${stderr.trim()}`);
  const { wallNs, userUs, systemUs, exitStatus } = JSON.parse(readFileSync(report, 'utf8'));
  if (exitStatus !== 0) throw new Error(`${argv[0]}: status ${exitStatus}: ${stderr.trim()}`);
  const syscalls = isCounted ? countIn(readFileSync(counts, 'latin1')) : null;
  return { wallMs: wallNs / 1e6, cpuMs: (userUs + systemUs) / 1000, syscalls };
}

/** The count at the beginning of a line of perf's. */
function countIn(text: string): number | null {
  const digits = /^\s*([0-9]+),.*raw_syscalls/m.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
