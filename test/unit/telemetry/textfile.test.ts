/** node_exporter's file is whole or not there, and nothing that lies in its way is followed. */
import {
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { removeTextfile, textfileName, writeTextfile } from '../../../lib/telemetry/textfile.js';
import { tempDir } from '../../support/temp-dir.js';
import { hostileId, monitorStatus, storeStatus } from '../../telemetry/statuses.js';

/** What open() and rename() are asked for, which nobody could see from outside. */
const calls = vi.hoisted(() => ({ opened: [] as unknown[][], failRename: null as Error | null }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    open: (...given: Parameters<typeof real.open>) => {
      calls.opened.push(given);
      return real.open(...given);
    },
    rename: (...given: Parameters<typeof real.rename>) =>
      calls.failRename ? Promise.reject(calls.failRename) : real.rename(...given),
  };
});

/** Another test's mount that may hang is no reason to write in another process, which nobody could look into. */
vi.mock('../../../lib/stores/silent-mounts.js', () => ({ mountsThatMayHang: () => [] }));

afterEach(() => {
  calls.opened.length = 0;
  calls.failRename = null;
});

describe('writeTextfile', () => {
  it('writes the metrics, without those that node_exporter has of itself', async () => {
    const directory = tempDir();
    expect(await writeTextfile(directory, monitorStatus())).toBeNull();
    expect(readdirSync(directory)).toEqual([textfileName]);
    const text = readFileSync(join(directory, 'sescle.prom'), 'utf8');
    expect(text).toMatch(/^sescle_sessions\{store="\/var\/lib\/php\/sessions"\} 1234567$/m);
    expect(text).not.toMatch(/^process_/m);
  });

  it.each([0o077, 0])(
    'lets everyone read it, and none but its owner write, umask %o',
    async (mask) => {
      const before = process.umask(mask);
      onTestFinished(() => void process.umask(before));
      const directory = tempDir();
      await writeTextfile(directory, monitorStatus());
      expect(statSync(join(directory, textfileName)).mode & 0o7777).toBe(0o644);
    },
  );

  it('puts a new file in the place of the old one, which its readers still have', async () => {
    const directory = tempDir();
    const file = join(directory, textfileName);
    await writeTextfile(directory, monitorStatus());
    const { ino } = statSync(file);
    await writeTextfile(directory, monitorStatus([storeStatus({ sessions: 5 })]));
    expect(statSync(file).ino).not.toBe(ino);
    expect(readFileSync(file, 'utf8')).toContain('sessions"} 5\n');
  });

  it('is never seen in part', async () => {
    const directory = tempDir();
    const file = join(directory, textfileName);
    const stores = Array.from({ length: 200 }, (_, at) => storeStatus({ id: `/store/${at}` }));
    await writeTextfile(directory, monitorStatus(stores));
    let isDone = false;
    let reads = 0;
    const reader = (async () => {
      while (!isDone) {
        expect(readFileSync(file, 'utf8').endsWith('sescle_build_info{version="1.2.3"} 1\n')).toBe(
          true,
        );
        reads += 1;
        await new Promise(setImmediate);
      }
    })();
    for (let turn = 0; turn < 10; turn += 1) await writeTextfile(directory, monitorStatus(stores));
    isDone = true;
    await reader;
    expect(reads).toBeGreaterThan(0);
  });

  it('makes a temporary file that was not there, under a name of its own each time', async () => {
    const directory = tempDir();
    for (let turn = 0; turn < 2; turn += 1) await writeTextfile(directory, monitorStatus());
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    expect(calls.opened).toEqual([
      [expect.stringMatching(/sescle\.prom\.[0-9a-f]{16}\.tmp$/), flags, 0o644],
      [expect.stringMatching(/sescle\.prom\.[0-9a-f]{16}\.tmp$/), flags, 0o644],
    ]);
    expect(calls.opened[0]?.[0]).not.toBe(calls.opened[1]?.[0]);
  });

  it('replaces a link, and leaves alone what it leads to', async () => {
    const directory = tempDir();
    const victim = join(tempDir(), 'victim');
    writeFileSync(victim, 'untouched', { mode: 0o600 });
    symlinkSync(victim, join(directory, textfileName));
    expect(await writeTextfile(directory, monitorStatus())).toBeNull();
    expect(lstatSync(join(directory, textfileName)).isFile()).toBe(true);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(statSync(victim).mode & 0o777).toBe(0o600);
  });

  it('returns what failed, with a remedy', async () => {
    const missing = join(tempDir(), 'a\nb');
    expect(await writeTextfile(missing, monitorStatus())).toMatchObject({
      name: 'SescleError',
      code: 'ENOENT',
      errno: 2,
      message: `${missing.replace('\n', '\\n')}/sescle.prom could not be written: no such file or directory`,
      remedy: expect.stringContaining('--collector.textfile.directory'),
    });
  });

  it('leaves no temporary file behind where it fails', async () => {
    const directory = tempDir();
    mkdirSync(join(directory, textfileName));
    expect(await writeTextfile(directory, monitorStatus())).toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(directory)).toEqual([textfileName]);
  });

  it('returns what is no error of the system, too', async () => {
    calls.failRename = new Error('odd');
    const directory = tempDir();
    expect((await writeTextfile(directory, monitorStatus()))?.message).toMatch(/odd$/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('holds a hostile id', async () => {
    const directory = tempDir();
    await writeTextfile(directory, monitorStatus([storeStatus({ id: hostileId })]));
    expect(readFileSync(join(directory, textfileName), 'utf8')).not.toMatch(/^# HELP x/m);
  });
});

describe('removeTextfile', () => {
  it('removes the file, and is content where there is none', async () => {
    const directory = tempDir();
    await writeTextfile(directory, monitorStatus());
    expect(await removeTextfile(directory)).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
    expect(await removeTextfile(directory)).toBeNull();
  });

  it('returns what failed', async () => {
    const directory = tempDir();
    mkdirSync(join(directory, textfileName));
    expect(await removeTextfile(directory)).toMatchObject({ code: expect.stringMatching(/^E/) });
  });
});
