/**
 * What a system error's number means, in words.
 *
 * Invariant: the text is one line and never empty; it comes from libuv's table, so no second list
 * of errors is kept here.
 */
import { getSystemErrorMap } from 'node:util';

/**
 * @param errno the positive number, as in errno.h
 * @param code the error's name, as `EACCES`: what is said of a number that has no text
 */
export function systemReason(errno: number, code: string): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `system error ${code}`;
}
