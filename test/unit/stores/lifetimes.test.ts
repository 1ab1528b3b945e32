/**
 * Whose files a lifetime rules that several settings are about.
 */
import { describe, expect, it } from 'vitest';
import { combineLifetimes, type LifetimeSetting } from '../../../lib/stores/lifetimes.js';
import { fc } from '../../support/fast-check.js';

const alice = 1001;
const bob = 1002;
const www = 33;

/** Seconds, the uid that it writes as, and who set it; of a directory that root chose. */
function setting(
  seconds: number,
  uid: number | null = null,
  setBy: number | null = 0,
  chosen: Partial<LifetimeSetting> = {},
): LifetimeSetting {
  return { seconds, uid, setBy, chosenBy: 0, isHeeded: true, isIncluded: false, ...chosen };
}

function combined(
  settings: readonly LifetimeSetting[],
  shared: 'longest' | 'shortest' = 'longest',
) {
  const { all, byUid } = combineLifetimes(settings, shared);
  return { all, ...Object.fromEntries(byUid) };
}

describe('the lifetimes of one directory', () => {
  const table: readonly [string, LifetimeSetting[], object, object?][] = [
    ['nobody says anything', [], { all: null }],
    ['one setting', [setting(1440)], { all: 1440 }],
    ['root says two things', [setting(60), setting(7200)], { all: 7200 }, { all: 60 }],
    [
      'a pool keeps its own longer',
      [setting(1440), setting(7200, www)],
      { all: 7200 },
      { all: 1440 },
    ],
    [
      'two pools of two users',
      [setting(60, alice), setting(7200, bob)],
      { all: 7200, [alice]: 60 },
      { all: 60, [bob]: 7200 },
    ],
    [
      'a user says 1',
      [setting(1440), setting(1, www, alice)],
      { all: 1440 },
      { all: 1440, [alice]: 1 },
    ],
    [
      'a user says 10^9',
      [setting(1440), setting(1e9, www, alice)],
      { all: 1440, [alice]: 1e9 },
      { all: 1440 },
    ],
    ['only a user says something', [setting(60, alice, alice)], { all: null, [alice]: 60 }],
    ['several users could have said it', [setting(60, alice, null)], { all: null }],
    [
      'several users could have said it beside root',
      [setting(60, alice, null), setting(1440)],
      { all: 1440 },
    ],
    ['zero', [setting(0)], { all: 0 }],
    [
      'a user says zero where root says nothing of him',
      [setting(9, www), setting(0, alice, alice)],
      { all: 9, [alice]: 0 },
    ],
    [
      'alice chose the directory: whoever writes there for her, and nobody else',
      [
        setting(1440, www, 0, { chosenBy: alice }),
        setting(600, null, 0, { chosenBy: alice }),
        setting(60, null, alice, { chosenBy: alice }),
      ],
      { all: null, [www]: 1440, [alice]: 600 },
      { all: null, [www]: 1440, [alice]: 60 },
    ],
    [
      'alice may not choose it: only her own files, and only longer',
      [
        setting(1440),
        setting(7200, null, alice, { chosenBy: alice, isHeeded: false }),
        setting(60, null, bob, { chosenBy: bob, isHeeded: false }),
      ],
      { all: 1440, [alice]: 7200 },
    ],
    [
      'root has a file read that several can write to: whoever writes by it lives longer',
      [setting(1440), setting(60, www), setting(7200, www, null, { isIncluded: true })],
      { all: 1440, [www]: 7200 },
      { all: 60, [www]: 7200 },
    ],
    [
      'root has a file of alice’s read: longer for whom it writes as, and never shorter',
      [
        setting(1440),
        setting(7200, www, alice, { isIncluded: true }),
        setting(9, bob, alice, { isIncluded: true }),
      ],
      { all: 1440, [www]: 7200, [alice]: 7200 },
      { all: 1440, [www]: 7200, [alice]: 9 },
    ],
    [
      'root has a file read that several can write to, and anyone writes by it',
      [setting(1440), setting(60, www), setting(7200, null, null, { isIncluded: true })],
      { all: 7200 },
    ],
    [
      "root's word about a directory that another may not choose",
      [setting(1440), setting(9, null, 0, { chosenBy: alice, isHeeded: false })],
      { all: 1440 },
    ],
  ];

  for (const [name, settings, longest, shortest] of table) {
    it(`are as they should be where ${name}`, () => {
      expect(combined(settings)).toEqual(longest);
      expect(combined(settings, 'shortest')).toEqual(shortest ?? longest);
    });
  }
});

const uids = fc.constantFrom(null, 0, www, alice, bob);
const shares = fc.constantFrom('longest' as const, 'shortest' as const);
const settings = fc.array(
  fc.record({
    seconds: fc.oneof(fc.integer({ min: -1, max: 100 }), fc.constantFrom(1, 1e9)),
    uid: uids,
    setBy: uids,
    chosenBy: fc.constant(0),
    isHeeded: fc.constant(true),
    isIncluded: fc.constant(false),
  }),
  { maxLength: 12 },
);

function lifetimeOf(
  owner: number,
  given: readonly LifetimeSetting[],
  shared: 'longest' | 'shortest',
) {
  const { all, byUid } = combineLifetimes(given, shared);
  return byUid.get(owner) ?? all;
}

describe('whatever is set', () => {
  it("a user's settings change nothing for the files of others", () => {
    fc.assert(
      fc.property(settings, shares, fc.constantFrom(www, bob, 0, 4711), (given, shared, other) => {
        const withoutAlice = given.filter(({ setBy }) => setBy !== alice);
        expect(lifetimeOf(other, given, shared)).toBe(lifetimeOf(other, withoutAlice, shared));
      }),
    );
  });

  it('what several users could have written changes nothing at all', () => {
    fc.assert(
      fc.property(settings, shares, (given, shared) => {
        const known = given.filter(({ setBy }) => setBy !== null);
        expect(combineLifetimes(given, shared)).toEqual(combineLifetimes(known, shared));
      }),
    );
  });

  it('what root had read never makes a file live shorter for not being root’s alone', () => {
    fc.assert(
      fc.property(settings, settings, shares, uids, (given, included, shared, owner) => {
        const lifetime = (all: readonly LifetimeSetting[]) =>
          lifetimeOf(owner ?? 4711, all, shared) ?? Infinity;
        const more = included.map((each) => ({ ...each, setBy: null, isIncluded: true }));
        expect(lifetime([...given, ...more])).toBeGreaterThanOrEqual(lifetime(given));
      }),
    );
  });

  it('an unheeded word never makes a file live shorter', () => {
    fc.assert(
      fc.property(settings, settings, shares, uids, (given, unheeded, shared, owner) => {
        const lifetime = (all: readonly LifetimeSetting[]) =>
          lifetimeOf(owner ?? 4711, all, shared) ?? Infinity;
        const more = unheeded.map((each) => ({ ...each, isHeeded: false, chosenBy: alice }));
        expect(lifetime([...given, ...more])).toBeGreaterThanOrEqual(lifetime(given));
      }),
    );
  });

  it('the order does not matter', () => {
    fc.assert(
      fc.property(settings, shares, (given, shared) => {
        const { all, byUid } = combineLifetimes(given.toReversed(), shared);
        const expected = combineLifetimes(given, shared);
        expect(all).toBe(expected.all);
        expect(Object.fromEntries(byUid)).toEqual(Object.fromEntries(expected.byUid));
      }),
    );
  });

  it('a file has the longest, or the shortest, of what can write as its owner', () => {
    fc.assert(
      fc.property(settings, shares, fc.constantFrom(www, alice), (given, shared, owner) => {
        const about = given.filter(({ uid, setBy }) =>
          setBy === 0 ? uid === null || uid === owner : setBy === owner,
        );
        const named = given.some(
          ({ uid, setBy }) => setBy === owner || (setBy === 0 && uid === owner),
        );
        const counting = named ? about : given.filter(({ setBy }) => setBy === 0);
        const seconds = counting.map((each) => each.seconds);
        const choose = shared === 'longest' ? Math.max : Math.min;
        expect(lifetimeOf(owner, given, shared)).toBe(
          seconds.length === 0 ? null : choose(...seconds),
        );
      }),
    );
  });

  it('a hundred thousand users take no longer than a second or two', () => {
    const many = Array.from({ length: 100_000 }, (_, uid) => setting(uid + 1, uid + 1, uid + 1));
    expect(combineLifetimes([setting(50_000), ...many], 'longest').byUid.size).toBe(50_000);
  }, 10_000);
});
