/** What is known of the clock, where its directory may not answer. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KeptMemory } from '../../../lib/clock/kept-memory.js';
import { canHangMounts, hungMount } from '../../support/hung-mount.js';
import { hungThreads } from '../../support/hung-threads.js';
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
