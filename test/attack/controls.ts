/**
 * The controls: cleaners that fall to the same attack, without which a test could pass because its
 * attack does not work.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { readIfThere } from '../support/held-sweep.js';
import { program } from './attackers.js';
import { lifetimeSeconds } from './victims.js';

const giveUpAfterMs = 60_000;
const quiet = { stdio: 'ignore' } as const;

/** @param flags of test/attack/programs/naive-cleaner.c */
export function naiveCleaner(store: string, ...flags: readonly string[]): [string, ...string[]] {
  return [program('naive-cleaner'), ...flags, store, String(lifetimeSeconds)];
}

export function cleanNaively(store: string, ...flags: readonly string[]): void {
  const [file, ...args] = naiveCleaner(store, ...flags);
  spawnSync(file, args, quiet);
}

/** What many have in their crontab. */
export function cleanByFind(store: string, ...remover: readonly string[]): void {
  const found = findExpired(store, '-print0');
  const command = remover.length > 0 ? remover : ['rm', '-f'];
  spawnSync('xargs', ['-0', '-r', ...command], {
    input: found,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** What find(1) prints of what looks like an expired session; it goes on where something vanishes. */
export function findExpired(store: string, ...actions: readonly string[]): Buffer {
  const minutes = `+${lifetimeSeconds / 60}`;
  const expired = ['-name', 'sess_*', '-mmin', minutes];
  return spawnSync('find', [store, ...expired, ...actions], { stdio: ['ignore', 'pipe', 'ignore'] })
    .stdout;
}

/** Cleans until the attack has succeeded. */
export async function cleanUntil(
  hasFallen: () => boolean,
  clean: () => void | Promise<void>,
): Promise<void> {
  for (const start = Date.now(); !hasFallen() && Date.now() - start < giveUpAfterMs; ) {
    await clean();
  }
  expect(hasFallen(), 'the control fell').toBe(true);
}

/** Where the kernel has a process wait: for the other end of a FIFO, for a lock, for a lease's end. */
const waits = /wait_for_partner|lock|lease/;
const looksUntilStalled = 20;

/** Cleans until a cleaner is stuck in a call that nothing but the attacker can end. */
export async function cleanUntilStalled(store: string, ...flags: readonly string[]): Promise<void> {
  const [file, ...args] = naiveCleaner(store, ...flags);
  const start = Date.now();
  const hasTime = () => Date.now() - start < giveUpAfterMs;
  while (hasTime()) {
    const cleaner = spawn(file, args, quiet);
    const exited = once(cleaner, 'exit');
    let looks = 0;
    while (cleaner.exitCode === null && looks < looksUntilStalled && hasTime()) {
      await pause(10);
      // A cleaner that has just ended is not there any more.
      looks = waits.test(readIfThere(`/proc/${cleaner.pid}/wchan`)) ? looks + 1 : 0;
    }
    cleaner.kill('SIGKILL');
    await exited;
    if (looks === looksUntilStalled) return;
  }
  expect.unreachable('the control did not fall');
}
