/** What is known of the clock, where its file system is local and stands still. */
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { KeptMemory } from '../../../lib/clock/kept-memory.js';
import { canMountLoop, LoopFileSystem } from '../../support/loop-file-system.js';

// Another test's dead mount may be on the machine, and then a process of its own would do the work.
vi.mock('../../../lib/stores/silent-mounts.js', () => ({ mountsThatMayHang: () => [] }));

const memory = { bootId: 'a', offsetMs: 7, steps: [{ atMs: 1, bySeconds: 60 }] };

it.skipIf(!canMountLoop('ext4'))(
  'a file system that is frozen keeps one thread at most, and nobody waiting',
  async () => {
    const { directory } = new LoopFileSystem('ext4');
    const kept = new KeptMemory(directory);
    execFileSync('fsfreeze', ['-f', directory]);
    onTestFinished(() => void spawnSync('fsfreeze', ['-u', directory]));
    const signal = AbortSignal.timeout(300);
    expect(await kept.write(memory, signal)).toMatch(/sescle ended before/);
    // Nobody waits for another.
    expect(await kept.write(memory, AbortSignal.timeout(1000))).toBe(
      'its file system does not answer',
    );
    execFileSync('fsfreeze', ['-u', directory]);
    // The thread comes back, and then it is as any other directory.
    while ((await kept.write(memory)) !== null) await pause(10);
    expect(await kept.read()).toEqual(memory);
  },
);
