/**
 * Durations as applications write them.
 *
 * Invariant: only a plain whole number counts; what would be longer than ten years was mistyped.
 */
import { type PhpValue, textOf } from './php/values.js';

/** Whoever never wants anybody to be logged out writes some years. */
const longestSeconds = 10 * 366 * 86_400;

/** @returns undefined: no such number */
export function wholeSeconds(
  value: PhpValue | string | null,
  unitSeconds: number,
): number | undefined {
  const text = typeof value === 'string' ? value : textOf(value);
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  const seconds = Number(text) * unitSeconds;
  return seconds >= 1 && seconds <= longestSeconds ? seconds : undefined;
}
