/**
 * `sweep()`: one pass over one or more stores side by side, each by one native job.
 *
 * Invariant: what can be refused is refused before the first file is looked at. Of a list of stores
 * an unusable one never keeps the others from being swept; a store is either in the report's
 * `stores`, or in `unusable`, or was not reached after an abort (and `complete` is false).
 */
import { SescleError } from '../errors.js';
import type { NativeAddon, NativeSweepResult } from '../native/boundary.js';
import { loadAddon } from '../native/load.js';
import { parseSavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { addCounts, countsOf, resumed } from './counts.js';
import { rootError } from './failure-text.js';
import { Jobs } from './jobs.js';
import { readListing } from './listing.js';
import { isMisnamed } from './misnamed.js';
import { type CheckedOptions, checkOptions, type SweepOptions } from './options.js';
import type { StoreReport, SweepReport, UnusableStore } from './report.js';
import { type PassSettings, passRequest, placeStore } from './request.js';
import { isoTime, reportStore, totalsOf } from './store-report.js';
import { type SweepClock, sweepClock } from './sweep-clock.js';
import { type PlannedStore, planStores, type SweepTarget } from './target.js';

/** A clock that is set again and again: the rest is for the next sweep. */
const mostAttempts = 3;

/**
 * Removes the expired sessions of one store, or of several, as many side by side as there are
 * threads.
 *
 * @param target what PHP's session.save_path holds: `/path`, `2;/path` or `2;0600;/path`; a Buffer
 *   where it is not UTF-8. A relative path is taken from the current directory. Or a store's
 *   `target`, as discoverStores() finds it.
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
  const planned = planStores(isList ? given : [given], checked);
  if (!isList) for (const { savePath } of planned) parseSavePath(savePath);
  const addon = load();
  const settings = { ...checked, limits: addon.createLimits(checked) };
  const clock = sweepClock(addon, planned, checked);
  const startedAtMs = performance.now();
  const startedAt = isoTime(clock.read().nowSeconds);
  const outcomes: (StoreReport | UnusableStoreError)[] = Array(planned.length);
  const { onProgress, onVerdict } = checked;
  const tellProgress = () => {
    const reports = reportsAmong(outcomes);
    const counts = jobs.progress().map(countsOf);
    onProgress?.({
      ...counts.reduce(addCounts, totalsOf(reports)),
      storesDone: Object.keys(outcomes).length,
      storeCount: planned.length,
      elapsedMs: since(startedAtMs),
    });
  };
  const jobs = new Jobs(addon, {
    signal: checked.signal,
    onProgress: onProgress && tellProgress,
    onListing: async (batch) => onVerdict && readListing(batch, onVerdict),
    lanes: checked.threads,
  });
  const misnamed =
    checked.isAllOrNone && planned.length > 1
      ? await misnamedAmong(addon, planned, clock, settings)
      : [];
  const isRefused = misnamed.length > 0;
  if (isRefused) for (const [index, error] of misnamed) outcomes[index] = error;
  const begun = isRefused ? [] : planned;
  await Promise.all(
    begun.map(async (store, index) => {
      try {
        const report = await sweepStore(jobs, store, clock, settings);
        if (report !== null) outcomes[index] = report;
      } catch (error) {
        if (error instanceof UnusableStoreError) outcomes[index] = error;
        else jobs.fail(error);
      }
    }),
  );
  jobs.close();
  tellProgress();
  const [first] = outcomes;
  if (!isList && first instanceof UnusableStoreError) throw first.reason;
  const stores = reportsAmong(outcomes);
  return {
    version: 1,
    dryRun: checked.dryRun,
    strict: checked.strict,
    startedAt,
    durationMs: since(startedAtMs),
    sandbox: addon.sandbox,
    clock: clock.report(),
    complete: stores.length === planned.length && stores.every((store) => store.complete),
    stores,
    unusable: planned.flatMap(({ savePath }, index) => {
      const outcome = outcomes[index];
      return outcome instanceof UnusableStoreError ? unusableStore(savePath, outcome.reason) : [];
    }),
    totals: totalsOf(stores),
  };
}

/** In the order of the stores; those that were not reached are missing. */
function reportsAmong(outcomes: readonly (StoreReport | UnusableStoreError)[]): StoreReport[] {
  return outcomes.filter((outcome): outcome is StoreReport => 'scanned' in outcome);
}

/** What keeps one store from being swept, and no other. */
class UnusableStoreError {
  constructor(readonly reason: SescleError) {}
}

function usable<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof SescleError ? new UnusableStoreError(error) : error;
  }
}

/** A look that takes longer is no answer: what is wrong there is for the sweep to find out. */
const lookPatienceMs = 5000;

/** The stores that were asked for by mistake, each with its place in the list. */
async function misnamedAmong(
  addon: NativeAddon,
  planned: readonly PlannedStore[],
  clock: SweepClock,
  settings: PassSettings & Pick<CheckedOptions, 'signal' | 'threads'>,
): Promise<(readonly [number, UnusableStoreError])[]> {
  const patience = AbortSignal.timeout(lookPatienceMs);
  const { signal = patience, threads: lanes } = settings;
  const jobs = new Jobs(addon, {
    signal: AbortSignal.any([signal, patience]),
    onProgress: undefined,
    onListing: async () => {},
    lanes,
    patienceMs: 0,
  });
  const kind = { pass: 'look', index: null, isCourteous: false, list: [] } as const;
  const looks = planned.map(async (store, index) => {
    try {
      const placed = usable(() => placeStore(store));
      await jobs
        .run(() => passRequest(placed, store, clock.read(), settings, kind))
        .catch((error: unknown) => {
          const reason = rootError(error, placed.onThisMachine);
          throw reason instanceof SescleError ? new UnusableStoreError(reason) : error;
        });
    } catch (error) {
      if (!(error instanceof UnusableStoreError)) throw error;
      return isMisnamed(error.reason) ? [[index, error] as const] : [];
    }
    return [];
  });
  try {
    return (await Promise.all(looks)).flat();
  } finally {
    jobs.close();
  }
}

/** @returns null if it was not begun before all were to end */
async function sweepStore(
  jobs: Jobs,
  store: PlannedStore,
  clock: SweepClock,
  settings: PassSettings & Pick<CheckedOptions, 'isCourteous' | 'listVerdicts'>,
): Promise<StoreReport | null> {
  const placed = usable(() => placeStore(store));
  const { isCourteous, listVerdicts: list } = settings;
  let nowSeconds = 0;
  const make = () => {
    // As this store is begun: a long first store must not age the second, nor a clock that is set.
    const reading = clock.read();
    nowSeconds = reading.nowSeconds;
    const kind = { pass: 'sweep', index: null, isCourteous, list } as const;
    return passRequest(placed, store, reading, settings, kind);
  };
  const { savePath, onThisMachine: directory } = placed;
  try {
    const result = await runByOneClock(jobs, make);
    const swept = result && { savePath, directory, nowSeconds, result };
    return swept && reportStore(swept, store.policy, settings.strict);
  } catch (error) {
    const reason = rootError(error, directory);
    throw reason instanceof SescleError ? new UnusableStoreError(reason) : error;
  }
}

/** Where the clock is set in mid-pass, what is left is swept by a fresh reading. */
async function runByOneClock(
  jobs: Jobs,
  make: Parameters<Jobs['run']>[0],
): Promise<NativeSweepResult | null> {
  let before: NativeSweepResult | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const result = await jobs.run(make);
    // Nothing more was begun: what there is stands as it is.
    if (result === null) return before;
    const whole: NativeSweepResult = before === null ? result : resumed(before, result);
    if (!result.clockWasSet || attempt === mostAttempts) return whole;
    before = whole;
  }
}

function unusableStore(given: string | Buffer, error: SescleError): UnusableStore {
  const id = escapePath(given);
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

function since(startMs: number): number {
  return Math.round(performance.now() - startMs);
}
