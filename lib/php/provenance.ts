/**
 * Where a value came from, and whose word it is.
 *
 * Invariant: no value of PHP's configuration travels without its source. `setBy` never says 0 for
 * what anyone but root (or the caller) could have written.
 */
import { type ByteString, printable } from './byte-string.js';

export type Source =
  | { readonly kind: 'file'; readonly file: ByteString; readonly line: number }
  /** What an interpreter said of itself. */
  | { readonly kind: 'php'; readonly binary: ByteString }
  /** The arguments or the environment of a running process. */
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'command line' }
  /** PHP's own default, or that of its package. */
  | { readonly kind: 'default'; readonly of: string };

/**
 * Who could have written something: 0 root alone (or the caller, where that is not root); a uid
 * that user too; null others, or several.
 */
export type Setter = number | null;

/** A value with where it came from. */
export interface Setting {
  readonly value: ByteString;
  readonly source: Source;
  readonly setBy: Setter;
}

/** Something that people should know, about a place where there is one. */
export interface Warning {
  /** One line, printable. */
  readonly message: string;
  readonly source?: Source;
}

/** As `file:line`, `php8.2 -r`, `/proc/123`, `the command line`, `the default of …`. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'file':
      return `${printable(source.file)}:${source.line}`;
    case 'php':
      return `${printable(source.binary)} -r`;
    case 'process':
      return `/proc/${source.pid}`;
    case 'command line':
      return 'the command line';
    case 'default':
      return `the default of ${source.of}`;
  }
}

/** Who could have written something that both have had a hand in. */
export function bothSetters(a: Setter, b: Setter): Setter {
  if (a === 0) return b;
  if (b === 0 || a === b) return a;
  return null;
}
