/**
 * Programs that run for as long as a test does, or to their end.
 *
 * Invariant: when the test has finished, the program and all that it started are gone, however the
 * test ended: each is a process group of its own, which is killed whole.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { CliEnd } from './cli.js';

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it is given to read; its input stays open. */
  readonly input?: string;
}

/** @returns the program, once it has printed what `isReady` looks for, to either output */
export async function startProgram(
  [command = '', ...words]: readonly string[],
  isReady: RegExp,
  { env = { PATH: process.env['PATH'] ?? '' }, cwd = '/', input }: ProgramOptions = {},
): Promise<ChildProcessWithoutNullStreams & { readonly pid: number }> {
  const child = spawn(command, words, { cwd, env, detached: true });
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) {
    const [error] = await once(child, 'error');
    throw error;
  }
  onTestFinished(async () => {
    killGroup(pid);
    await exited;
  });
  if (input !== undefined) child.stdin.write(input);
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      printed += String(chunk);
      if (isReady.test(printed)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    exited.then(() => reject(new Error(`${command} ended: ${printed}`)), reject);
  });
  return Object.assign(child, { pid });
}

export interface ProgramEnd extends CliEnd {
  /** What killed it. */
  readonly signal: NodeJS.Signals | null;
  /** Whether it took too long, and was killed for that. */
  readonly hung: boolean;
}

/**
 * Runs a program until it has ended and nobody holds its outputs any more.
 *
 * @param giveUpAfterMs when it is killed, with all that it started
 */
export async function runProgram(
  [command = '', ...words]: readonly string[],
  giveUpAfterMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProgramEnd> {
  const child = spawn(command, words, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let hasClosed = false;
  let hung = false;
  const kill = () => {
    // Later its number may be another's.
    if (!hasClosed && child.pid !== undefined) killGroup(child.pid);
  };
  onTestFinished(kill);
  const giveUp = setTimeout(() => {
    hung = true;
    kill();
  }, giveUpAfterMs);
  const out: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  try {
    const [status, signal] = await closed;
    const stdout = Buffer.concat(out);
    const stderr = Buffer.concat(complaints).toString();
    return { status, signal, stdout, text: stdout.toString(), stderr, hung };
  } finally {
    hasClosed = true;
    clearTimeout(giveUp);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended by themselves.
  }
}
