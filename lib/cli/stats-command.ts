/**
 * `sescle stats`: save paths, or every store that is found, to one call that counts their sessions.
 *
 * Invariant: it only reads. A store whose lifetime is not known is counted all the same; only what is
 * due is then not told.
 */
import {
  discoverStores,
  escapePath,
  filesTarget,
  parseSavePath,
  type StatisticsReport,
  type StatisticsTarget,
  type Store,
  takeStatistics,
} from '../index.js';
import { chooseBars } from './bars.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { formatElapsed } from './duration.js';
import { failureTroubles, tellTrouble, tellWarnings } from './error-lines.js';
import { signalStatus, status } from './exit-status.js';
import { knownByLook, knownByName, storeDirectory } from './known-stores.js';
import { checkNamedInputs } from './named-inputs.js';
import { watchEnds } from './signals.js';
import type { StatsFlags } from './stats-options.js';
import { statsReport } from './stats-report.js';
import { chooseStyle } from './style.js';
import { checkSavePaths, namedDirectory } from './sweep-plan.js';
import { TerminalLine } from './terminal-line.js';
import { plural } from './words.js';

/**
 * @param savePaths as they were given, byte for byte; none: every store that is found
 * @returns the exit status
 * @throws UsageError; SescleError if the configuration cannot be used
 */
export async function statsCommand(
  savePaths: readonly Buffer[],
  flags: StatsFlags,
  console: Console,
): Promise<number> {
  const ends = watchEnds(console);
  try {
    await checkNamedInputs(flags);
    checkSavePaths(savePaths, flags.root);
    const targets = await planStatistics(savePaths, flags, ends.signal, console);
    if (targets.length === 0) {
      tellTrouble(console, 'no session store was found', 'name one, as: sescle stats /path');
      return status.noStore;
    }
    const report = await count(targets, flags, ends.signal, console);
    tell(report, flags, console);
    if (ends.caught !== undefined) {
      tellTrouble(console, `ended by ${ends.caught}: not everything was counted`);
      return signalStatus(ends.caught);
    }
    return report.complete ? status.done : status.trouble;
  } finally {
    ends.release();
  }
}

async function count(
  targets: readonly StatisticsTarget[],
  { largest, quiet }: StatsFlags,
  signal: AbortSignal,
  console: Console,
): Promise<StatisticsReport> {
  const startedMs = performance.now();
  const line = new TerminalLine(console);
  const show = (sessions: number) => {
    const elapsed = formatElapsed(performance.now() - startedMs);
    line.show(`${plural(sessions, 'session')} counted, ${elapsed}`);
  };
  try {
    return await takeStatistics(targets, {
      largest,
      signal,
      onProgress: console.isErrTerminal && !quiet ? show : undefined,
    });
  } finally {
    line.clear();
  }
}

function tell(report: StatisticsReport, { json, quiet }: StatsFlags, console: Console): void {
  if (json) console.out(`${JSON.stringify(report)}\n`);
  else if (!quiet) {
    const style = chooseStyle(console.isOutTerminal, process.env);
    const bars = chooseBars(console.isOutTerminal, process.env);
    console.out(statsReport(report, { style, bars }));
  }
  for (const { message, remedy } of report.unusable) {
    tellTrouble(console, message, remedy ?? undefined);
  }
  for (const store of report.stores) {
    for (const { reason, remedy } of failureTroubles(store)) tellTrouble(console, reason, remedy);
    const { path, complete, errorCount } = store;
    if (!complete && errorCount === 0) tellTrouble(console, `${path}: not everything was counted`);
  }
}

async function planStatistics(
  savePaths: readonly Buffer[],
  flags: StatsFlags,
  signal: AbortSignal,
  console: Console,
): Promise<StatisticsTarget[]> {
  const { maxLifetime, quiet } = flags;
  const options = discoverOptions(flags, signal);
  const root = options.root ?? null;
  if (savePaths.length > 0 && maxLifetime !== undefined) {
    return savePaths.map((savePath) => namedTarget(savePath, root, maxLifetime));
  }
  const { stores, warnings } = await discoverStores(options);
  if (savePaths.length === 0) {
    if (!quiet) tellWarnings(console, warnings);
    return stores.flatMap((store) => targetOf(store, maxLifetime) ?? []);
  }
  return Promise.all(
    savePaths.map(async (savePath) => {
      const directory = namedDirectory(savePath, root);
      const store =
        directory === undefined
          ? undefined
          : (knownByName(directory, stores) ?? (await knownByLook(directory, stores)));
      const { depth } = parseSavePath(savePath);
      const isKnown = store !== undefined && store.depth === depth;
      return (isKnown ? targetOf(store, maxLifetime) : null) ?? namedTarget(savePath, root, null);
    }),
  );
}

function namedTarget(
  savePath: Buffer,
  root: Buffer | null,
  maxLifetimeSeconds: number | null,
): StatisticsTarget {
  return {
    savePath,
    maxLifetimeSeconds,
    graceSeconds: 0,
    lifetimesByUid: new Map(),
    root: root === null ? null : { path: root, process: null },
    directory: null,
  };
}

/** A store that may not be collected can be counted all the same, where it is a directory. */
function targetOf(store: Store, maxLifetime: number | undefined): StatisticsTarget | null {
  const target = filesTarget(store);
  if (target !== null) {
    return maxLifetime === undefined
      ? target
      : { ...target, maxLifetimeSeconds: maxLifetime, lifetimesByUid: new Map() };
  }
  const directory = storeDirectory(store);
  if (directory === undefined || store.user === null || escapePath(directory) !== store.path) {
    return null;
  }
  const savePath = Buffer.concat([Buffer.from(`${store.depth};0600;`), directory]);
  return namedTarget(savePath, null, maxLifetime ?? null);
}
