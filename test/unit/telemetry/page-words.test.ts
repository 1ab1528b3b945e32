/** Numbers and times of the status page, in words. */
import { describe, expect, it } from 'vitest';
import { fromNowText, secondsText } from '../../../lib/telemetry/page-words.js';
import { formatCount, plural } from '../../../lib/text/count.js';

describe('the words of the page', () => {
  it.each([
    [formatCount(0), '0'],
    [formatCount(1_234_567), '1,234,567'],
    [plural(1, 'store'), '1 store'],
    [plural(1000, 'store'), '1,000 stores'],
    [secondsText(0), '0 s'],
    [secondsText(0.001), '<0.01 s'],
    [secondsText(0.256), '0.26 s'],
    [secondsText(3721), '1h 2m'],
    [fromNowText(1_000, 1_400), 'now'],
    [fromNowText(201_000, 1_000), 'in 3m 20s'],
    [fromNowText(1_000, 91_000), '1m 30s ago'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});
