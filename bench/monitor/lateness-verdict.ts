/**
 * Whether what was deleted is what was due.
 *
 * Invariant: pure, but for one look at the directory; whoever is in doubt, since events were lost or a
 * visit was too late, is counted as that and not as right.
 */
import { readdirSync } from 'node:fs';
import { quantile } from '../statistics.js';
import type { Observed } from './observer.js';
import { dueSecondOf, type Filled, isOfFlood } from './spread.js';
import { problemOf } from './trial.js';
import type { Visits } from './visitors.js';

export interface Evidence {
  readonly store: Filled;
  /** Sessions of another user. */
  readonly flood: number;
  readonly visits: Visits;
  readonly observed: Observed;
  /** When the last visit was over. */
  readonly endedAtMs: number;
}

export interface Lateness {
  readonly sessions: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface Figures {
  readonly lateness: Lateness | null;
  /** Of the other user's. */
  readonly floodLateness: Lateness | null;
  /** Each of the seconds' worst, in its order; milliseconds, 0 where nothing was removed. */
  readonly worstBySecondMs: readonly number[];
  readonly due: number;
  readonly removed: number;
  readonly removedEarly: number;
  readonly notRemoved: number;
  readonly visited: { readonly touched: number; readonly created: number; readonly late: number };
  readonly lostByVisitors: number;
  /** Sessions that are neither there nor were seen to be deleted. */
  readonly unseen: number;
  readonly overflows: number;
}

export interface Verdict {
  readonly figures: Figures;
  readonly problems: readonly string[];
}

const prefix = 'sess_';

/** From when a session may be removed, in milliseconds since 1970, and whether it should be then. */
interface Due {
  readonly atMs: number;
  readonly isExpected: boolean;
}

export function judge(evidence: Evidence): Verdict {
  const { store, flood, visits, observed, endedAtMs } = evidence;
  const there = new Set(readdirSync(store.root, 'latin1'));
  const early: string[] = [];
  const lateMs: number[] = [];
  const floodLateMs: number[] = [];
  const worstBySecondMs: number[] = Array(store.seconds).fill(0);
  for (const { name, atMs } of observed.deletions) {
    const due = dueOf(name, evidence);
    const late = atMs - due.atMs;
    if (late < 0) early.push(name);
    if (!due.isExpected) continue;
    if (isOfFlood(name)) {
      floodLateMs.push(late);
      continue;
    }
    lateMs.push(late);
    const slot = due.atMs / 1000 - store.first;
    worstBySecondMs[slot] = Math.max(worstBySecondMs[slot] ?? 0, late);
  }
  const left = [...there].filter((name) => {
    const { atMs, isExpected } = dueOf(name, evidence);
    return isExpected && atMs < endedAtMs;
  });
  const gone = [...visits.held].filter(
    ([id, until]) => until * 1000 > endedAtMs && !there.has(prefix + id),
  );
  const lost = [...visits.lost, ...gone.map(([id]) => `gone at the end: ${id}`)];
  const { touched, created, doubtful } = visits;
  const figures: Figures = {
    lateness: latenessOf(lateMs),
    floodLateness: latenessOf(floodLateMs),
    worstBySecondMs: worstBySecondMs.map((ms) => Math.round(ms)),
    due: store.eachSecond * store.seconds,
    removed: lateMs.length,
    removedEarly: early.length,
    notRemoved: left.length,
    visited: { touched, created, late: doubtful.size - visits.lost.length },
    lostByVisitors: lost.length,
    unseen: store.size + flood + created - observed.deletions.length - there.size,
    overflows: observed.overflows,
  };
  return { figures, problems: problemsOf(figures, { early, left, lost }) };
}

function dueOf(name: string, { store, visits: { held, doubtful } }: Evidence): Due {
  const id = name.slice(prefix.length);
  if (doubtful.has(id)) return { atMs: 0, isExpected: false };
  const until = held.get(id);
  if (until !== undefined) return { atMs: until * 1000, isExpected: false };
  const due = dueSecondOf(name, store);
  return { atMs: (due ?? Infinity) * 1000, isExpected: due !== undefined };
}

function problemsOf(
  figures: Figures,
  named: { readonly early: string[]; readonly left: string[]; readonly lost: string[] },
): string[] {
  const problems = [
    ...problemOf('sessions were removed before they were due', named.early),
    ...problemOf('sessions that PHP kept alive are gone', named.lost),
    ...problemOf('sessions are due and still there', named.left),
  ];
  if (figures.overflows > 0) {
    problems.push(`the observer's queue was full: ${figures.unseen} deletions were not seen`);
  } else if (figures.unseen !== 0) {
    problems.push(`${figures.unseen} sessions are neither there nor seen to be deleted`);
  }
  if (figures.removed === 0) problems.push('nothing was removed');
  return problems;
}

function latenessOf(lateMs: readonly number[]): Lateness | null {
  if (lateMs.length === 0) return null;
  const sorted = Float64Array.from(lateMs).sort();
  return {
    sessions: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    p999Ms: quantile(sorted, 0.999),
    maxMs: quantile(sorted, 1),
  };
}
