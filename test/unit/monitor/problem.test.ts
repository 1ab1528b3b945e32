/** The word for what is wrong with a store follows from the error that it met. */
import { describe, expect, it } from 'vitest';
import type { SweepFailure } from '../../../lib/engine/engine.js';
import { SescleError } from '../../../lib/errors.js';
import { incompleteness, unremovable, unusable } from '../../../lib/monitor/problem.js';
import type { Trouble } from '../../../lib/monitor/status.js';

const table: readonly (readonly [string, Trouble])[] = [
  ['ENOENT', 'missing'],
  ['EACCES', 'unreadable'],
  ['EIO', 'unreadable'],
  ['ERR_NOT_ANSWERING', 'silent'],
  ['ECONNREFUSED', 'silent'],
  ['ERR_STORE_CHANGED', 'unusable'],
];

describe('a problem', () => {
  it.each(table)('%s is: %s', (code, trouble) => {
    const error = new SescleError('it failed', { code, remedy: 'mend it' });
    expect(unusable(error)).toEqual({ trouble, text: 'it failed; mend it' });
    const failure: SweepFailure = {
      code,
      errno: 1,
      syscall: 'x',
      path: '/p',
      count: 1,
      message: 'it failed',
      remedy: null,
    };
    expect(incompleteness({ failures: [failure] })).toEqual({ trouble, text: '/p: it failed' });
  });

  it('has a reason where no call failed', () => {
    expect(incompleteness({ failures: [] }).trouble).toBe('unreadable');
  });

  it('is none where removals succeed', () => {
    expect(unremovable(null)).toBe(null);
    expect(unremovable('why')).toEqual({ trouble: 'unremovable', text: 'why' });
  });
});
