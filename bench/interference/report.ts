/** The interference trial as text. */
import { summarize } from '../statistics.js';
import { type Column, formatCount, formatSeconds, formatTable } from '../table.js';
import type { InterferenceCell, Latencies } from './result.js';

const ms = (us: number | undefined): string =>
  us === undefined ? '' : `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;

const latency = (
  heading: string,
  phase: 'during' | 'after',
  key: keyof Latencies,
): Column<InterferenceCell> => ({ heading, cell: (cell) => ms(cell[phase]?.[key]) });

const columns: readonly Column<InterferenceCell>[] = [
  { heading: 'driver', cell: ({ driver }) => driver, isText: true },
  {
    heading: 'took',
    cell: ({ wallMs }) => (wallMs.length > 0 ? formatSeconds(summarize(wallMs).median) : ''),
  },
  { heading: 'requests', cell: ({ during }) => (during ? formatCount(during.requests) : '') },
  latency('p50', 'during', 'p50Us'),
  latency('p99', 'during', 'p99Us'),
  latency('p99.9', 'during', 'p999Us'),
  latency('max', 'during', 'maxUs'),
  latency('after: p99.9', 'after', 'p999Us'),
  latency('max', 'after', 'maxUs'),
  {
    heading: '',
    cell: ({ wrong, skipped, failed }) => {
      if (wrong !== undefined) return `WRONG: ${wrong}`;
      if (skipped !== undefined) return `skipped: ${skipped}`;
      return failed > 0 ? `${failed} requests failed` : '';
    },
    isText: true,
  },
];

export function interferenceLines(cells: readonly InterferenceCell[]): string[] {
  const groups = new Map<string, InterferenceCell[]>();
  for (const cell of cells) {
    const { expired, fileSystem, pressure, rate } = cell;
    const title = `interference, ${formatCount(expired)} expired, ${fileSystem}, ${pressure}, ${Math.round(rate)} requests a second`;
    const group = groups.get(title);
    if (group) group.push(cell);
    else groups.set(title, [cell]);
  }
  return [...groups].flatMap(([title, group]) => [
    '',
    title,
    ...formatTable(columns, group).map((line) => `  ${line}`),
  ]);
}
