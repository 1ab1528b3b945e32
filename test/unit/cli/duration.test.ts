/** Durations are read exactly, refused clearly and written readably. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatElapsed, parseDuration } from '../../../lib/cli/duration.js';

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
    expect(parseDuration(text, '-l')).toBe(seconds);
  });

  test.each([
    ['', /-l '' is not a duration/],
    ['0', /at least 1 second/],
    ['0m', /at least 1 second/],
    ['-5', /at least 1 second/],
    ['1.5h', /not a duration/],
    ['1M', /not a duration/],
    ['30m1h', /not a duration/],
    ['1h1h', /not a duration/],
    ['m', /not a duration/],
    ['-1h', /not a duration/],
    ['1 h', /not a duration/],
    ['1h30', /not a duration/],
    ['soon', /not a duration/],
    ['9007199254740992', /too long/],
    ['99999999999999999999w', /too long/],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text, '-l')).toThrow(message);
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
        expect(parseDuration(formatDuration(seconds).replaceAll(' ', ''), '-l')).toBe(seconds);
      }),
    );
  });
});

test.each([
  [0, '0.00 s'],
  [420, '0.42 s'],
  [12_340, '12.3 s'],
  [200_000, '3m 20s'],
  [7_261_000, '2h 1m'],
])('formatElapsed writes %d ms', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});
