/** What a child that somebody has taken over may say. */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../../lib/package.js';
import { TablesProcess } from '../../../lib/tables/child-process.js';
import { isAnswer, longestLine, replyOf } from '../../../lib/tables/messages.js';
import { tempDir } from '../../support/temp-dir.js';

const bitten = {
  removed: 1,
  inUse: 0,
  changed: 0,
  live: 0,
  dues: [[1, 1]],
  removedIds: ['a'],
  inUseIds: [],
  longestMs: 1.5,
  isDone: false,
  nextDueSeconds: null,
};

test.each([
  ['', undefined],
  ['null', undefined],
  ['[]', undefined],
  ['{"number":"1"}', undefined],
  ['{"number":1,"failure":{"code":"EVIL","message":"x","remedy":null}}', undefined],
  ['{"number":1,"failure":{"code":"ERR_TABLE_BUSY","message":1,"remedy":null}}', undefined],
  ['{"number":1,"answer":{}}', { number: 1, answer: {} }],
])('%s is told apart from a reply', (line, expected) => {
  expect(replyOf(line)).toEqual(expected);
});

test.each([
  [{ removed: -1 }],
  [{ removed: 1.5 }],
  [{ removed: '1' }],
  [{ dues: [[1]] }],
  [{ dues: 'x' }],
  [{ removedIds: [1] }],
  [{ removedIds: ['x'.repeat(5000)] }],
  [{ longestMs: Number.NaN }],
  [{ isDone: 1 }],
  [{ nextDueSeconds: 'soon' }],
])('%j is no answer to a bite', (change) => {
  expect(isAnswer.bite(bitten)).toBe(true);
  expect(isAnswer.bite({ ...bitten, ...change })).toBe(false);
});

function childThat(program: string): TablesProcess {
  const path = join(tempDir(), 'child.cjs');
  writeFileSync(path, program);
  const identity = { uid: process.geteuid?.() === 0 ? 65534 : 0, gid: 65534 };
  const child = new TablesProcess(identity, relative(join(packageRoot, 'dist'), path));
  onTestFinished(() => child.kill());
  return child;
}

test.each([
  ['answers what nobody asked', 'console.log(\'{"number":7,"answer":{}}\')'],
  ['says what is no reply', "console.log('hello')"],
  ['gives an answer of another kind', 'console.log(\'{"number":1,"answer":{"removed":"all"}}\')'],
  ['never ends its line', `process.stdout.write('x'.repeat(${2 * longestLine}))`],
  ['ends', 'process.exit(3)'],
  ['fills its memory', 'const all = []; for (;;) all.push(new Array(1e5).fill({}))'],
])('a child that %s is given up, and asked nothing more', async (_name, program) => {
  const child = childThat(`process.stdin.once('data', () => { ${program} })`);
  const failure = { code: 'ERR_TABLE_NOT_ANSWERING' };
  await expect(
    child.ask(1, 'begin', { lifetimeSeconds: 1, graceSeconds: 0, shard: null }),
  ).rejects.toMatchObject(failure);
  await expect(child.ask(1, 'close', {})).rejects.toMatchObject(failure);
  expect(child.hasEnded).toBe(true);
});
