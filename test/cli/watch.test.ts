/** `sescle watch` as a process: its log, its signals, its status over HTTP and as a file. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with status 0', async (signal) => {
  const store = tempDir();
  const session = writeSession(store, 'old', { ageSeconds: 5000 });
  const run = startCli(['watch', '-l', '1440', '--state', tempDir(), store]);
  await run.awaitStderr(/watching; sessions live 24m/);
  await until(() => !existsSync(session));
  run.kill(signal);
  const { status, stderr } = await run.ended;
  expect(status).toBe(0);
  expect(stderr).toMatch(/ended after .*: removed 1 session from 1 store/);
});

test('where nobody reads as it is written, each line of its log is JSON', async () => {
  const run = startCli(['watch', '-l', '1440', '--state', tempDir(), tempDir()]);
  await run.awaitStderr(/watching/);
  run.kill('SIGTERM');
  const { stderr } = await run.ended;
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines[0]).toMatchObject({ level: 'info', msg: expect.stringContaining('watching') });
});

test('it answers over HTTP and keeps a file for node_exporter, which goes with it', async () => {
  const directory = tempDir();
  const run = startCli([
    ...['watch', '-l', '1440', '--state', tempDir()],
    ...['--http', '127.0.0.1:0', '--textfile', directory, tempDir()],
  ]);
  const [, port] = await run.awaitStderr(/answering at 127\.0\.0\.1:(\d+)/);
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await answer.text()).toMatch(/^sescle_build_info\{version="/m);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  const file = `${directory}/sescle.prom`;
  expect(readFileSync(file, 'utf8')).toMatch(/^sescle_store_up\{/m);
  run.kill('SIGTERM');
  expect((await run.ended).status).toBe(0);
  expect(existsSync(file)).toBe(false);
});
