/**
 * What a trial is: the tree that drivers get for a number of files.
 *
 * Invariant: a trial whose tree has expired sessions gives every sample a fresh one; where nothing
 * is to be removed, samples share the tree.
 */
import type { Shape } from '../tree.js';

export interface Trial {
  readonly name: string;
  readonly about: string;
  /** Whether a run that names no trials leaves it out. */
  readonly isOnRequest?: boolean;
  /** @param files how many in all */
  shape(files: number): Shape;
}
