/** What -vv to -vvvv and --print0 list. */
import { expect, test } from 'vitest';
import { listedVerdicts, listingLine, print0Bytes } from '../../../lib/cli/listing.js';
import { plain } from '../../../lib/cli/style.js';
import { skipReasons, verdicts } from '../../../lib/index.js';

test.each([
  [0, []],
  [1, []],
  [2, ['removed', 'would_remove']],
  [3, verdicts.filter((verdict) => verdict !== 'live')],
  [4, [...verdicts]],
])('verbosity %d', (verbose, listed) => {
  expect(listedVerdicts({ print0: false, verbose })).toEqual(listed);
});

test('--print0 hears of removals, and writes their exact bytes', () => {
  expect(listedVerdicts({ print0: true, verbose: 0 })).toEqual(['removed', 'would_remove']);
  const path = Buffer.from([0x2f, 0x0a, 0xff]);
  expect(print0Bytes('removed', path)).toEqual(Buffer.from([0x2f, 0x0a, 0xff, 0]));
  expect(print0Bytes('would_remove', path)).toBeDefined();
  for (const verdict of ['live', 'vanished', ...skipReasons] as const) {
    expect(print0Bytes(verdict, path)).toBeUndefined();
  }
});

test('lines for people are escaped and say why', () => {
  const path = Buffer.from('/a\n/sess_1');
  expect(listingLine('removed', path, 2, plain)).toBe('removed /a\\n/sess_1');
  expect(listingLine('in_use', path, 2, plain)).toBeUndefined();
  expect(listingLine('in_use', path, 3, plain)).toBe(
    'kept, in use (locked by another process): /a\\n/sess_1',
  );
  expect(listingLine('live', path, 3, plain)).toBeUndefined();
  expect(listingLine('live', path, 4, plain)).toBe('live /a\\n/sess_1');
});
