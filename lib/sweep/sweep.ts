/**
 * `sweep()`: one pass over one or more stores side by side, each by the engine of its kind.
 *
 * Invariant: what can be refused is refused before the first session is looked at. Of a list of stores
 * an unusable one never keeps the others from being swept; a store is either in the report's
 * `stores`, or in `unusable`, or was not reached after an abort (and `complete` is false).
 */
import type { ClockReading } from '../clock/reading.js';
import { sumCounts } from '../engine/counts.js';
import type {
  EngineStore,
  PassOrder,
  PassResult,
  PlannedStore,
  StorePolicy,
} from '../engine/engine.js';
import { isSamePolicy, policyAt } from '../engine/policy.js';
import { SescleError } from '../errors.js';
import type { NativeAddon } from '../native/boundary.js';
import { loadAddon } from '../native/load.js';
import { Engines } from './engines.js';
import { Jobs } from './jobs.js';
import { kindsOf } from './kinds.js';
import { whatIsUnusable } from './look-first.js';
import { isMisnamed } from './misnamed.js';
import { type CheckedOptions, checkOptions, type SweepOptions } from './options.js';
import type { StoreReport, SweepReport, UnusableStore } from './report.js';
import { resumed } from './resumed.js';
import { isoTime, reportStore, totalsOf } from './store-report.js';
import { type SweepClock, sweepClock } from './sweep-clock.js';
import { planStores, type SweepTarget } from './target.js';

/** Stores that wait for their turn or are swept: enough for full crews, and little for the collector of garbage. */
const mostAtATime = 4096;
/** A clock that is set again and again: the rest is for the next sweep. */
const mostAttempts = 3;

/**
 * Removes the expired sessions of one store, or of several, as many side by side as there are
 * threads.
 *
 * @param target what PHP's session.save_path holds: `/path`, `2;/path` or `2;0600;/path`; a Buffer
 *   where it is not UTF-8. A relative path is taken from the current directory. Or a store's
 *   `target`, as discoverStores() finds it. Or a table: `{ database, profile, table, ... }`.
 * @param options for a save path at least the lifetime
 * @returns what became of every candidate; also after an abort, then with `complete: false`. Of a
 *   list, stores that cannot be swept are in `unusable`; a failure at a single file is in `errors`.
 * @throws SescleError ERR_INVALID_ARGUMENT, ERR_LIFETIME_UNKNOWN or ERR_ADDON_LOAD; for a single
 *   store also ERR_INVALID_SAVE_PATH, ERR_STORE_CHANGED, ERR_STORE_IS_ROOT, ERR_UNSAFE_PATH,
 *   ERR_MAGIC_LINK or a system error's name; and what `onProgress` or `onVerdict` throws, after the
 *   files in hand
 */
export function sweep(target: SweepTarget, options?: SweepOptions): Promise<SweepReport>;
export function sweep(
  targets: readonly SweepTarget[],
  options?: SweepOptions,
): Promise<SweepReport>;
export function sweep(
  targets: SweepTarget | readonly SweepTarget[],
  options: SweepOptions = {},
): Promise<SweepReport> {
  return sweepWith(loadAddon, targets, options);
}

/** sweep() with the addon passed in, so that tests can act the addon. */
export async function sweepWith(
  load: () => NativeAddon,
  given: SweepTarget | readonly SweepTarget[],
  options: SweepOptions,
): Promise<SweepReport> {
  const checked = checkOptions(options);
  const isList = Array.isArray(given);
  const targets = isList ? given : [given];
  const planned = planStores(targets, checked, await kindsOf(targets));
  if (!isList) for (const store of planned) store.kind.place(store);
  const addon = load();
  const engines = new Engines(addon, { ...checked, indexLimit: 0 });
  const call: Call = {
    checked,
    clock: await sweepClock(addon, planned, checked),
    sweep: { pass: 'sweep', nice: checked.nice, list: checked.listVerdicts },
    last: null,
  };
  const startedAtMs = monotonicMs();
  const startedAt = isoTime(call.clock.read().nowSeconds);
  const stores = planned.map((store) => ({ planned: store, atWork: atWorkOrWhy(store, engines) }));
  const outcomes: (StoreReport | UnusableStoreError)[] = Array(planned.length);
  const { onProgress, onVerdict } = checked;
  const tellProgress = () => {
    const reports = reportsAmong(outcomes);
    const counts = jobs.progress().map((pass) => pass.counts);
    onProgress?.({
      ...sumCounts([...reports, ...counts]),
      storesDone: Object.keys(outcomes).length,
      storeCount: planned.length,
      elapsedMs: since(startedAtMs),
    });
  };
  const jobs = new Jobs({
    signal: checked.signal,
    onProgress: onProgress && tellProgress,
    onListing: async (batch) => onVerdict && batch(onVerdict),
    lanes: checked.threads,
  });
  const misnamed =
    checked.isAllOrNone && planned.length > 1 ? await misnamedAmong(stores, call) : [];
  const isRefused = misnamed.length > 0;
  if (isRefused) for (const [index, error] of misnamed) outcomes[index] = error;
  const begun = isRefused ? [] : stores;
  await forEach(begun, mostAtATime, async (store, index) => {
    try {
      const report = await sweepStore(jobs, store, call);
      if (report !== null) outcomes[index] = report;
    } catch (error) {
      if (error instanceof UnusableStoreError) outcomes[index] = error;
      else jobs.fail(error);
    }
  });
  try {
    jobs.close();
  } finally {
    await engines.close();
  }
  tellProgress();
  const [first] = outcomes;
  if (!isList && first instanceof UnusableStoreError) throw first.reason;
  const reports = reportsAmong(outcomes);
  return {
    version: 1,
    dryRun: checked.dryRun,
    strict: checked.strict,
    startedAt,
    durationMs: since(startedAtMs),
    sandbox: addon.sandbox,
    clock: await call.clock.report(),
    complete: reports.length === planned.length && reports.every((store) => store.complete),
    stores: reports,
    unusable: planned.flatMap((store, index) => {
      const outcome = outcomes[index];
      return outcome instanceof UnusableStoreError ? unusableStore(store, outcome.reason) : [];
    }),
    totals: totalsOf(reports),
  };
}

/** What all passes of one call go by. */
interface Call {
  readonly checked: CheckedOptions;
  readonly clock: SweepClock;
  readonly sweep: OrderKind;
  /** What was made last: stores that begin at about the same time may go by one order. */
  last: {
    readonly kind: OrderKind;
    readonly policy: StorePolicy;
    readonly order: PassOrder;
  } | null;
}

type OrderKind = Pick<PassOrder, 'pass' | 'nice' | 'list'>;

/** In the order of the stores; those that were not reached are missing. */
function reportsAmong(outcomes: readonly (StoreReport | UnusableStoreError)[]): StoreReport[] {
  return outcomes.filter((outcome): outcome is StoreReport => 'scanned' in outcome);
}

/** What keeps one store from being swept, and no other. */
class UnusableStoreError {
  constructor(readonly reason: SescleError) {}
}

/** A store, and its engine's side of it, or why it has none. */
interface StoreAtWork {
  readonly planned: PlannedStore;
  readonly atWork: EngineStore | UnusableStoreError;
}

function atWorkOrWhy(planned: PlannedStore, engines: Engines): StoreAtWork['atWork'] {
  try {
    return engines.store(planned);
  } catch (error) {
    if (error instanceof SescleError) return new UnusableStoreError(error);
    throw error;
  }
}

async function usableRun<T>(run: Promise<T>): Promise<T> {
  try {
    return await run;
  } catch (error) {
    throw error instanceof SescleError ? new UnusableStoreError(error) : error;
  }
}

/** A look that takes longer is no answer: what is wrong there is for the sweep to find out. */
const lookPatienceMs = 5000;

/** The stores that were asked for by mistake, each with its place in the list. */
async function misnamedAmong(
  stores: readonly StoreAtWork[],
  call: Call,
): Promise<(readonly [number, UnusableStoreError])[]> {
  const patience = AbortSignal.timeout(lookPatienceMs);
  const { signal: caller = patience, threads: lanes } = call.checked;
  const look = { pass: 'look', nice: false, list: [] } as const;
  const unusable = await whatIsUnusable(
    stores.flatMap(({ planned, atWork: store }) => {
      if (store instanceof UnusableStoreError) return [];
      return [{ store, order: () => orderNow(planned, call, look) }];
    }),
    { lanes, signal: AbortSignal.any([caller, patience]) },
  );
  return stores.flatMap(({ atWork }, index) => {
    if (atWork instanceof UnusableStoreError) {
      return isMisnamed(atWork.reason) ? [[index, atWork] as const] : [];
    }
    const error = unusable.get(atWork);
    if (error === undefined) return [];
    if (!(error instanceof SescleError)) throw error;
    return isMisnamed(error) ? [[index, new UnusableStoreError(error)] as const] : [];
  });
}

/** By the clock as it is now: a long first store must not age the second, nor a clock that is set. */
function orderNow(store: PlannedStore, call: Call, kind: OrderKind): PassOrder {
  const { dryRun, strict, threads } = call.checked;
  const { clock } = call;
  const reading = clock.read();
  const { last } = call;
  const isLasts = last?.kind === kind && isSame(last.order.reading, reading);
  if (isLasts && last.policy === store.policy) return last.order;
  const policy = policyAt(store, reading);
  // Of ten thousand stores in sescle.toml each has a policy of its own, mostly in the same words.
  if (isLasts && isSamePolicy(last.order.policy, policy)) return last.order;
  const order = { ...kind, reading, aheadSeconds: 0, policy, dryRun, strict, threads };
  call.last = { kind, policy: store.policy, order };
  return order;
}

function isSame(a: ClockReading, b: ClockReading): boolean {
  return a.nowMs === b.nowMs && a.leadMs === b.leadMs && a.graceSeconds === b.graceSeconds;
}

/** @returns null if it was not begun before all were to end */
async function sweepStore(
  jobs: Jobs,
  { planned, atWork }: StoreAtWork,
  call: Call,
): Promise<StoreReport | null> {
  if (atWork instanceof UnusableStoreError) throw atWork;
  let nowSeconds = 0;
  const make = () => {
    const order = orderNow(planned, call, call.sweep);
    nowSeconds = order.reading.nowSeconds;
    return order;
  };
  const result = await usableRun(runByOneClock(jobs, atWork, make));
  return result && reportStore({ planned, place: atWork.place, nowSeconds, result });
}

/** Where the clock is set in mid-pass, what is left is swept by a fresh reading. */
async function runByOneClock(
  jobs: Jobs,
  store: EngineStore,
  make: () => PassOrder,
): Promise<PassResult | null> {
  let before: PassResult | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const result = await jobs.run(store, make);
    // Nothing more was begun: what there is stands as it is.
    if (result === null) return before;
    const whole: PassResult = before === null ? result : resumed(before, result);
    if (!result.clockWasSet || attempt === mostAttempts) return whole;
    before = whole;
  }
}

function unusableStore(planned: PlannedStore, error: SescleError): UnusableStore {
  const id = planned.kind.idOf(planned);
  return {
    id,
    path: error.path ?? id,
    code: error.code,
    errno: error.errno ?? null,
    syscall: error.syscall ?? null,
    message: error.message,
    remedy: error.remedy ?? null,
  };
}

/** Calls for each in order, for so many at a time. */
async function forEach<T>(
  list: readonly T[],
  most: number,
  call: (one: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = list.entries();
  const lane = async () => {
    for (const [index, one] of entries) await call(one, index);
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, lane));
}

function since(startMs: number): number {
  return Math.round(monotonicMs() - startMs);
}

/** Node loads `performance` when it is first used, and takes 2 ms for it. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
