/**
 * Whose word something is.
 */
import { describe, expect, it } from 'vitest';
import {
  bothSetters,
  describeSource,
  displacing,
  orRoot,
  type Setting,
} from '../../../lib/php/provenance.js';

const alice = 1001;
const setting = (value: string, setBy: number | null): Setting => ({
  value,
  source: { kind: 'command line' },
  setBy,
});

describe('who could have written', () => {
  it('what two had a hand in is one who is not root, or several', () => {
    for (const [a, b, expected] of [
      [0, 0, 0],
      [0, alice, alice],
      [alice, 0, alice],
      [alice, alice, alice],
      [alice, 1002, null],
      [null, 0, null],
    ] as const)
      expect(bothSetters(a, b)).toBe(expected);
  });

  it('what nobody is said to have written is root, but several are not', () => {
    expect([undefined, 0, alice, null].map(orRoot)).toEqual([0, 0, alice, null]);
  });
});

describe('root’s word', () => {
  it('stays behind that of others, however many', () => {
    const first = displacing(setting('2', alice), setting('1', 0));
    const second = displacing(setting('3', null), first);
    expect([first, second].map(({ displaced }) => displaced?.value)).toEqual(['1', '1']);
  });

  it('displaces all others', () => {
    expect(displacing(setting('2', 0), setting('1', alice))).toEqual(setting('2', 0));
    expect(displacing(setting('2', alice), undefined)).toEqual(setting('2', alice));
  });
});

it('a file as a whole has no line', () => {
  expect(describeSource({ kind: 'file', file: '/etc/php.ini', line: 0 })).toBe('/etc/php.ini');
  expect(describeSource({ kind: 'file', file: '/etc/php.ini', line: 3 })).toBe('/etc/php.ini:3');
});
