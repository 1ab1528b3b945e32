/** How long a step of the clock keeps sessions: as long as any of them can live that was there before. */
import { expect, test } from 'vitest';
import { longestOfAll } from '../../../lib/engine/policy.js';
import { filesKind } from '../../../lib/files/files-engine.js';

const store = (maxLifetimeSeconds: number, graceSeconds = 0) => ({
  kind: filesKind,
  shard: null,
  policy: { maxLifetimeSeconds, graceSeconds, lifetimesByUid: [], doubt: null },
});

test('the longest lifetime, with its grace', () => {
  expect(longestOfAll([store(100, 50), store(120)])).toBe(150);
  expect(longestOfAll([])).toBe(0);
});

test('sessions that never expire ask for none', () => {
  expect(longestOfAll([store(Number.MAX_SAFE_INTEGER)])).toBe(0);
});

test('a fortnight, where each session says itself when it expires', () => {
  expect(longestOfAll([store(0), store(100)])).toBe(14 * 86_400);
});
