/**
 * The characters that PHP's session ids consist of, by `session.sid_bits_per_character`.
 *
 * Invariant: in the order of PHP's own script (php-src ext/session/mod_files.sh), so that a run that
 * was cut short has made the same directories as that one would have.
 */
export const bitsPerCharacter = [4, 5, 6] as const;

export type BitsPerCharacter = (typeof bitsPerCharacter)[number];

const ofFour = '0123456789abcdef';
const ofFive = `${ofFour}ghijklmnopqrstuv`;
const ofSix = `${ofFive}wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,`;

export const sessionAlphabets: Readonly<Record<BitsPerCharacter, string>> = {
  4: ofFour,
  5: ofFive,
  6: ofSix,
};

/** How many directories a tree has, without the one that it begins in. */
export function directoryCount(depth: number, bits: BitsPerCharacter): number {
  const names = sessionAlphabets[bits].length;
  let all = 0;
  for (let level = 1; level <= depth; level += 1) all += names ** level;
  return all;
}
