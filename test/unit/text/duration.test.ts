/** Durations are read exactly, refused clearly and written readably. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../lib/text/duration.js';

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
    expect(parseDuration('-1', 0)).toMatchObject({
      reason: expect.stringMatching(/at least 0 seconds$/),
    });
  });

  test.each(['9007199254740992', '99999999999999999999w'])('refuses %s as too long', (text) => {
    expect(parseDuration(text)).toMatchObject({ reason: 'is too long' });
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
