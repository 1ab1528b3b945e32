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
  expect(next.read(1440).jump).toEqual({ bySeconds: 86_400, graceSeconds: 86_400 });
});

it('keeps a grace for stores with longer lifetimes than those of the sweep that noticed the next step', () => {
  const directory = tempDir();
  let nowMs = now;
  let bootMs = 5_000_000;
  const clock = { now: () => nowMs, sinceBoot: () => bootMs, after: () => () => {} };
  const graceOf = (lifetimeSeconds: number, stepSeconds = 0) => {
    nowMs += stepSeconds * 1000;
    const guard = new KeptClockGuard(clock, directory);
    const { graceSeconds } = guard.read(lifetimeSeconds).reading;
    expect(guard.keep()).toBeNull();
    return graceSeconds;
  };
  const [long, short] = [86_400, 1440];
  expect(graceOf(long)).toBe(0);
  expect(graceOf(long, 7200)).toBe(7200);
  nowMs += 3_600_000;
  bootMs += 3_600_000;
  expect(graceOf(short)).toBe(0);
  expect(graceOf(short, 3600)).toBe(3600);
  expect(graceOf(long)).toBe(10_800);
});

it('takes over the grace that 0.1 wrote', () => {
  const directory = tempDir();
  const memory = { bootId: 'another', offsetMs: 0, graceSeconds: 7200, graceSinceMs: now };
  writeFileSync(`${directory}/clock.json`, JSON.stringify(memory));
  const { reading } = new KeptClockGuard(clockAt(now + 60_000), directory).read(1440);
  expect(reading.graceSeconds).toBe(7200);
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
  JSON.stringify({ bootId: readBootId(), offsetMs: 0, steps: [{ atMs: 1e15, bySeconds: 0.5 }] }),
  JSON.stringify({ bootId: readBootId(), offsetMs: 0, steps: [{ bySeconds: 60 }] }),
  JSON.stringify({ bootId: readBootId(), offsetMs: 0, steps: 7 }),
  JSON.stringify({ bootId: readBootId(), offsetMs: null, graceSeconds: 0, graceSinceMs: 0 }),
])('takes nothing from a broken memory: %s', (text) => {
  const directory = tempDir();
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/clock.json`, text);
  const guard = new KeptClockGuard(clockAt(now), directory);
  expect(guard.read(1440)).toMatchObject({ jump: null, reading: { graceSeconds: 0 } });
});
