/**
 * Values that PHP code says in plain words.
 *
 * Invariant: a value is what PHP would have, or `unknown`; it is never a guess. Of an array that is not
 * complete, what is missing is unknown.
 */
import type { ByteString } from '../../php/byte-string.js';

export type PhpValue = PhpScalar | PhpArray | PhpClass | PhpUnknown;

export type PhpScalar =
  | { readonly kind: 'null'; readonly line: number }
  | { readonly kind: 'bool'; readonly value: boolean; readonly line: number }
  | { readonly kind: 'int'; readonly value: number; readonly line: number }
  | { readonly kind: 'float'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly value: ByteString; readonly line: number };

export interface PhpArray {
  readonly kind: 'array';
  /** By the key as text, which PHP does not tell from its number; an object's properties as `->name`. */
  readonly entries: ReadonlyMap<string, PhpValue>;
  readonly isComplete: boolean;
  /** Whether it is an object, which others that hold it change too. */
  readonly isObject?: boolean;
  readonly line: number;
}

/** `Some\Name::class`: the name as it is written, which `use` may have made short. */
export interface PhpClass {
  readonly kind: 'class';
  readonly name: ByteString;
  readonly line: number;
}

export interface PhpUnknown {
  readonly kind: 'unknown';
  readonly line: number;
}

export function unknown(line: number): PhpUnknown {
  return { kind: 'unknown', line };
}

/** @returns null: there is no such entry; unknown: there may be */
export function at(
  value: PhpValue | null | undefined,
  ...path: readonly string[]
): PhpValue | null {
  let here: PhpValue | null = value ?? null;
  for (const key of path) {
    if (here === null || here.kind === 'null') return null;
    if (here.kind === 'unknown') return here;
    if (here.kind !== 'array') return null;
    here = here.entries.get(key) ?? (here.isComplete ? null : unknown(here.line));
  }
  return here;
}

/** The same array with another value at the end of a path; what is nothing yet on the way becomes one. */
export function withEntry(
  value: PhpValue | undefined,
  path: readonly string[],
  entry: PhpValue,
): PhpValue {
  const [key, ...rest] = path;
  if (key === undefined) return entry;
  const base = baseOf(value, key);
  if (base === null) return unknown(entry.line);
  const before = base.entries.get(key) ?? (base.isComplete ? undefined : unknown(entry.line));
  const entries = new Map(base.entries);
  entries.set(key, withEntry(before, rest, entry));
  return { ...base, kind: 'array', entries, line: entry.line };
}

/** The same array with what is at the end of a path unknown; all of it where there are no arrays on the way. */
export function withUnknown(
  value: PhpValue | undefined,
  path: readonly string[],
  line: number,
): PhpValue {
  const [key, ...rest] = path;
  const isThere = key !== undefined && value?.kind === 'array' && baseOf(value, key) !== null;
  if (!isThere) return unknown(line);
  const entries = new Map(value.entries);
  entries.set(key, withUnknown(value.entries.get(key), rest, line));
  return { ...value, entries };
}

/** Null: it may be a text, of which a character would be set, or an object, which may do anything. */
function baseOf(
  value: PhpValue | undefined,
  key: string,
): Pick<PhpArray, 'entries' | 'isComplete' | 'isObject'> | null {
  const isObject = value?.kind === 'array' && value.isObject === true;
  if (isObject !== key.startsWith('->') || (isObject && !value.isComplete)) return null;
  if (value?.kind === 'array') return value;
  const entries = new Map<string, PhpValue>();
  const isNothing = value === undefined || value.kind === 'null';
  if (isNothing || (value.kind === 'bool' && !value.value)) return { entries, isComplete: true };
  if (value.kind === 'string' || /^\s*(?:[+-]?\d|$)/.test(key)) return null;
  return { entries, isComplete: false };
}

/** Whether it is an object, or has one in it. */
export function holdsObject(value: PhpValue | null): boolean {
  if (value?.kind !== 'array') return false;
  return value.isObject === true || [...value.entries.values()].some(holdsObject);
}

/** The key as PHP would have it; null: it is not known, or none. */
export function keyText(key: PhpValue): string | null {
  switch (key.kind) {
    case 'string':
      return key.value;
    case 'int':
      return String(key.value);
    case 'bool':
      return key.value ? '1' : '0';
    case 'null':
      return '';
    default:
      return null;
  }
}

/** Text, or a number as PHP writes it; undefined: something else. */
export function textOf(value: PhpValue | null): ByteString | undefined {
  if (value?.kind === 'string') return value.value;
  return value?.kind === 'int' ? String(value.value) : undefined;
}
