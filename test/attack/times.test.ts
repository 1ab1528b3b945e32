/**
 * Sessions dated by who wants a cleaner to miscount: in the future, before 1970, at the ends of 32 and of
 * 64 bits. Ages are told as PHP tells them, to the second, and no arithmetic overflows.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { requireTool } from '../support/require-tool.js';
import { writeSession } from '../support/sessions.js';
import { seconds, setTimes } from '../support/set-times.js';
import { hasTime64Dir, time64Dir } from '../support/time64-dir.js';
import { canAttack } from './attackers.js';
import { cleanNaively } from './controls.js';
import { expectBalanced } from './sweeper.js';
import { lifetimeSeconds } from './victims.js';

const now = BigInt(Math.floor(Date.now() / 1000));

const inFuture: Readonly<Record<string, bigint>> = {
  'ten minutes ahead': now + 600n,
  'a hundred years ahead': now + 3_155_760_000n,
  'the end of signed 32 bits': 2n ** 31n - 1n,
  'behind the end of signed 32 bits': 2n ** 31n,
  'the end of unsigned 32 bits': 2n ** 32n - 1n,
  'behind the end of unsigned 32 bits': 2n ** 32n,
  'the end of ext4’s time': 15_032_385_535n,
  'the end of exact doubles': 2n ** 53n,
  'the end of 64 bits': 2n ** 63n - 1n,
};

const longAgo: Readonly<Record<string, bigint>> = {
  1970: 0n,
  'a second before 1970': -1n,
  'the beginning of 32 bits': -(2n ** 31n),
  'before the beginning of 32 bits': -(2n ** 31n) - 1n,
  'as far back as 32 bits go ahead': -(2n ** 32n) + 2n ** 31n - 1n,
  'the beginning of 64 bits': -(2n ** 63n),
};

/** Taken for expired by who counts in 32 bits, though they are yet to come. */
const miscounted = [
  'behind the end of unsigned 32 bits',
  'the end of exact doubles',
  'the end of 64 bits',
];

/** A store with one session from each of these times, and what of them is left. */
function storeOf(times: Readonly<Record<string, bigint>>) {
  const store = time64Dir();
  if (store === undefined) throw new Error('no directory keeps 64-bit times any more');
  const sessions = Object.entries(times).map(([when, mtimeSeconds], index) => {
    return { when, mtimeNs: seconds(mtimeSeconds), path: writeSession(store, `dated${index}`) };
  });
  setTimes(sessions);
  const left = () => sessions.filter(({ path }) => existsSync(path)).map(({ when }) => when);
  return { store, left };
}

async function sweepAtNow(store: string) {
  const options = { maxLifetimeSeconds: lifetimeSeconds, clock: () => Number(now) };
  const { totals } = await sweep(store, options);
  expectBalanced(totals);
  return totals;
}

describe.skipIf(!hasTime64Dir() || !requireTool('python3') || !canAttack())('sessions', () => {
  it('from the future live', async () => {
    const { store, left } = storeOf(inFuture);
    const all = Object.keys(inFuture);
    const { live, futureDated, expired } = await sweepAtNow(store);
    expect([live, futureDated, expired]).toEqual([all.length, all.length, 0]);
    expect(left()).toEqual(all);

    cleanNaively(store, '-i');
    const fallen = all.filter((when) => !left().includes(when));
    expect(fallen, 'the control fell').toEqual(expect.arrayContaining(miscounted));
  });

  it('from long ago are removed', async () => {
    const { store, left } = storeOf(longAgo);
    const all = Object.keys(longAgo).length;
    expect(await sweepAtNow(store)).toMatchObject({ expired: all, removed: all, futureDated: 0 });
    expect(left()).toEqual([]);
  });

  it('from a lifetime ago live, and those from a second before are removed', async () => {
    const last = now - BigInt(lifetimeSeconds);
    const { store, left } = storeOf({ last, 'a second before': last - 1n });
    expect(await sweepAtNow(store)).toMatchObject({ live: 1, removed: 1, futureDated: 0 });
    expect(left()).toEqual(['last']);
  });
});
