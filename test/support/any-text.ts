/**
 * Texts that a parser may meet where somebody else writes its files: its own signs in no order,
 * among bytes of any kind.
 *
 * Invariant: one character a byte.
 */
import { fc } from './fast-check.js';

/** @param pieces what means something to the parser */
export function anyTextOf(pieces: readonly string[], maxPieces = 40): fc.Arbitrary<string> {
  const bytes = fc
    .uint8Array({ maxLength: 6 })
    .map((array) => Buffer.from(array).toString('latin1'));
  return fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: bytes },
      ),
      { maxLength: maxPieces },
    )
    .map((parts) => parts.join(''));
}

/** How many lines an editor shows. */
export function lineCount(text: string): number {
  return text.split('\n').length;
}
