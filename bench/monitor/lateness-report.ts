/** The lateness trial as text. */
import { formatCount, formatTable } from '../table.js';
import type { Lateness, Verdict } from './lateness-verdict.js';

/** What the monitor says of all that it removed. */
export interface Told {
  readonly removed: number;
  readonly p50Seconds: number | null;
  readonly p99Seconds: number | null;
  readonly p999Seconds: number | null;
  readonly maxSeconds: number | null;
}

export interface LatenessResult {
  readonly verdict: Verdict;
  readonly told: Told;
  readonly scanMs: number;
}

interface Row {
  readonly who: string;
  readonly sessions: number;
  /** Milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

const ms = (value: number | null): string => (value === null ? '' : `${value.toFixed(0)} ms`);
const inMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

function observed(who: string, late: Lateness | null): Row {
  return {
    who,
    sessions: late?.sessions ?? 0,
    p50: late?.p50Ms ?? null,
    p99: late?.p99Ms ?? null,
    p999: late?.p999Ms ?? null,
    max: late?.maxMs ?? null,
  };
}

export function latenessLines({ verdict: { figures }, told, scanMs }: LatenessResult): string[] {
  const { lateness: seen, floodLateness: flood, visited } = figures;
  const rows: readonly Row[] = [
    observed('a bystander (inotify)', seen),
    ...(flood === null ? [] : [observed("the same, of the other user's", flood)]),
    {
      who: 'the monitor itself, of all (/api/status)',
      sessions: told.removed,
      p50: inMs(told.p50Seconds),
      p99: inMs(told.p99Seconds),
      p999: inMs(told.p999Seconds),
      max: inMs(told.maxSeconds),
    },
  ];
  const table = formatTable<Row>(
    [
      { heading: 'late, as told by', cell: ({ who }) => who, isText: true },
      { heading: 'removed', cell: ({ sessions }) => formatCount(sessions) },
      { heading: 'p50', cell: ({ p50 }) => ms(p50) },
      { heading: 'p99', cell: ({ p99 }) => ms(p99) },
      { heading: 'p99.9', cell: ({ p999 }) => ms(p999) },
      { heading: 'max', cell: ({ max }) => ms(max) },
    ],
    rows,
  );
  return [
    ...table,
    '',
    `the first scan took ${(scanMs / 1000).toFixed(2)} s`,
    `due: ${formatCount(figures.due)}; removed early: ${figures.removedEarly}; due and left: ${figures.notRemoved}`,
    `PHP touched ${formatCount(visited.touched)} times in time (${visited.late} too late to tell), created ${formatCount(visited.created)}; gone of these: ${figures.lostByVisitors}`,
    figures.overflows > 0
      ? `the observer's queue was full ${figures.overflows} times: ${figures.unseen} deletions are not among its figures`
      : 'the observer missed nothing',
  ];
}
