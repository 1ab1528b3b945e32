/**
 * What a configuration says, once its lines are taken apart: the tree that read-config.ts builds and
 * that all else here reads.
 *
 * Invariant: `<IfModule>` and its like are no longer in the tree; what stood in them does, marked
 * where nobody can tell whether it counts.
 */
import type { ByteString } from '../byte-string.js';
import type { Setter, Source } from '../provenance.js';

export interface Directive {
  /** In lower case; a section's without its bracket, as `directory`. */
  readonly name: ByteString;
  /** Variables resolved, quotes still on. */
  readonly args: ByteString;
  /** What stands in a section; null for a directive that is none. */
  readonly children: readonly Directive[] | null;
  readonly source: Source;
  readonly setBy: Setter;
  /** False inside of a condition that only a running Apache can decide. */
  readonly isCertain: boolean;
  /** Names of variables in it that nobody knows. */
  readonly unknown: readonly ByteString[];
}
