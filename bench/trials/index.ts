/**
 * All trials, in the order in which they are run.
 *
 * Invariant: a trial that is not in this list does not exist.
 */
import { directoriesRemove, directoriesScan } from './directories.js';
import { mixed } from './mixed.js';
import { nestedRemove, nestedScan } from './nested.js';
import { remove } from './remove.js';
import { scan } from './scan.js';
import type { Trial } from './trial.js';

export const trials: readonly Trial[] = [
  scan,
  remove,
  mixed,
  directoriesScan,
  directoriesRemove,
  nestedScan,
  nestedRemove,
];
