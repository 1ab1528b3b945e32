/**
 * Runs this program again in a mount namespace of its own, so that the kernel takes away every
 * mount and loop device when it ends, by SIGKILL too.
 *
 * Invariant: the outer process does nothing but wait, and ends as the inner one does.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const marker = 'SESCLE_BENCH_HAS_PRIVATE_MOUNTS';

/** Whether mounts can be made here without anybody else seeing them. */
export function hasPrivateMounts(): boolean {
  return process.env[marker] === '1';
}

/**
 * @returns the exit status of the inner run
 */
export function rerunWithPrivateMounts(): Promise<number> {
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [marker]: '1' } },
  );
  // A terminal's Ctrl-C reaches both; what was sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) =>
      resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)),
    );
  });
}
