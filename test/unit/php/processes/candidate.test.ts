import { beforeEach, describe, expect, it } from 'vitest';
import { candidateOf, read } from '../../../../lib/php/processes/candidate.js';
import { RootComparison } from '../../../../lib/php/processes/roots.js';
import { ActedProc, type ActedProcess } from '../../../support/acted-proc.js';

const before: ActedProcess = { exe: '/usr/bin/php-cgi', startTicks: 5, image: 6, uids: 1000 };
let acted: ActedProc;
beforeEach(() => {
  acted = new ActedProc();
  acted.add(9, before);
});

/** Whether a process is still read after it was picked, when it has become another. */
function isReadAs(after: ActedProcess): boolean {
  const candidate = candidateOf(acted.proc, 9);
  if (candidate === undefined) throw new Error('not picked');
  acted.add(9, after);
  return read(candidate, false, new RootComparison(acted.proc)) !== undefined;
}

describe('a process that was picked', () => {
  it('is read while it is the same', () => {
    expect(isReadAs(before)).toBe(true);
  });

  it('is not read once its pid is another’s', () => {
    expect(isReadAs({ ...before, startTicks: 7 })).toBe(false);
  });

  it('is not read once it runs another program, as the same one again', () => {
    expect(isReadAs({ ...before, exe: '/usr/bin/php' })).toBe(false);
    acted.add(9, before);
    expect(isReadAs({ ...before, image: 7 })).toBe(false);
  });

  it('is not read once it has become another user, were it root', () => {
    expect(isReadAs({ ...before, uids: 0 })).toBe(false);
    acted.add(9, before);
    expect(isReadAs({ ...before, uids: [1000, 0, 0, 0] })).toBe(false);
  });

  it('is not read once it has gone', () => {
    expect(isReadAs({ exe: null })).toBe(false);
  });
});
