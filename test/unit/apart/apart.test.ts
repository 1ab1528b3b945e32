/** Work in a process of its own: it answers, fails, or is left behind, and of those there are no more than allowed. */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Apart } from '../../../lib/apart/apart.js';
import { packageRoot } from '../../../lib/package.js';
import { ownChildren } from '../../support/own-children.js';
import { tempDir } from '../../support/temp-dir.js';
import { until } from '../../support/until.js';

function apart(script: string, deadlineMs: number, mostLeftBehind = 1) {
  const directory = tempDir();
  const file = path.join(directory, 'child.mjs');
  writeFileSync(file, script);
  return {
    directory,
    it: new Apart<string, string>({
      program: path.relative(path.join(packageRoot, 'dist'), file),
      deadlineMs,
      mostLeftBehind,
      notAnswering: () => new Error('no answer'),
      failed: (reason) => new Error(`failed: ${reason}`),
    }),
  };
}

const echo = `process.once('message', (text) => process.send(text + '!'));`;
const silent = `process.once('message', () => setInterval(() => {}, 1000));`;

it('gives the answer, one time after the other', async () => {
  const { it: child } = apart(echo, 30_000);
  expect(await child.ask('a')).toBe('a!');
  expect(await child.ask('b')).toBe('b!');
});

it('says how a process ended that did not answer', async () => {
  const { it: child } = apart('process.exit(7);', 30_000);
  await expect(child.ask('a')).rejects.toThrow(/^failed: /);
});

it('gives up at the deadline, and when it is told to', async () => {
  const { it: child, directory } = apart(silent, 200);
  await expect(child.ask('a')).rejects.toThrow('no answer');
  await until(() => ownChildren(directory).length === 0);
  const { it: patient } = apart(silent, 30_000);
  await expect(patient.ask('a', AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
});

it('begins no process while as many as allowed are left behind', async () => {
  const { it: child, directory } = apart(
    `process.once('message', (file) => fs.writeFileSync(file, ''));
import fs from 'node:fs';
${silent}`,
    1500,
  );
  const ask = (name: string) => child.ask(`${directory}/${name}`).catch(String);
  // Its end has not been heard of when the next is asked for, as if it hung in the kernel.
  const second = ask('first').then((end) => {
    expect(end).toBe('Error: no answer');
    return ask('second');
  });
  expect(await second).toBe('Error: no answer');
  await until(() => ownChildren(directory).length === 0);
  expect(readdirSync(directory).filter((name) => name !== 'child.mjs')).toEqual(['first']);
});

it('holds none of our streams, and what it says is heard', async () => {
  const { it: child } = apart(
    `import fs from 'node:fs';
process.once('message', () => {
  fs.writeSync(2, 'said by the child\\n');
  setTimeout(() => process.send(fs.readlinkSync('/proc/self/fd/2')), 50);
});`,
    30_000,
  );
  const heard = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => heard.mockRestore());
  const stream = await child.ask('a');
  expect(stream).not.toBe(readlinkSync('/proc/self/fd/2'));
  await until(() => heard.mock.calls.join().includes('said by the child'));
});
