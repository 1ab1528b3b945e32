/**
 * A user makes a session directory of their own such that nothing in it can be removed: root's sweep of
 * it and of others goes on, and does not fail. Otherwise any user could fail root's timer, and hide what
 * else goes wrong.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { writeSession } from '../support/sessions.js';
import { as, canAttack, mallory } from './attackers.js';
import { type Ground, makeGround, ownDirectory } from './ground.js';
import { expectBalanced } from './sweeper.js';
import { lifetimeSeconds, longExpired } from './victims.js';

/** Each takes rights away from a directory and returns it, with the depth of the store. */
const ways: Readonly<Record<string, (ground: Ground) => [directory: string, depth: number]>> = {
  'may not be written to': ({ store }) => {
    chmodSync(store, 0o500);
    return [store, 0];
  },
  'may not be entered': ({ store }) => {
    chmodSync(store, 0o000);
    return [store, 0];
  },
  'has a depth directory that may not be written to': ({ store }) => {
    const below = ownDirectory(store, 'a');
    chmodSync(below, 0o500);
    return [below, 1];
  },
  'has a depth directory that may not be entered': ({ store }) => {
    const below = ownDirectory(store, 'a');
    chmodSync(below, 0o000);
    return [below, 1];
  },
};

describe.skipIf(!canAttack())('a store of a user’s that even they', () => {
  it.each(Object.entries(ways))('%s fails no sweep', async (_, spoil) => {
    const ground = makeGround();
    const [directory, depth] = spoil(ground);
    chownSync(writeSession(directory, 'abc', longExpired), mallory, mallory);
    const other = writeSession(join(ground.base, 'other'), 'expired', longExpired);
    const stores = [`${depth};${ground.store}`, join(ground.base, 'other')];
    const order = ['sweep', '--json', '-l', String(lifetimeSeconds), ...stores];
    const { status, text } = await runCli(order);
    const { totals } = JSON.parse(text);
    expectBalanced(totals);
    expect(existsSync(other)).toBe(false);
    expect(status).toBe(0);
  });

  it('may not write to fails who cleans as they', () => {
    const { store } = makeGround();
    chownSync(writeSession(store, 'abc', longExpired), mallory, mallory);
    chmodSync(store, 0o500);
    const [file = '', ...args] = as(mallory, 'find', store, '-name', 'sess_*', '-delete');
    expect(spawnSync(file, args).status, 'the control fell').not.toBe(0);
  });
});
