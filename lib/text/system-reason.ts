/**
 * What a system error's number means, in words.
 *
 * Invariant: the text is one line and never empty; it comes from libuv's table, and from here only
 * what that one lacks.
 */
import { getSystemErrorMap } from 'node:util';

/** What file systems answer and libuv has no words for; these are glibc's. */
const beyondLibuv: Readonly<Record<string, string>> = {
  EDQUOT: 'disk quota exceeded',
  ENOLCK: 'no locks available',
  ESTALE: 'stale file handle',
  EUCLEAN: 'structure needs cleaning',
};

/**
 * @param errno the positive number, as in errno.h
 * @param code the error's name, as `EACCES`: what is said of a number that has no text
 */
export function systemReason(errno: number, code: string): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? beyondLibuv[code] ?? `system error ${code}`;
}
