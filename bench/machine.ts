/**
 * What the figures were measured on.
 *
 * Invariant: whatever may explain a difference between two results is written down with them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import path from 'node:path';
import { execute } from './execute.js';
import { project } from './places.js';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  /** Of this checkout; `+` where it was changed since. */
  readonly commit: string;
  /** Of the addon that was measured: SHA-256, its first 12 digits. */
  readonly addon: string;
}

export async function describeMachine(): Promise<Machine> {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: /^PRETTY_NAME="(.*)"/m.exec(read('/etc/os-release'))?.[1] ?? 'unknown',
    kernel: release(),
    node: process.version,
    commit: await describeCommit(),
    addon: createHash('sha256')
      .update(read(path.join(project, 'build/Release/sescle.node')))
      .digest('hex')
      .slice(0, 12),
  };
}

async function describeCommit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await execute('git', ['-C', project, ...args])).stdout.trim();
  const commit = await git('rev-parse', '--short=12', 'HEAD');
  const changes = await git('status', '--porcelain', '--untracked-files=no');
  return commit + (changes === '' ? '' : '+');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // not there: what it would have said is unknown
  }
}
