/** What is known of the clock, where its directory may not answer. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

describe('what is known already', () => {
  it('is not written again right after it was read, but later it is', async () => {
    const directory = tempDir();
    const file = `${directory}/clock.json`;
    await new KeptMemory(directory).write(memory);
    const inode = () => statSync(file).ino;
    const before = inode();
    const kept = new KeptMemory(directory);
    expect(await kept.read()).toEqual(memory);
    expect(await kept.write(memory)).toBeNull();
    expect(inode()).toBe(before);
    expect(await kept.write(memory)).toBeNull();
    expect(inode()).not.toBe(before);
  });

  it('is written where it is something else than what was read', async () => {
    const directory = tempDir();
    await new KeptMemory(directory).write(memory);
    const kept = new KeptMemory(directory);
    await kept.read();
    expect(await kept.write({ ...memory, offsetMs: 8 })).toBeNull();
    expect(await new KeptMemory(directory).read()).toEqual({ ...memory, offsetMs: 8 });
  });

  it('is written where it was never written, and over what a killed process left', async () => {
    const directory = tempDir();
    writeFileSync(`${directory}/.clock.json.${process.pid}`, 'half');
    const kept = new KeptMemory(directory);
    expect(await kept.read()).toBeNull();
    expect(await kept.write(memory)).toBeNull();
    expect(readdirSync(directory)).toEqual(['clock.json']);
    expect(JSON.parse(readFileSync(`${directory}/clock.json`, 'utf8'))).toEqual(memory);
  });

  it('is read whole, however long it is', async () => {
    const directory = tempDir();
    const long = { ...memory, bootId: 'a'.repeat(20_000) };
    await new KeptMemory(directory).write(long);
    expect(await new KeptMemory(directory).read()).toEqual(long);
  });
});
