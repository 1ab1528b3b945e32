/** On the command line, a duration that is refused is named with its option. */
import { expect, test } from 'vitest';
import { formatElapsed, parseDuration } from '../../../lib/cli/duration.js';
import { UsageError } from '../../../lib/cli/usage-error.js';

test('an option takes what the library takes for a duration', () => {
  expect(parseDuration('1h30m', '-l')).toBe(5400);
});

test.each([
  ['', "-l '' is not a duration"],
  ['soon', "-l 'soon' is not a duration"],
  ['0', "-l '0' is not valid: it must be at least 1 second"],
  ['9007199254740992', "-l '9007199254740992' is too long"],
])('refuses %j by its option, with a remedy', (text, message) => {
  const refused = () => parseDuration(text, '-l');
  expect(refused).toThrow(UsageError);
  expect(refused).toThrow(message);
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
