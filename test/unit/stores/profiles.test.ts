/** Each profile's shape takes the names that its software writes, and no others. */
import { describe, expect, test } from 'vitest';
import {
  hasShape,
  type ProfileName,
  profileNames,
  profiles,
  renamed,
} from '../../../lib/stores/profiles.js';

const hex32 = '0123456789abcdef0123456789abcdef';
const hex40 = `${hex32}01234567`;

describe.each<[ProfileName, string[], string[]]>([
  [
    'php',
    ['sess_a', `sess_${hex32}`, 'sess_A-z,09', `sess_${'x'.repeat(250)}`],
    ['sess_', 'sess_a.b', 'sess_a_b', 'Sess_a', 'xsess_a', `sess_${'x'.repeat(251)}`, hex40],
  ],
  [
    'laravel',
    [hex40, 'vQbzLxm3uXGwN1Jk8aTt5PZ0c9RyDhFsEoIu7W2q'],
    [hex40.slice(1), `${hex40}0`, `${hex40.slice(1)}-`, `${hex40}.php`, '.gitignore'],
  ],
  [
    'codeigniter',
    [
      `ci_session${hex32}`,
      `ci_session${hex40}`,
      `ci_session${'v'.repeat(32)}`,
      `ci_session${'Zz9-,'.repeat(6)}`,
      `ci_session${hex32}${hex40}`,
    ],
    ['ci_session', 'ci_session_other', `ci_session_${hex32}`, `ci_session${'a'.repeat(26)}`, hex40],
  ],
  ['symfony', [`sess_${hex32}`], [`${hex32}.mocksess`, hex40]],
  ['magento', [`sess_${hex32}`], [hex40]],
])('%s', (profile, sessions, others) => {
  test.each(sessions)('takes %s', (name) => {
    expect(hasShape(name, profiles[profile].shape)).toBe(true);
  });

  test.each(others)('leaves %s', (name) => {
    expect(hasShape(name, profiles[profile].shape)).toBe(false);
  });
});

test.each(profileNames)('no name of %s is longer than a file name can be', (profile) => {
  const { prefix, maxLength } = profiles[profile].shape;
  expect(prefix.length + maxLength).toBeLessThanOrEqual(255);
});

test('a shape under another prefix takes that prefix only', () => {
  const shape = renamed(profiles.codeigniter.shape, 'shop_session');
  expect(hasShape(`shop_session${hex32}`, shape)).toBe(true);
  expect(hasShape(`ci_session${hex32}`, shape)).toBe(false);
  expect(shape.prefix.length + shape.maxLength).toBe(255);
});
