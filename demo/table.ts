/**
 * The demonstration's result: a line for each verdict, expected beside found.
 *
 * Invariant: every number of the sweep's report that the expectation speaks of is a row, so two
 * equal columns mean that the report is right.
 */
import { formatCount, type SweepTotals } from '../lib/index.js';
import type { Expectation } from './expectation.js';

export interface Row {
  readonly verdict: string;
  readonly expected: number;
  readonly found: number;
  readonly meaning: string;
}

export function rowsOf(expected: Expectation, totals: SweepTotals): Row[] {
  const { counts, futureDated } = expected;
  const { skipped } = totals;
  const others =
    totals.wouldRemove +
    totals.vanished +
    skipped.changed +
    skipped.mount_point +
    skipped.unlockable +
    skipped.failed;
  const row = (verdict: string, wanted: number, found: number, meaning: string): Row => ({
    verdict,
    expected: wanted,
    found,
    meaning,
  });
  return [
    row('removed', counts.removed, totals.removed, 'expired, and nobody has it open'),
    row('live', counts.live, totals.live, 'not expired yet'),
    row('  future-dated', futureDated, totals.futureDated, 'of these, written after now'),
    row('in use', counts.in_use, skipped.in_use, 'expired, but another process has it locked'),
    row('not regular', counts.not_regular, skipped.not_regular, 'links, directories, FIFOs'),
    row('anything else', 0, others, 'changed, vanished, failed, …'),
    row('foreign', counts.foreign, totals.foreign, 'no session’s name: not looked at'),
  ];
}

/** The rows as aligned lines, a heading first. */
export function formatTable(rows: readonly Row[]): string[] {
  const cells = [
    ['verdict', 'expected', 'found', '', ''],
    ...rows.map(({ verdict, expected, found, meaning }) => [
      verdict,
      formatCount(expected),
      formatCount(found),
      expected === found ? 'ok' : '!!',
      meaning,
    ]),
  ];
  const width = (column: number): number =>
    cells.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), 0);
  const widths = [width(0), width(1), width(2), 2];
  return cells.map(([verdict = '', expected = '', found = '', mark = '', meaning = '']) =>
    [
      verdict.padEnd(widths[0] ?? 0),
      expected.padStart(widths[1] ?? 0),
      found.padStart(widths[2] ?? 0),
      mark.padEnd(widths[3] ?? 0),
      meaning,
    ]
      .join('  ')
      .trimEnd(),
  );
}
