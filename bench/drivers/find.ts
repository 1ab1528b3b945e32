/**
 * find, with the very line that Debian's /usr/lib/php/sessionclean runs.
 *
 * Invariant: one word differs: -mmin for -cmin. A tree that was just filled is new by ctime, which
 * nobody can set; both come from the same stat.
 */
import { type Driver, firstLine, missingProgram } from './driver.js';

export const find: Driver = {
  name: 'find',
  about:
    "find -O3 DIR/... -ignore_readdir_race -depth -mindepth 1 -name 'sess_*' -type f -mmin +MINUTES -delete",
  missing: () => missingProgram('find'),
  version: () => firstLine('find', '--version'),
  command: ({ tree, lifetimeSeconds }) => ({
    argv: [
      'find',
      '-O3',
      ...tree.stores.map((store) => `${store}/`),
      '-ignore_readdir_race',
      '-depth',
      '-mindepth',
      '1',
      '-name',
      'sess_*',
      '-type',
      'f',
      '-mmin',
      `+${lifetimeSeconds / 60}`,
      '-delete',
    ],
  }),
};
