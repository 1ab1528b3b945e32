/**
 * Runs the programs that prepare a measurement: mkfs, mount, fill.
 *
 * Invariant: every program that is started here has ended when its promise settles; a program that
 * fails rejects with what it said.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Most of what a program that failed has to say is in its last lines. */
const keptErrorBytes = 2000;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program with SIGTERM. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end, whatever its exit status. Rejects where it cannot be started. */
export function execute(
  command: string,
  args: readonly string[],
  { env, signal }: ExecuteOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...env },
    });
    let stdout = '';
    let stderr = '';
    const end = (): boolean => child.kill('SIGTERM');
    signal?.addEventListener('abort', end);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-keptErrorBytes);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ status, stdout, stderr });
    });
    if (signal?.aborted) end();
  });
}

/**
 * Runs a program that must succeed.
 *
 * @returns its standard output
 */
export async function run(
  command: string,
  args: readonly string[],
  options: ExecuteOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await execute(command, args, options);
  if (status === 0) return stdout;
  const what = [command, ...args].join(' ').slice(0, 200);
  throw new Error(`${what}: status ${status}: ${stderr.trim()}`);
}

/** Where a program is; undefined where this machine does not have it. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return directories.map((directory) => path.join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
