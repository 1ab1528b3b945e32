/** Durations are read exactly, refused clearly and written readably. */
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../lib/text/duration.js';
import { fc } from '../../support/fast-check.js';
import { fuzzRuns } from '../../support/fuzz-runs.js';

describe('parseDuration', () => {
  test.each([
    ['1', 1],
    ['1440', 1440],
    ['24m', 1440],
    ['90s', 90],
    ['1d', 86_400],
    ['2w', 1_209_600],
    ['1h30m', 5400],
    ['1w1d1h1m1s', 694_861],
    ['0h1m', 60],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '1.5h', '1M', '30m1h', '1h1h', 'm', '-1h', '1 h', '1h30', 'soon'])(
    'says that %j is not a duration, and what is one',
    (text) => {
      expect(parseDuration(text)).toEqual({
        reason: 'is not a duration',
        remedy: expect.stringContaining('1440, 24m'),
      });
    },
  );

  test.each(['0', '0m', '-5'])('refuses %s as too short', (text) => {
    expect(parseDuration(text)).toMatchObject({
      reason: expect.stringMatching(/at least 1 second$/),
    });
  });

  test('takes nothing at all where that makes sense', () => {
    expect(parseDuration('0s', 0)).toBe(0);
    expect(parseDuration('-0', 0)).toBe(0);
    expect(parseDuration('-1', 0)).toMatchObject({
      reason: expect.stringMatching(/at least 0 seconds$/),
    });
  });

  test.each(['9007199254740992', '99999999999999999999w'])('refuses %s as too long', (text) => {
    expect(parseDuration(text)).toMatchObject({ reason: 'is too long' });
  });
});

describe('any text', () => {
  const factors = { w: 604_800n, d: 86_400n, h: 3_600n, m: 60n, s: 1n };
  const text = fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('0', '1', '9', '60', '4503599627370496') },
        { weight: 6, arbitrary: fc.constantFrom('w', 'd', 'h', 'm', 's') },
        { weight: 1, arbitrary: fc.constantFrom('-', ' ', '.', '\n', 'M', 'ٱ', '٣', 'e1') },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 2 }) },
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''));

  /** Exact, and read from left to right; null: no duration. */
  function exactly(written: string): bigint | null {
    const bare = /^(-?)([0-9]+)$/.exec(written);
    if (bare !== null && !written.includes('\n')) return BigInt(`${bare[1]}${bare[2]}`);
    let rest = written;
    let seconds = 0n;
    for (const [unit, factor] of Object.entries(factors)) {
      const digits = rest.split(/[^0-9]/)[0] ?? '';
      if (digits === '' || rest[digits.length] !== unit) continue;
      seconds += BigInt(digits) * factor;
      rest = rest.slice(digits.length + 1);
    }
    return rest === '' && written !== '' ? seconds : null;
  }

  test('is read exactly, or refused', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(0, 1), (written, least) => {
        const exact = exactly(written);
        const read = parseDuration(written, least);
        const isValid =
          exact !== null && exact >= BigInt(least) && exact <= BigInt(Number.MAX_SAFE_INTEGER);
        if (isValid) expect(read).toBe(Number(exact));
        else expect(read).toMatchObject({ reason: expect.any(String) });
      }),
      { numRuns: fuzzRuns(2_000) },
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [59, '59s'],
    [1440, '24m'],
    [5400, '1h 30m'],
    [90_061, '1d 1h 1m 1s'],
    [1_209_600, '14d'],
  ])('writes %d', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test('cuts off small units that nobody wants to know', () => {
    expect(formatDuration(90_061, 2)).toBe('1d 1h');
    expect(formatDuration(10_801, 2)).toBe('3h');
  });

  test('writes what parseDuration reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds).replaceAll(' ', ''))).toBe(seconds);
      }),
    );
  });
});
