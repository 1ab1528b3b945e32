/**
 * Whole numbers that somebody gave: in which ranges they may be.
 *
 * Invariant: what passes is a safe integer within its range, so that nothing below checks it again.
 */
import { invalidArgument } from '../errors.js';

/** A whole number's range, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Seconds. */
export const lifetimeRange: Range = { min: 1, max: Number.MAX_SAFE_INTEGER };
export const graceRange: Range = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** 2^32 - 1 is not a uid: to the kernel it means "leave it as it is". */
export const uidRange: Range = { min: 0, max: 2 ** 32 - 2 };

/** @returns the value, if it is a safe integer in the range */
export function wholeNumber(name: string, value: unknown, { min, max }: Range): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max)
    return value;
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw invalidArgument(name, `a whole number ${upTo}`, value);
}
