/** The cost trial as text: the monitor's periods, find's runs, and what one is of the other. */
import { formatCount, formatTable } from '../table.js';
import type { FindCost } from './cost-find.js';
import type { Expense } from './cost-periods.js';

/** What the monitor used. */
export interface MonitorCost {
  readonly periods: readonly Expense[];
  readonly seconds: number;
  readonly removed: number;
  readonly firstScanMs: number;
  readonly firstScanCpuMs: number;
  /** How often we asked for the status meanwhile. */
  readonly asked: number;
  /** What that costs each time; null where it could not be told from what the monitor did besides. */
  readonly cpuMsEachAsked: number | null;
}

export interface CostResult {
  readonly monitor: MonitorCost;
  readonly find: FindCost;
}

interface Row {
  readonly what: string;
  readonly seconds: number | null;
  readonly removed: number | null;
  readonly cpuMs: number;
  readonly syscalls: number | null;
}

const count = (value: number | null): string =>
  value === null ? 'not counted' : formatCount(Math.round(value));
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const ratio = (of: number | null, to: number | null): string =>
  of === null || to === null ? 'not known' : (of / to).toPrecision(2);

export function costLines({ monitor, find }: CostResult): string[] {
  const own: Row[] = monitor.periods.map((period) => ({ what: `  ${period.name}`, ...period }));
  const all = { what: 'sescle watch', ...sum(own), seconds: monitor.seconds };
  const runs = monitor.seconds / 60;
  const simple: Row = {
    what: `find once a minute: the first run x ${runs.toFixed(1)}`,
    seconds: monitor.seconds,
    removed: null,
    cpuMs: find.removing.cpuMs * runs,
    syscalls: times(find.removing.syscalls, runs),
  };
  const same = sameWork({ monitor, find }, runs);
  const idle = monitor.periods.find(({ name }) => name === 'idle');
  const { asked, cpuMsEachAsked } = monitor;
  const ownMs = cpuMsEachAsked === null ? null : all.cpuMs - asked * cpuMsEachAsked;
  const ratios = (rival: Row): string =>
    `processor ${ratio(all.cpuMs, rival.cpuMs)} (without our asking: ${ratio(ownMs, rival.cpuMs)}), ` +
    `system calls ${ratio(all.syscalls, rival.syscalls)}`;
  const perMinute = 60 / Math.max(1, idle?.seconds ?? 0);
  return [
    ...formatTable<Row>(
      [
        { heading: '', cell: ({ what }) => what, isText: true },
        { heading: 'time', cell: (row) => (row.seconds === null ? '' : `${row.seconds} s`) },
        { heading: 'removed', cell: (row) => (row.removed === null ? '' : count(row.removed)) },
        { heading: 'processor', cell: ({ cpuMs }) => seconds(cpuMs) },
        { heading: 'system calls', cell: ({ syscalls }) => count(syscalls) },
      ],
      [
        all,
        ...own,
        {
          what: 'find, what a minute made due',
          seconds: null,
          removed: find.removed,
          ...find.removing,
        },
        { what: 'find, nothing due', seconds: null, removed: 0, ...find.scanning },
        simple,
        same,
      ],
    ),
    '',
    `sescle of find, the first run x ${runs.toFixed(1)}: ${ratios(simple)}`,
    `sescle of find, removing the same: ${ratios(same)}`,
    `idle, a minute: sescle ${seconds((idle?.cpuMs ?? 0) * perMinute)} and ${count(times(idle?.syscalls ?? null, perMinute))} system calls; find ${seconds(find.scanning.cpuMs)} and ${count(find.scanning.syscalls)}`,
    `in sescle's figures are ${asked} requests of ours for its status, at ${cpuMsEachAsked === null ? 'a cost not told' : `${cpuMsEachAsked.toFixed(1)} ms each`}`,
    `before them: its start and first scan, ${seconds(monitor.firstScanMs)} with ${seconds(monitor.firstScanCpuMs)} of processor time`,
  ];
}

/** A find each minute, of which all together remove what the monitor removed. */
function sameWork(
  { monitor, find: { scanning, removing, removed } }: CostResult,
  runs: number,
): Row {
  const share = removed === 0 ? 0 : monitor.removed / removed;
  const of = (scan: number, remove: number): number => scan * runs + (remove - scan) * share;
  return {
    what: 'find once a minute, removing the same',
    seconds: monitor.seconds,
    removed: monitor.removed,
    cpuMs: of(scanning.cpuMs, removing.cpuMs),
    syscalls:
      scanning.syscalls === null || removing.syscalls === null
        ? null
        : of(scanning.syscalls, removing.syscalls),
  };
}

function sum(rows: readonly Row[]): Pick<Row, 'cpuMs' | 'syscalls' | 'removed'> {
  return {
    cpuMs: rows.reduce((all, { cpuMs }) => all + cpuMs, 0),
    syscalls: rows.reduce<number | null>(
      (all, { syscalls }) => (all === null || syscalls === null ? null : all + syscalls),
      0,
    ),
    removed: rows.reduce((all, { removed }) => all + (removed ?? 0), 0),
  };
}

function times(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}
