/** PHP's depth 2, `2;/path`: 1,024 directories, named by the first two characters of the ID. */
import type { Trial } from './trial.js';

export const nestedScan: Trial = {
  name: 'nested-scan',
  isOnRequest: true,
  about: 'depth 2 (1,024 directories), all live',
  shape: (files) => ({ live: files, expired: 0, depth: 2, directories: 0 }),
};

export const nestedRemove: Trial = {
  name: 'nested-remove',
  about: 'depth 2 (1,024 directories), all expired',
  shape: (files) => ({ live: 0, expired: files, depth: 2, directories: 0 }),
};
