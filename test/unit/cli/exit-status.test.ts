/** What makes a sweep fail, and what must not: no user may fail root's timer. */
import { expect, test } from 'vitest';
import { streamFailureStatus, sweepStatus } from '../../../lib/cli/exit-status.js';
import type { SweepFailure, UnusableStore } from '../../../lib/index.js';
import { storeReport, sweepReport } from '../../support/reports.js';

const noSkips = storeReport().skipped;
const unusable: UnusableStore = {
  id: '/x',
  path: '/x',
  code: 'ENOENT',
  errno: 2,
  syscall: 'openat',
  message: '/x does not exist',
  remedy: null,
};

function failed(code: string, syscall: string): SweepFailure {
  return { code, errno: 1, syscall, path: '/x', count: 1, message: '', remedy: null };
}

test.each([
  ['all went well', 0, sweepReport([storeReport()])],
  [
    'sessions were kept',
    0,
    sweepReport([
      storeReport({
        skipped: {
          ...noSkips,
          in_use: 1,
          changed: 1,
          not_regular: 1,
          mount_point: 1,
          unlockable: 1,
        },
      }),
    ]),
  ],
  [
    'a session may not be opened',
    0,
    sweepReport([
      storeReport({ errors: [failed('EACCES', 'openat'), failed('EPERM', 'openat2')] }),
    ]),
  ],
  ['a removal failed', 1, sweepReport([storeReport({ skipped: { ...noSkips, failed: 1 } })])],
  [
    'a removal was denied',
    1,
    sweepReport([storeReport({ errors: [failed('EACCES', 'unlinkat')] })]),
  ],
  [
    'a removal was denied to the owner of the directory',
    0,
    sweepReport([
      storeReport({
        errors: [failed('EACCES', 'unlinkat as its owner')],
        skipped: { ...noSkips, failed: 1 },
      }),
    ]),
  ],
  ['the disk failed', 1, sweepReport([storeReport({ errors: [failed('EIO', 'openat')] })])],
  ['a directory was not read to its end', 1, sweepReport([storeReport({ complete: false })])],
  ['one of two stores is unusable', 1, sweepReport([storeReport()], { unusable: [unusable] })],
  ['all stores are unusable', 2, sweepReport([], { unusable: [unusable] })],
])('%s: %d', (_, status, report) => {
  expect(sweepStatus(report, undefined)).toBe(status);
});

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ended by %s: %d, whatever else happened', (signal, status) => {
  expect(sweepStatus(sweepReport([], { unusable: [unusable], complete: false }), signal)).toBe(
    status,
  );
});

test('a reader that went away counts as SIGPIPE, a full disk as trouble', () => {
  expect(streamFailureStatus('EPIPE', 0)).toBe(141);
  expect(streamFailureStatus('ENOSPC', 0)).toBe(1);
  expect(streamFailureStatus('ENOSPC', 2)).toBe(2);
});
