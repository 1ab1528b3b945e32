/**
 * Results as text: a table for each trial, and what they were measured on.
 *
 * Invariant: what was skipped and what was wrong is in the text, beside what was measured.
 */
import { interferenceLines } from './interference/report.js';
import { groupCells, groupName, type Results } from './results.js';
import { type Score, scoresOf } from './scores.js';
import { type Column, formatCount, formatSeconds, formatTable } from './table.js';

const optional = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? '' : format(value);

const ratio = (value: number | undefined): string => optional(value, (ratio) => ratio.toFixed(2));

const columns: readonly Column<Score>[] = [
  { heading: 'driver', cell: ({ driver }) => driver, isText: true },
  { heading: 'median', cell: ({ wallMs }) => optional(wallMs?.median, formatSeconds) },
  { heading: 'min', cell: ({ wallMs }) => optional(wallMs?.min, formatSeconds) },
  { heading: 'max', cell: ({ wallMs }) => optional(wallMs?.max, formatSeconds) },
  { heading: '/find', cell: ({ toFind }) => ratio(toFind) },
  { heading: '/floor', cell: ({ toFloor }) => ratio(toFloor) },
  {
    heading: 'µs a file',
    cell: ({ wallMs, size }) => optional(wallMs?.median, (ms) => ((ms * 1000) / size).toFixed(1)),
  },
  { heading: 'CPU', cell: ({ cpuMs }) => optional(cpuMs, formatSeconds) },
  {
    heading: 'peak',
    cell: ({ peakKiB }) => optional(peakKiB, (kib) => `${(kib / 1024).toFixed(0)} MiB`),
  },
  { heading: '', cell: ({ note }) => note, isText: true },
];

export function reportLines(results: Results): string[] {
  return [
    ...machineLines(results),
    ...groupCells(results.cells).flatMap((cells) => {
      const [first] = cells;
      if (first === undefined) return [];
      const samples = Math.max(...cells.map((cell) => cell.samples.length));
      const title = `${groupName(first)} (medians of ${samples})`;
      return ['', title, ...formatTable(columns, scoresOf(cells)).map((line) => `  ${line}`)];
    }),
    ...interferenceLines(results.interference),
  ];
}

function machineLines({
  machine,
  fileSystems,
  drivers,
  skipped,
  command,
  bytesEach,
}: Results): string[] {
  return [
    `$ ${command}`,
    `${machine.processor}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB; ` +
      `${machine.system}, Linux ${machine.kernel}, Node ${machine.node}`,
    `commit ${machine.commit}, addon ${machine.addon}; ${formatCount(bytesEach)} bytes a session`,
    ...fileSystems.map(
      ({ name, made, mountOptions }) =>
        `${name}: ${mountOptions}${made === undefined ? '' : ` (${made}, on a loop device)`}`,
    ),
    ...drivers.map(({ name, about, version, missing }) =>
      missing === undefined ? `${name}: ${about} [${version}]` : `${name}: SKIPPED: ${missing}`,
    ),
    ...skipped.map((what) => `SKIPPED: ${what}`),
  ];
}
