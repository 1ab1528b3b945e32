/** What is known of the clock goes from one run to the next. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openClockGuard, readBootId } from '../../../lib/clock/kept-guard.js';
import { tempDir } from '../../support/temp-dir.js';

const clockAt = (now: number) => ({ now: () => now, sinceBoot: () => 5000, after: () => () => {} });
const now = Date.UTC(2027, 0, 1);

it('notices a clock that was set between two runs, by a directory that it makes', async () => {
  const directory = `${tempDir()}/made/here`;
  const first = await openClockGuard(clockAt(now), directory);
  expect(await first.keep()).toBeNull();
  const next = await openClockGuard(clockAt(now + 86_400_000), directory);
  expect(next.read(1440).jump).toEqual({ bySeconds: 86_400, graceSeconds: 86_400 });
});

it('keeps a grace for stores with longer lifetimes than those of the sweep that noticed the next step', async () => {
  const directory = tempDir();
  let nowMs = now;
  let bootMs = 5_000_000;
  const clock = { now: () => nowMs, sinceBoot: () => bootMs, after: () => () => {} };
  const graceOf = async (lifetimeSeconds: number, stepSeconds = 0) => {
    nowMs += stepSeconds * 1000;
    const guard = await openClockGuard(clock, directory);
    const { graceSeconds } = guard.read(lifetimeSeconds).reading;
    expect(await guard.keep()).toBeNull();
    return graceSeconds;
  };
  const [long, short] = [86_400, 1440];
  expect(await graceOf(long)).toBe(0);
  expect(await graceOf(long, 7200)).toBe(7200);
  nowMs += 3_600_000;
  bootMs += 3_600_000;
  expect(await graceOf(short)).toBe(0);
  expect(await graceOf(short, 3600)).toBe(3600);
  expect(await graceOf(long)).toBe(10_800);
});

it('takes over the grace that 0.1 wrote', async () => {
  const directory = tempDir();
  const memory = { bootId: 'another', offsetMs: 0, graceSeconds: 7200, graceSinceMs: now };
  writeFileSync(`${directory}/clock.json`, JSON.stringify(memory));
  const guard = await openClockGuard(clockAt(now + 60_000), directory);
  const { reading } = guard.read(1440);
  expect(reading.graceSeconds).toBe(7200);
});

it('says why it cannot keep anything', async () => {
  const directory = tempDir();
  writeFileSync(`${directory}/file`, '');
  const guard = await openClockGuard(clockAt(now), `${directory}/file`);
  expect(await guard.keep()).toMatch(/EEXIST|ENOTDIR/);
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
])('takes nothing from a broken memory: %s', async (text) => {
  const directory = tempDir();
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/clock.json`, text);
  const guard = await openClockGuard(clockAt(now), directory);
  expect(guard.read(1440)).toMatchObject({ jump: null, reading: { graceSeconds: 0 } });
});

it('keeps what is known by the last call, however many are made at a time', async () => {
  const directory = tempDir();
  let nowMs = now;
  const clock = { now: () => nowMs, sinceBoot: () => 5000, after: () => () => {} };
  const guard = await openClockGuard(clock, directory);
  const kept = [];
  for (let count = 0; count < 20; count += 1) {
    nowMs += 60_000;
    guard.read(86_400);
    kept.push(guard.keep());
  }
  expect(new Set(await Promise.all(kept))).toEqual(new Set([null]));
  const next = await openClockGuard(clock, directory);
  expect(next.read(86_400)).toMatchObject({ jump: null, reading: { graceSeconds: 1200 } });
});
