/**
 * Colour, where it is wanted.
 *
 * Invariant: colour only ever underlines what the words already say; no meaning is in it alone.
 */
export interface Style {
  readonly heading: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly kept: (text: string) => string;
  readonly error: (text: string) => string;
}

export const plain: Style = { heading: same, removed: same, kept: same, error: same };

/** By hand: styleText() of some Node versions judges by standard output, whatever is written to. */
const coloured: Style = {
  heading: sequence(1, 22),
  removed: sequence(32, 39),
  kept: sequence(33, 39),
  error: sequence(31, 39),
};

/**
 * @param isTerminal whether the stream is one
 * @param environment NO_COLOR (https://no-color.org) and TERM are looked at
 */
export function chooseStyle(isTerminal: boolean, environment: NodeJS.ProcessEnv): Style {
  const isUnwanted = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return isTerminal && !isUnwanted ? coloured : plain;
}

/** ECMA-48, select graphic rendition. */
function sequence(on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}

function same(text: string): string {
  return text;
}
