/** bfs, with the same expressions as find. */
import { type Driver, firstLine, missingProgram } from './driver.js';

export const bfs: Driver = {
  name: 'bfs',
  about: "bfs DIR... -depth -mindepth 1 -name 'sess_*' -type f -mmin +MINUTES -delete",
  missing: () => missingProgram('bfs'),
  version: () => firstLine('bfs', '--version'),
  command: ({ tree, lifetimeSeconds }) => ({
    argv: [
      'bfs',
      ...tree.stores,
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
