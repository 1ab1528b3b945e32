/**
 * Programs that run for as long as a test does.
 *
 * Invariant: when the test has finished, the program and all that it started are gone, however the
 * test ended: each is a process group of its own, which is killed whole.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

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
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // All of them have ended by themselves.
    }
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
