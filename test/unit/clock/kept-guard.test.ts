/** What is known of the clock goes from one run to the next. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KeptClockGuard } from '../../../lib/clock/kept-guard.js';
import { readBootId } from '../../../lib/clock/state-file.js';
import { tempDir } from '../../support/temp-dir.js';

const clockAt = (now: number) => ({ now: () => now, sinceBoot: () => 5000, after: () => () => {} });
const now = Date.UTC(2027, 0, 1);

it('notices a clock that was set between two runs, by a directory that it makes', () => {
  const directory = `${tempDir()}/made/here`;
  expect(new KeptClockGuard(clockAt(now), directory).keep()).toBeNull();
  const next = new KeptClockGuard(clockAt(now + 86_400_000), directory);
  expect(next.check(1440)).toEqual({ bySeconds: 86_400, graceSeconds: 86_400 });
});

it('says why it cannot keep anything', () => {
  const directory = tempDir();
  writeFileSync(`${directory}/file`, '');
  expect(new KeptClockGuard(clockAt(now), `${directory}/file`).keep()).toMatch(/EEXIST|ENOTDIR/);
});

it.each([
  'not JSON',
  'null',
  '{}',
  JSON.stringify({ bootId: readBootId(), offsetMs: 0, graceSeconds: -1e9, graceSinceMs: 1e15 }),
  JSON.stringify({ bootId: readBootId(), offsetMs: 0, graceSeconds: 0.5, graceSinceMs: 1e15 }),
  JSON.stringify({ bootId: readBootId(), offsetMs: null, graceSeconds: 0, graceSinceMs: 0 }),
])('takes nothing from a broken memory: %s', (text) => {
  const directory = tempDir();
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/clock.json`, text);
  const guard = new KeptClockGuard(clockAt(now), directory);
  expect(guard.check(1440)).toBeNull();
  expect(guard.graceSeconds).toBe(0);
});
