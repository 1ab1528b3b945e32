/** What is known of the clock, where its directory may not answer. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeptMemory } from '../../../lib/clock/kept-memory.js';
import { canHangMounts, hungMount } from '../../support/hung-mount.js';
import { hungThreads } from '../../support/hung-threads.js';
import { canMountLoop, LoopFileSystem } from '../../support/loop-file-system.js';
import { tempDir } from '../../support/temp-dir.js';

const memory = { bootId: 'a', offsetMs: 7, steps: [{ atMs: 1, bySeconds: 60 }] };

describe.skipIf(!canHangMounts())('where a mount does not answer', () => {
  it('a directory elsewhere is read and written, by another process', async () => {
    await hungMount();
    const directory = tempDir();
    const kept = new KeptMemory(directory);
    expect(await kept.read()).toBeNull();
    expect(await kept.write(memory)).toBeNull();
    expect(await kept.read()).toEqual(memory);
    expect(existsSync(`${directory}/clock.json`)).toBe(true);
    expect(await new KeptMemory('/dev/null/x').write(memory)).toMatch(/ENOTDIR|EEXIST/);
  });

  it('one on it keeps no thread of ours, and waits no longer than it is told', async () => {
    const kept = new KeptMemory(await hungMount());
    const written = kept.write(memory, AbortSignal.timeout(300));
    expect(await written).toBe('sescle ended before its file system answered');
    expect(hungThreads()).toEqual([]);
  });
});

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
