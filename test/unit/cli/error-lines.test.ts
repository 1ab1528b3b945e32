/** Everything that went wrong is told, each in one line. */
import { expect, test } from 'vitest';
import { sweepTroubles } from '../../../lib/cli/error-lines.js';
import { storeReport, sweepReport } from '../../support/reports.js';

const failure = {
  code: 'EACCES',
  errno: 13,
  syscall: 'unlinkat',
  path: '/srv/a/sess_1',
  count: 3,
  message: 'permission denied',
  remedy: 'run sescle as root',
};

test('unusable stores, failures with their number, those that did not fit, and the signal', () => {
  const report = sweepReport([storeReport({ errors: [failure], errorCount: 5, complete: false })], {
    unusable: [
      {
        id: '/x',
        path: '/x',
        code: 'ENOENT',
        errno: 2,
        syscall: 'openat',
        message: '/x does not exist',
        remedy: 'r',
      },
    ],
  });
  expect(sweepTroubles(report, 'SIGTERM', true)).toEqual([
    { reason: '/x does not exist', remedy: 'r' },
    {
      reason: '/srv/a/sess_1: unlinkat: permission denied (EACCES), and 2 more times',
      remedy: 'run sescle as root',
    },
    { reason: '/srv/a: 2 failures of other kinds' },
    { reason: expect.stringContaining('ended by SIGTERM'), remedy: 'run it again for the rest' },
  ]);
});

test('an incomplete sweep is explained where nobody asked for its end', () => {
  const report = sweepReport([storeReport({ complete: false })]);
  expect(sweepTroubles(report, undefined, false)).toMatchObject([
    {
      reason: expect.stringContaining('/srv/a: the sweep is incomplete'),
    },
  ]);
  expect(sweepTroubles(report, undefined, true)).toEqual([]);
});
