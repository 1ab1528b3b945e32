/** Progress: what it says, and when it is wanted. */
import { expect, test } from 'vitest';
import type { SweepFlags } from '../../../lib/cli/options.js';
import { formatProgress, wantsProgress } from '../../../lib/cli/progress-line.js';
import { totalsOf } from '../../../lib/sweep/store-report.js';
import { storeReport } from '../../support/reports.js';

const progress = {
  ...totalsOf([storeReport({ removed: 900, wouldRemove: 100 })]),
  storesDone: 0,
  storeCount: 1,
  elapsedMs: 4000,
};

test('it tells count, removed, rate and elapsed, and no percentage', () => {
  expect(formatProgress(progress, false)).toBe(
    '10,000 sessions scanned, 900 removed, 2,500/s, 4.00 s',
  );
  expect(formatProgress(progress, true)).toContain('100 to remove');
  expect(formatProgress({ ...progress, storesDone: 1, storeCount: 3 }, false)).toMatch(
    /^1 of 3 stores, /,
  );
  expect(formatProgress({ ...progress, scanned: 1, elapsedMs: 5 }, false)).toBe(
    '1 session scanned, 900 removed, 0.01 s',
  );
});

test.each([
  ['auto', false, true, true],
  ['auto', false, false, false],
  ['auto', true, true, false],
  ['always', true, false, true],
  ['never', false, true, false],
] as const)('--progress %s, quiet %s, terminal %s: %s', (when, quiet, isTerminal, isWanted) => {
  expect(wantsProgress({ progress: when, quiet } as SweepFlags, isTerminal)).toBe(isWanted);
});
