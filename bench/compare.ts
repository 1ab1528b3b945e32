/**
 * Two results side by side.
 *
 * Invariant: only what was measured in both is compared; a difference counts as one only where the
 * quartiles of the two do not overlap.
 */
import { type Cell, groupCells, groupName, type Results } from './results.js';
import { medianOf } from './scores.js';
import { summarize } from './statistics.js';
import { type Column, formatSeconds, formatTable } from './table.js';

interface Pair {
  readonly driver: string;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly isDifferent: boolean;
}

const columns: readonly Column<Pair>[] = [
  { heading: 'driver', cell: ({ driver }) => driver, isText: true },
  { heading: 'before', cell: ({ beforeMs }) => formatSeconds(beforeMs) },
  { heading: 'after', cell: ({ afterMs }) => formatSeconds(afterMs) },
  { heading: 'after/before', cell: ({ beforeMs, afterMs }) => (afterMs / beforeMs).toFixed(2) },
  {
    heading: '',
    cell: ({ isDifferent, beforeMs, afterMs }) => {
      if (!isDifferent) return 'within the spread';
      return afterMs < beforeMs ? 'faster' : 'SLOWER';
    },
    isText: true,
  },
];

export function comparisonLines(before: Results, after: Results): string[] {
  const lines = [
    `before: ${before.startedAt}, commit ${before.machine.commit}, addon ${before.machine.addon}`,
    `after:  ${after.startedAt}, commit ${after.machine.commit}, addon ${after.machine.addon}`,
  ];
  for (const key of ['processor', 'cores', 'kernel', 'node'] as const) {
    if (before.machine[key] === after.machine[key]) continue;
    lines.push(`NOT THE SAME ${key}: ${before.machine[key]}, ${after.machine[key]}`);
  }
  const old = new Map(before.cells.map((cell) => [keyOf(cell), cell]));
  for (const cells of groupCells(after.cells)) {
    const pairs = cells.flatMap((cell) => pairOf(old.get(keyOf(cell)), cell) ?? []);
    const [first] = cells;
    if (first === undefined || pairs.length === 0) continue;
    lines.push('', groupName(first), ...formatTable(columns, pairs).map((line) => `  ${line}`));
  }
  return lines;
}

function keyOf(cell: Cell): string {
  return `${groupName(cell)}, ${cell.driver}`;
}

function pairOf(before: Cell | undefined, after: Cell): Pair | undefined {
  const beforeMs = medianOf(before);
  const afterMs = medianOf(after);
  if (before === undefined || beforeMs === undefined || afterMs === undefined) return undefined;
  const old = summarize(before.samples.map(({ wallMs }) => wallMs));
  const now = summarize(after.samples.map(({ wallMs }) => wallMs));
  const isDifferent = now.lower > old.upper || now.upper < old.lower;
  return { driver: after.driver, beforeMs, afterMs, isDifferent };
}
