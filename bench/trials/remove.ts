/** Everything to remove: the first pass over a directory that nobody cleaned. */
import type { Trial } from './trial.js';

export const remove: Trial = {
  name: 'remove',
  about: 'one directory, all expired',
  shape: (files) => ({ live: 0, expired: files, depth: 0, directories: 0 }),
};
