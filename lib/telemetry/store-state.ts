/**
 * How a store is, in words that say how things are: `on time`, `late by 4s`, `not readable`.
 *
 * Invariant: a store that is not well by health.ts never reads as one that is; the worst has the lowest
 * rank.
 */
import { largest } from '../largest.js';
import type { MonitoredStore, Trouble } from '../monitor/status.js';
import { formatDuration } from '../text/duration.js';
import { storeFault } from './health.js';

/** What it asks of whoever reads it: to act, to know, or nothing. */
export type Tone = 'bad' | 'caution' | 'good';

export interface StateOfStore {
  readonly words: string;
  readonly tone: Tone;
  /** 0 is the worst. */
  readonly rank: number;
}

/** Removals are up to a second after the moment, and the status up to a second old. */
const punctualMs = 2000;
/** Where others remove, a monitor looks later whether they did. */
const punctualOfOthersMs = 6000;

const troubles: Readonly<Record<Trouble, string>> = {
  missing: 'missing',
  unreadable: 'not readable',
  unremovable: 'removal fails',
  silent: 'not answering',
  unusable: 'not usable',
};

/** Of a store that should be watched and cannot be. */
export const notWatched: StateOfStore = { words: 'not watched', tone: 'bad', rank: 0 };

export function stateOf(store: MonitoredStore, nowMs: number): StateOfStore {
  const { state, trouble, doubt } = store;
  if (state === 'failing') {
    return { words: trouble === null ? 'not readable' : troubles[trouble], tone: 'bad', rank: 0 };
  }
  const lateMs = latenessMs(store, nowMs);
  if (storeFault(store) !== null) return { words: lateText(lateMs), tone: 'bad', rank: 1 };
  const isLate = lateMs >= (store.leftToOthersSinceMs === null ? punctualMs : punctualOfOthersMs);
  if (isLate) return { words: lateText(lateMs), tone: 'caution', rank: 2 };
  if (doubt !== null) return { words: 'lifetime uncertain', tone: 'caution', rank: 3 };
  if (state === 'new') return { words: 'not counted yet', tone: 'good', rank: 4 };
  return { words: 'on time', tone: 'good', rank: 5 };
}

/** How long something has been due: the next session, and where it is overdue the next scan. */
function latenessMs({ nextExpiryAt, nextScanAtMs, isOverdue }: MonitoredStore, nowMs: number) {
  const dueMs = [
    ...(nextExpiryAt === null ? [] : [nextExpiryAt * 1000]),
    ...(nextScanAtMs === null || !isOverdue ? [] : [nextScanAtMs]),
  ];
  return largest(dueMs, (moment) => nowMs - moment);
}

/** A pass that hangs has no moment at which it was due. */
function lateText(lateMs: number): string {
  return lateMs < punctualMs ? 'late' : `late by ${formatDuration(Math.floor(lateMs / 1000), 2)}`;
}
