/**
 * Numbers on a command line.
 */
import { InvalidArgumentError } from 'commander';

/** 0, 200, 10k, 1M. */
export function size(text: string): number {
  const [, digits, unit] = /^([0-9]{1,9})([kM]?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('a number, as 200, 10k or 1M');
  return Number(digits) * (unit === 'k' ? 1000 : unit === 'M' ? 1_000_000 : 1);
}

/** The same, from 1. */
export function count(text: string): number {
  const value = size(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError('a number from 1, as 200, 10k or 1M');
}
