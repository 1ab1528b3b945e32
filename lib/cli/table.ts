/**
 * A table: one line for each thing, for more things than have room as blocks.
 *
 * Invariant: columns are as wide as their widest cell, up to a limit; a longer cell is never cut.
 */
import type { Style } from './style.js';

export interface TableRow {
  readonly cells: readonly string[];
  readonly paint?: ((text: string) => string) | undefined;
}

/** From this many on, a report is a table unless details are wanted. */
export const mostBlocks = 10;

const widestColumn = 60;

/**
 * @param names of the columns; one that begins with a space holds numbers, which end in one column
 * @returns lines, each with its end
 */
export function table(names: readonly string[], rows: readonly TableRow[], style: Style): string {
  const widths = names.map((name, at) =>
    Math.min(
      widestColumn,
      rows.reduce((most, { cells }) => Math.max(most, cells[at]?.length ?? 0), name.trim().length),
    ),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) =>
        names[at]?.startsWith(' ') ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const heading = style.heading(line(names.map((name) => name.trim())));
  return [heading, ...rows.map(({ cells, paint }) => (paint ?? plainText)(line(cells)))]
    .map((text) => `${text}\n`)
    .join('');
}

function plainText(text: string): string {
  return text;
}
