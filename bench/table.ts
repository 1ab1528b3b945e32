/**
 * Aligned text.
 *
 * Invariant: every line of a table has its columns at the same places; no line ends in a space.
 */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Numbers go to the right. */
  readonly isText?: boolean;
}

/** The rows as lines, the headings first. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((text, i) =>
        columns[i]?.isText ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** 1234567 as 1,234,567. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Milliseconds as seconds, with three digits that count. */
export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds.toFixed(seconds < 1 ? 3 : seconds < 100 ? 2 : 0)} s`;
}
