/** node_exporter's file where mounts may hang: another process writes it, and is left behind where it must be. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removeTextfile, textfileName, writeTextfile } from '../../../lib/telemetry/textfile.js';
import { canHangMounts, hungMount } from '../../support/hung-mount.js';
import { hungThreads } from '../../support/hung-threads.js';
import { tempDir } from '../../support/temp-dir.js';
import { monitorStatus } from '../../telemetry/statuses.js';

describe.skipIf(!canHangMounts())('where a mount does not answer', () => {
  it('a directory elsewhere has its file, and the reason where it cannot', async () => {
    await hungMount();
    const directory = tempDir();
    expect(await writeTextfile(directory, monitorStatus())).toBeNull();
    expect(readFileSync(join(directory, textfileName), 'utf8')).toContain('sescle_build_info');
    expect(await removeTextfile(directory)).toBeNull();
    expect(await removeTextfile(directory)).toBeNull();
    expect(readdirSync(directory)).toEqual([]);
    expect(await writeTextfile(join(directory, 'missing'), monitorStatus())).toMatchObject({
      code: 'ENOENT',
      message: expect.stringMatching(/missing.sescle\.prom could not be written: no such file/i),
    });
  });

  it('one on it keeps no thread of ours', async () => {
    const directory = await hungMount();
    const failure = await writeTextfile(directory, monitorStatus(), AbortSignal.timeout(300));
    expect(failure?.message).toContain('could not be written');
    expect(hungThreads()).toEqual([]);
  });
});
