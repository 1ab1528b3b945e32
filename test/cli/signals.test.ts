/** A signal in mid-sweep ends it after the file in hand, with a report of what was done. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SweepReport } from '../../lib/index.js';
import { quote, runShell, startCli } from '../support/cli.js';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const count = 300;
/** Slow enough that no machine ends before the signal, whatever it waits for. */
const slowly = ['--max-rate', '1', '--progress', 'always'];

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s: status %d', async (signal, status) => {
  const store = tempDir();
  writeSessions(store, count, 'old', { ageSeconds: 5000 });
  const one = ['--threads', '1'];
  const run = startCli(['sweep', '--json', '-l', '1440', ...slowly, ...one, store, tempDir()]);
  await run.awaitStderr(/[1-9]\d* removed/);
  run.kill(signal);
  const end = await run.ended;
  expect(end.status).toBe(status);
  expect(end.stderr).toMatch(new RegExp(`\nsescle: ended by ${signal}: [^\n]+\n$`));
  const report: SweepReport = JSON.parse(end.text);
  expect(report).toMatchObject({ complete: false, unusable: [] });
  // The second store was not reached.
  expect(report.stores).toHaveLength(1);
  expect(report.totals.removed).toBeGreaterThan(0);
  expect(report.totals.removed).toBeLessThan(count);
  expect(readdirSync(store)).toHaveLength(count - report.totals.removed);
});

test('the text report says that it is not the whole', async () => {
  const store = tempDir();
  writeSessions(store, count, 'old', { ageSeconds: 5000 });
  const run = startCli(['sweep', '-l', '1440', ...slowly, store]);
  await run.awaitStderr(/[1-9]\d* removed/);
  run.kill('SIGTERM');
  const { status, text } = await run.ended;
  expect(status).toBe(143);
  expect(text).toMatch(/removed +\d+ /);
  expect(text).toMatch(/incomplete +stopped before everything was checked\n$/);
});

test.skipIf(!canHangMounts())(
  'a store that does not answer holds up neither the end nor the report of the others',
  async () => {
    const good = tempDir();
    writeSessions(good, 3, 'old', { ageSeconds: 5000 });
    const hung = await hungMount();
    const run = startCli(['sweep', '--json', '--progress', 'always', '-l', '1440', good, hung]);
    await run.awaitStderr(/1 of 2 stores/);
    run.kill('SIGTERM');
    const end = await run.ended;
    expect(end.status).toBe(143);
    const report: SweepReport = JSON.parse(end.text);
    expect(report).toMatchObject({ complete: false, totals: { removed: 3 } });
    expect(report.stores[1]).toMatchObject({
      complete: false,
      errors: [{ code: 'ERR_NOT_ANSWERING' }],
    });
  },
);

test('a reader that does not read does not keep a signal from ending it', async () => {
  const store = tempDir();
  writeSessions(store, 4000, 'live');
  const beside = tempDir();
  // Nobody reads from the pipe, and more is listed than it holds.
  const { text } = await runShell(`
    cd ${quote(beside)}
    mkfifo pipe
    exec 3<>pipe
    "\${sescle[@]}" sweep -vvvv --progress always -l 1440 ${quote(store)} >&3 2>errors & sweep=$!
    until grep -q scanned errors; do sleep 0.05; done
    kill -TERM $sweep
    wait $sweep
    echo $?`);
  expect(text).toBe('143\n');
});
