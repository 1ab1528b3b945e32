/**
 * Bars and sparklines, in the characters that a terminal can show.
 *
 * Invariant: the largest value fills the width, and what is not 0 is never drawn as nothing.
 */
import { largest } from '../largest.js';

export interface BarStyle {
  /** Draws a share from 0 to 1 in a width; empty where bars are not wanted. */
  readonly bar: (share: number) => string;
  /** One character a value. */
  readonly sparkline: (values: readonly number[]) => string;
}

const width = 24;

export const noBars: BarStyle = { bar: () => '', sparkline: () => '' };

const blocks: BarStyle = {
  bar: (share) => {
    const eighths = share > 0 ? Math.max(1, Math.round(share * width * 8)) : 0;
    const rest = ' ▏▎▍▌▋▊▉'[eighths % 8] ?? '';
    return '█'.repeat(Math.floor(eighths / 8)) + (rest === ' ' ? '' : rest);
  },
  sparkline: (values) => levels(values, ' ▁▂▃▄▅▆▇█'),
};

const ascii: BarStyle = {
  bar: (share) => '#'.repeat(share > 0 ? Math.max(1, Math.round(share * width)) : 0),
  sparkline: (values) => levels(values, ' .:-=+*#'),
};

function levels(values: readonly number[], characters: string): string {
  const most = largest(values, (value) => value, 1);
  const steps = characters.length - 1;
  return values.map((value) => characters[Math.ceil((value / most) * steps)]).join('');
}

/** @param environment LC_ALL, LC_CTYPE and LANG say whether UTF-8 is understood */
export function chooseBars(isTerminal: boolean, environment: NodeJS.ProcessEnv): BarStyle {
  if (!isTerminal) return noBars;
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? blocks : ascii;
}
