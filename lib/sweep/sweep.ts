/**
 * `sweep()`: one pass over one or more stores, one after the other, each by one native job.
 *
 * Invariant: what can be refused is refused before the first file is looked at. Of a list of stores
 * an unusable one never keeps the others from being swept; a store is either in the report's
 * `stores`, or in `unusable`, or was not reached after an abort (and `complete` is false).
 */
import { readlinkSync } from 'node:fs';
import { SescleError } from '../errors.js';
import type { NativeAddon, NativeCounters } from '../native/boundary.js';
import { loadAddon } from '../native/load.js';
import { parseSavePath, type SavePath } from '../stores/save-path.js';
import { escapePath } from '../text/escape-path.js';
import { addCounts, countsOf } from './counts.js';
import { rootError } from './failure-text.js';
import { CallbackError, runJob } from './job.js';
import { readListing } from './listing.js';
import {
  type CheckedOptions,
  checkOptions,
  invalidArgument,
  type SweepOptions,
  wholeNumber,
} from './options.js';
import type { StoreReport, SweepReport, UnusableStore } from './report.js';
import { isoTime, reportStore, totalsOf } from './store-report.js';

/** The years that an ISO 8601 date can tell. */
const clockRange = { min: 0, max: 8_640_000_000_000 };

/**
 * Removes the expired sessions of one store, or of several, one after the other.
 *
 * @param savePath what PHP's session.save_path holds: `/path`, `2;/path` or `2;0600;/path`; a
 *   Buffer where it is not UTF-8. A relative path is taken from the current directory.
 * @param options at least the lifetime
 * @returns what became of every candidate; also after an abort, then with `complete: false`. Of a
 *   list, stores that cannot be swept are in `unusable`; a failure at a single file is in `errors`.
 * @throws SescleError ERR_INVALID_ARGUMENT, ERR_LIFETIME_UNKNOWN or ERR_ADDON_LOAD; for a single
 *   store also ERR_INVALID_SAVE_PATH, ERR_STORE_IS_ROOT, ERR_UNSAFE_PATH, ERR_MAGIC_LINK or a system error's name; and
 *   what `onProgress` or `onVerdict` throws, after the files in hand
 */
export function sweep(savePath: string | Buffer, options: SweepOptions): Promise<SweepReport>;
export function sweep(
  savePaths: readonly (string | Buffer)[],
  options: SweepOptions,
): Promise<SweepReport>;
export function sweep(
  savePaths: string | Buffer | readonly (string | Buffer)[],
  options: SweepOptions,
): Promise<SweepReport> {
  return sweepWith(loadAddon, savePaths, options);
}

/** sweep() with the addon passed in, so that tests can act the addon. */
export async function sweepWith(
  load: () => NativeAddon,
  given: string | Buffer | readonly (string | Buffer)[],
  options: SweepOptions,
): Promise<SweepReport> {
  const checked = checkOptions(options);
  const isList = Array.isArray(given);
  const savePaths = checkSavePaths(isList ? given : [given]);
  if (!isList) savePaths.forEach(parseSavePath);
  const addon = load();
  const startedAtMs = performance.now();
  const startedAt = isoTime(readClock(checked));
  const stores: StoreReport[] = [];
  const unusable: UnusableStore[] = [];
  const isAborted = () => checked.signal?.aborted === true;
  let storeIndex = 0;
  const tellProgress = (counters?: NativeCounters) => {
    const done = totalsOf(stores);
    checked.onProgress?.({
      ...(counters === undefined ? done : addCounts(done, countsOf(counters))),
      storeIndex,
      storeCount: savePaths.length,
      elapsedMs: since(startedAtMs),
    });
  };
  for (const [index, savePath] of savePaths.entries()) {
    if (isAborted()) break;
    storeIndex = index;
    try {
      stores.push(await sweepStore(addon, savePath, checked, tellProgress));
    } catch (error) {
      if (error instanceof CallbackError) throw error.thrown;
      if (!(error instanceof UnusableStoreError)) throw error;
      if (!isList) throw error.reason;
      unusable.push(unusableStore(savePath, error.reason));
    }
  }
  tellProgress();
  return {
    version: 1,
    dryRun: checked.dryRun,
    startedAt,
    durationMs: since(startedAtMs),
    sandbox: 'none',
    complete: stores.length === savePaths.length && stores.every((store) => store.complete),
    stores,
    unusable,
    totals: totalsOf(stores),
  };
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

async function sweepStore(
  addon: NativeAddon,
  given: string | Buffer,
  options: CheckedOptions,
  tellProgress: (counters: NativeCounters) => void,
): Promise<StoreReport> {
  const savePath = usable(() => parseSavePath(given));
  const directory = usable(() => absolute(savePath));
  const startedAtMs = performance.now();
  const nowSeconds = readClock(options);
  const { onVerdict } = options;
  const request = {
    root: Buffer.alloc(0),
    rootPid: 0,
    rootStartTicks: 0,
    path: directory,
    depth: savePath.depth,
    nowSeconds,
    maxLifetimeSeconds: options.maxLifetimeSeconds,
    graceSeconds: options.graceSeconds,
    lifetimesByUid: options.lifetimesByUid,
    dryRun: options.dryRun,
    threads: options.threads,
    maxRemovalsPerSecond: options.maxRemovalsPerSecond,
    list: options.listVerdicts,
  };
  try {
    const result = await runJob(addon, request, {
      signal: options.signal,
      onProgress: options.onProgress && tellProgress,
      onListing: async (batch) => onVerdict && readListing(batch, onVerdict),
    });
    return reportStore(
      { savePath, directory, nowSeconds, durationMs: since(startedAtMs), result },
      options,
    );
  } catch (error) {
    const reason = rootError(error, directory);
    throw reason instanceof SescleError ? new UnusableStoreError(reason) : error;
  }
}

/** Not normalised: `..` behind a symbolic link is another place for the kernel than for a string. */
function absolute({ path, text }: SavePath): Buffer {
  if (path[0] === 0x2f) return path;
  return Buffer.concat([currentDirectory(text), Buffer.from('/'), path]);
}

function currentDirectory(text: string): Buffer {
  try {
    const directory = process.cwd();
    // Node decodes the name; where that lost bytes, the kernel tells them.
    return directory.includes('\uFFFD')
      ? readlinkSync('/proc/self/cwd', { encoding: 'buffer' })
      : Buffer.from(directory);
  } catch (cause) {
    throw new SescleError(
      `${text} is relative, and the current directory does not exist any more`,
      {
        code: 'ENOENT',
        path: text,
        remedy: 'give an absolute path',
        cause,
      },
    );
  }
}

/** The time of one store: read as it is begun, so that a long first store does not age the second. */
function readClock({ clock }: CheckedOptions): number {
  return wholeNumber('the number that clock returns', Math.floor(clock()), clockRange);
}

function checkSavePaths(savePaths: readonly unknown[]): (string | Buffer)[] {
  if (savePaths.length === 0)
    throw invalidArgument('savePaths', 'a list with at least one save path');
  return savePaths.map((savePath) => {
    if (typeof savePath === 'string' || Buffer.isBuffer(savePath)) return savePath;
    throw invalidArgument('savePath', 'a string or a Buffer, or a list of these', savePath);
  });
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
