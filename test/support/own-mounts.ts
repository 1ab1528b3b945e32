/**
 * Gives the process of each test file a mount namespace of its own: what one file mounts no other sees.
 *
 * Every discovery asks each mount that can hang, and waits for it. While one test hangs a mount, all other
 * tests on the machine would wait too, and sescle would start more processes there than it usually does.
 *
 * Invariant: where this user cannot make a namespace the files run as without this.
 */
import { spawnSync } from 'node:child_process';
import { ForksPoolWorker, type PoolOptions, type PoolRunnerInitializer } from 'vitest/node';

const command = 'unshare';

class WorkerWithOwnMounts extends ForksPoolWorker {
  constructor(options: PoolOptions) {
    super(options);
    this.execArgv = ['--mount', process.execPath, ...this.execArgv];
  }

  /** Has vitest start `unshare` instead of Node; it becomes Node, with the same process id and channel. */
  override start(): Promise<void> {
    const node = process.execPath;
    process.execPath = command;
    try {
      // It reads the path and forks before it first waits.
      return super.start();
    } finally {
      process.execPath = node;
    }
  }
}

/** A pool with one process for each file. */
export function ownMounts(): PoolRunnerInitializer | 'forks' {
  const canUnshare = spawnSync(command, ['--mount', 'true']).status === 0;
  if (!canUnshare) return 'forks';
  return {
    name: 'forks-with-own-mounts',
    createPoolWorker: (options) => new WorkerWithOwnMounts(options),
  };
}
