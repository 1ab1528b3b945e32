/**
 * Many stores of 100 sessions each, as a host with a directory for each site has them; a million
 * files are 10,000 of them.
 *
 * Invariant: each is a store of its own, on the command line of one process (sescle and find get
 * the same list). PHP's own nesting, of 32 names a level, is the trial `nested`.
 */
import type { Trial } from './trial.js';

const filesEach = 100;

export const directoriesScan: Trial = {
  name: 'directories-scan',
  isOnRequest: true,
  about: 'flat directories of 100 files, all live',
  shape: (files) => ({ live: files, expired: 0, depth: 0, directories: count(files) }),
};

export const directoriesRemove: Trial = {
  name: 'directories-remove',
  about: 'flat directories of 100 files, all expired',
  shape: (files) => ({ live: 0, expired: files, depth: 0, directories: count(files) }),
};

function count(files: number): number {
  return Math.max(1, Math.ceil(files / filesEach));
}
