/** A directory that stays large after its files are gone: the report and the monitor say so. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, startCli } from '../support/cli.js';
import { makeHuge } from '../support/huge-directory.js';
import { canMountLoop, LoopFileSystem } from '../support/loop-file-system.js';
import { writeSession } from '../support/sessions.js';

const said =
  /: the directory takes \d\.\d+ MiB for (\d+) names?, and every scan reads all of it; sescle doctor shows how to rebuild it without losing a session/g;

describe.skipIf(!canMountLoop('ext4'))('on ext4', () => {
  /** A nested store, one of whose directories is huge. */
  function nested(): { store: string; huge: string } {
    const store = join(new LoopFileSystem('ext4').directory, 'sessions');
    const huge = join(store, 'a');
    for (const each of [store, huge, join(store, 'b')]) mkdirSync(each);
    makeHuge(huge);
    writeSession(huge, 'abc', { ageSeconds: 10 });
    return { store, huge };
  }

  test('a sweep warns of it once, names it in its JSON, and says nothing with -q', async () => {
    const { store, huge } = nested();
    const args = ['-l', '1h', `1;${store}`];
    const plain = await runCli(['sweep', ...args]);
    expect(plain.status).toBe(0);
    expect(plain.stderr).toContain(`sescle: warning: ${huge}: the directory takes`);
    expect(Array.from(plain.stderr.matchAll(said), ([, names]) => names)).toEqual(['1']);
    expect((await runCli(['sweep', '-q', ...args])).stderr).toBe('');
    const { text } = await runCli(['sweep', '--json', ...args]);
    const [report] = JSON.parse(text).stores;
    expect(report.hugeDirectory).toMatchObject({ path: huge, names: 1 });
    expect(report.hugeDirectory.bytes).toBeGreaterThan(4 * 2 ** 20);
  });

  test('a directory that its names fill, or that is small, is none', async () => {
    const { directory } = new LoopFileSystem('ext4');
    const small = join(directory, 'small');
    mkdirSync(small);
    makeHuge(small, 1000);
    const { text, stderr } = await runCli(['sweep', '--json', '-l', '1h', small]);
    expect(JSON.parse(text).stores[0].hugeDirectory).toBeNull();
    expect(stderr).toBe('');
  });

  test('the monitor warns of it once, however often it scans', async () => {
    const { store } = nested();
    const run = startCli(['watch', '-v', '-l', '4', `1;${store}`]);
    await run.awaitStderr(/the directory takes/);
    await run.awaitStderr(/(scanned in[\s\S]*){3}/);
    run.kill('SIGTERM');
    const { stderr, status } = await run.ended;
    expect(status).toBe(0);
    expect(Array.from(stderr.matchAll(said))).toHaveLength(1);
  });
});
