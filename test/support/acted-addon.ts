/**
 * An addon that is acted: what the TypeScript above the boundary does is seen without a file system.
 *
 * Invariant: it keeps the contract of lib/native/boundary.ts.
 */
import {
  counts as countNames,
  type NativeAddon,
  type NativeCounters,
  type NativeCounts,
  type NativeIndex,
  type NativeLimits,
  type NativeSweepRequest,
  type NativeSweepResult,
  type Verdict,
  verdicts,
} from '../../lib/native/boundary.js';

/** A job as its script sees it. */
export interface ActedJob {
  readonly request: NativeSweepRequest;
  readonly isCancelled: () => boolean;
  /** Resolves at the first cancel(). */
  readonly cancelled: Promise<void>;
  /** Sends one listed candidate up. */
  readonly list: (verdict: Verdict, path: string) => void;
  /** What progress() returns from now on. */
  setProgress(counters: NativeCounters): void;
}

export function actedAddon(script: Script): {
  addon: NativeAddon;
  requests: NativeSweepRequest[];
} {
  const requests: NativeSweepRequest[] = [];
  const addon: NativeAddon = {
    sandbox: 'none',
    latenessBoundsMs: [1000],
    endProcess: () => {},
    bootTimeMs: () => performance.now(),
    notify: () => 0,
    createIndex: () => ({}) as unknown as NativeIndex,
    dropIndex: () => {},
    indexStatus: () => ({
      sessions: 0,
      bytes: 0,
      nextDueSeconds: null,
      droppedFromSeconds: null,
      oldestMtimeSeconds: null,
    }),
    indexShape: () => ({ ages: [], minutes: [] }),
    createLimits: ({ threads, maxRemovalsPerSecond }) =>
      ({ threads, maxRemovalsPerSecond }) as unknown as NativeLimits,
    takeRemovals: (_limits, most) => ({ granted: most, turns: new Float64Array(), waitMs: 0 }),
    giveBackRemovals: () => {},
    lookAtStores(places) {
      const looks = { done: places.length, wrong: [] };
      return { result: Promise.resolve(looks), cancel: () => {}, progress: () => looks };
    },
    startCrew(given, onListing) {
      requests.push(...given);
      const jobs = given.map((request) => actedJob(script, request, onListing));
      return {
        results: jobs.map(({ result }) => result),
        cancel: () => {
          for (const { cancel } of jobs) cancel();
        },
        cancelStore: (store) => jobs[store]?.cancel(),
        progress: (store) => jobs[store]?.progress() ?? countersOf({}),
        // All of its stores are in hand at once.
        inHand: () => 0,
        giveBackRest: () => {},
        forfeitSlots: () => {},
        release: () => {},
      };
    },
  };
  return { addon, requests };
}

type Script = (job: ActedJob) => Promise<NativeSweepResult>;

function actedJob(script: Script, request: NativeSweepRequest, onListing: (batch: Buffer) => void) {
  const { promise: cancelled, resolve } = withResolvers();
  let isCancelled = false;
  let counters = countersOf({});
  const result = script({
    request,
    isCancelled: () => isCancelled,
    cancelled,
    list: (verdict, path) =>
      onListing(Buffer.concat([Buffer.of(verdicts.indexOf(verdict)), Buffer.from(`${path}\0`)])),
    setProgress: (next) => {
      counters = next;
    },
  });
  return {
    result,
    cancel: () => {
      isCancelled = true;
      resolve();
    },
    progress: () => counters,
  };
}

export function countersOf(counts: Partial<Record<Verdict, number>>): NativeCounters {
  return {
    verdicts: verdicts.map((verdict) => counts[verdict] ?? 0),
    ...(Object.fromEntries(countNames.map((name) => [name, 0])) as NativeCounts),
    expired: counts.removed ?? 0,
    directories: 1,
    lateness: [0, 0],
    latenessSumMs: 0,
    latenessMaxMs: 0,
    isWaiting: false,
  };
}

export function resultOf(
  counts: Partial<Record<Verdict, number>>,
  rest: Partial<NativeSweepResult> = {},
): NativeSweepResult {
  return {
    counters: countersOf(counts),
    oldestAgeSeconds: -1,
    directory: null,
    inodesFreeRatio: -1,
    oversized: null,
    durationMs: 0,
    failures: [],
    unlistedFailures: 0,
    complete: true,
    clockWasSet: false,
    ...rest,
  };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
