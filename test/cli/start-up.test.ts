/** What a command loads of Node: what it does not use would take longer than a small sweep. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.js';

const tellLoaded =
  "import fs from 'node:fs';process.on('exit',()=>fs.writeSync(2,process.moduleLoadList.join('\\n')))";

function loadedBy(...args: string[]): string[] {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${tellLoaded}`, 'dist/cli/main.js', ...args],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], STATE_DIRECTORY: tempDir() } },
  );
  expect(status).toBe(0);
  return stderr
    .split('\n')
    .flatMap((line) => /^NativeModule ([\w/]+)$/.exec(line)?.[1] ?? [])
    .filter((name) => !name.startsWith('internal/'));
}

test('--version loads neither processes, nor cryptography, nor the network', () => {
  const loaded = loadedBy('--version');
  expect(loaded).toContain('fs');
  for (const name of ['child_process', 'crypto', 'fs/promises', 'http', 'net']) {
    expect(loaded).not.toContain(name);
  }
});

// Where a network or FUSE mount is, a process reads the state directory.
test('a sweep loads neither cryptography nor HTTP', () => {
  const loaded = loadedBy('sweep', '-q', '-l', '24m', tempDir());
  for (const name of ['crypto', 'http', 'perf_hooks', 'tty']) expect(loaded).not.toContain(name);
});
