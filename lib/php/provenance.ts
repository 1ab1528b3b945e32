/**
 * Where a value came from, and whose word it is.
 *
 * Invariant: no value of PHP's configuration travels without its source. `setBy` never says 0 for
 * what anyone but root (or the caller) could have written.
 */
import { type ByteString, printable } from './byte-string.js';

export type Source =
  /** Line 0: the file as a whole. */
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
  /** What root had said, where someone else's word took its place. */
  readonly displaced?: Setting;
}

/** A setting that takes another's place: root's word is kept behind it. */
export function displacing(next: Setting, previous: Setting | undefined): Setting {
  if (next.setBy === 0 || next.displaced !== undefined || previous === undefined) return next;
  const displaced = previous.setBy === 0 ? previous : previous.displaced;
  return displaced === undefined ? next : { ...next, displaced };
}

/** The same, for a setting that has more to say of itself. */
export function over<T extends Setting>(previous: Setting | undefined, next: T): T {
  // The word that it displaced before is the later one.
  if (next.displaced !== undefined) return next;
  const { displaced } = displacing(next, previous);
  return displaced === undefined ? next : { ...next, displaced };
}

/** Something that people should know, about a place where there is one. */
export interface Warning {
  /** One line, printable. */
  readonly message: string;
  readonly source?: Source;
  /**
   * Whose word was lost, which could have said that sessions live longer than what is known: root's
   * (0) could have been about anyone's, a uid's about that user's. Without it nothing was lost; nor
   * with null, since a setting that several users could have made is not heeded anyway.
   */
  readonly hides?: Setter;
  /** One line: what would settle it, where that is more than the store's lifetime in sescle.toml. */
  readonly remedy?: string;
}

/** One line for people. */
export function describeWarning({ message, source }: Warning): string {
  return source === undefined ? message : `${describeSource(source)}: ${message}`;
}

/** As `file:line`, `php8.2 -r`, `/proc/123`, `the command line`, `the default of …`. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'file':
      return source.line === 0
        ? printable(source.file)
        : `${printable(source.file)}:${source.line}`;
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

/** One user, who is not root. */
export function isUser(setBy: Setter): setBy is number {
  return setBy !== null && setBy !== 0;
}

/** Root, where nothing is said of others; that there are several is said by null. */
export function orRoot(setBy: Setter | undefined): Setter {
  return setBy === undefined ? 0 : setBy;
}

/** Who could have written something that both have had a hand in. */
export function bothSetters(a: Setter, b: Setter): Setter {
  if (a === 0) return b;
  if (b === 0 || a === b) return a;
  return null;
}
