/**
 * A block of aligned rows below a heading: how all reports for people look.
 *
 * Invariant: labels are as wide as the widest, numbers end in one column; every line has its end.
 */
import type { Style } from './style.js';
import { formatCount } from './words.js';

/** A number with what is said of it, a text, or a number that belongs to the row above. */
export interface Row {
  readonly label: string;
  readonly count?: number;
  readonly text?: string;
  readonly paint?: (text: string) => string;
}

export function block(heading: string, rows: readonly Row[], style: Style): string {
  const labelWidth = widest(rows.map(({ label }) => label));
  const countWidth = widest(
    rows.map(({ count }) => (count === undefined ? '' : formatCount(count))),
  );
  const lines = rows.map(({ label, count, text, paint }) => {
    const number = count === undefined ? [] : [formatCount(count).padStart(countWidth)];
    const value = [...number, ...(text === undefined ? [] : [text])].join(' ');
    return `  ${label.padEnd(labelWidth)}  ${paint === undefined ? value : paint(value)}\n`;
  });
  return `${style.heading(heading)}\n${lines.join('')}`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

/** One row for each text, the label at the first only. */
export function listRows(
  label: string,
  texts: readonly string[],
  paint?: (text: string) => string,
): Row[] {
  return texts.map((text, at) => ({
    label: at === 0 ? label : '',
    text,
    ...(paint === undefined ? {} : { paint }),
  }));
}

/** The first few, and how many there are besides. */
export function atMost(texts: readonly string[], limit: number): string[] {
  // A line that says "and 1 more" takes as much room as the one that it hides.
  if (texts.length <= limit + 1) return [...texts];
  return [...texts.slice(0, limit), `and ${formatCount(texts.length - limit)} more (see -v)`];
}
