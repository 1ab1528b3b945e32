/**
 * `sescle` and `sescle watch [SAVE_PATH...]`: the monitor, from its first line in the log to its last.
 *
 * Invariant: a store and its lifetime are logged before its first session is removed; of many stores
 * only the first ten, with -v all. SIGTERM and SIGINT end it within a second with status 0; SIGHUP looks for
 * stores again.
 */
import {
  eventLines,
  type LogLevel,
  type LogLine,
  MinuteLog,
  type MonitorEvent,
  type MonitorStatus,
  openLog,
  type Publication,
  publishStatus,
  SescleError,
  type Store,
  serviceManager,
  statusLine,
  type Watch,
  watch,
} from '../index.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { formatElapsed } from './duration.js';
import { status } from './exit-status.js';
import { FirstScans } from './first-scans.js';
import { giveMemoryBack } from './give-memory-back.js';
import { checkNamedInputs } from './named-inputs.js';
import { stateDirectory } from './option-rows.js';
import { watchSignals } from './signals.js';
import { checkSavePaths, planSweep, requireAllKnown, shorterThanOwn } from './sweep-plan.js';
import { UsageError } from './usage-error.js';
import type { WatchFlags } from './watch-options.js';
import { plural } from './words.js';

const summaryMs = 60_000;
/** How soon the service manager is told what has become of the stores' health. */
const statusPauseMs = 200;
const changesHealth: readonly MonitorEvent['kind'][] = [
  'failing',
  'recovered',
  'gone',
  'blocked',
  'clock-set',
  'clock-not-kept',
  'discovered',
  'not-discovered',
];

/**
 * @param savePaths as they were given, byte for byte; none: every store that is found
 * @returns the exit status
 * @throws UsageError, SescleError if what is to be watched cannot be told
 */
export async function watchCommand(
  savePaths: readonly Buffer[],
  flags: WatchFlags,
  console: Console,
): Promise<number> {
  const abort = new AbortController();
  let running: Watch | undefined;
  const signals = watchSignals(() => abort.abort(), ['SIGINT', 'SIGTERM']);
  const log = await openLog({
    isForPeople: console.isErrTerminal,
    level: levelOf(flags),
    write: (text) => console.err(text),
    now: Date.now,
  });
  const manager = serviceManager({
    environment: process.env,
    pid: process.pid,
    onTrouble: (text) => log.write({ level: 'warn', text }),
  });
  const minute = new MinuteLog(flags.verbose > 0);
  let isReloadWanted = false;
  const reload = () => {
    isReloadWanted = running === undefined;
    if (running === undefined) return;
    manager.reloading();
    running.reload();
  };
  process.on('SIGHUP', reload);
  const tellStatus = (watched: Watch) => manager.status(() => statusLine(watched.summary()));
  let telling: NodeJS.Timeout | undefined;
  /** Once for what happens at about the same time. */
  const tellManager = () => {
    telling ??= setTimeout(() => {
      telling = undefined;
      if (running !== undefined) tellStatus(running);
    }, statusPauseMs);
  };
  const firstScans = new FirstScans(() => giveMemoryBack());
  let publication: Publication | undefined;
  let closing: Promise<void> | undefined;
  let summary: NodeJS.Timeout | undefined;
  try {
    await checkNamedInputs(flags);
    if (!flags.wait) checkSavePaths(savePaths, flags.root);
    const isGiven = savePaths.length > 0 && flags.maxLifetime !== undefined;
    const plan = isGiven ? await planSweep(savePaths, flags, abort.signal) : null;
    const discover = discoverOptions(flags);
    const root = discover.root ?? null;
    running = await watch(plan?.targets ?? null, {
      maxLifetimeSeconds: flags.maxLifetime,
      discover,
      choose: async (stores) => {
        const chosen =
          savePaths.length === 0
            ? stores.filter(({ target }) => target !== null)
            : await chooseNamed(savePaths, stores, root, running !== undefined);
        for (const text of shorterThanOwn(chosen, flags)) log.write({ level: 'warn', text });
        return chosen;
      },
      dryRun: flags.dryRun,
      strict: flags.strict,
      threads: flags.threads,
      shard: flags.shard,
      maxRemovalsPerSecond: flags.maxRate,
      nice: flags.nice,
      indexLimit: flags.indexLimit,
      stateDirectory: stateDirectory(flags),
      signal: abort.signal,
      onEvent: (event) => {
        if (minute.admits(event)) for (const line of eventLines(event)) log.write(line);
        const isReloaded = event.kind === 'discovered' || event.kind === 'not-discovered';
        if (isReloaded && running !== undefined) manager.ready();
        if (changesHealth.includes(event.kind)) tellManager();
        firstScans.add(event);
      },
    });
    const watched = running;
    if (isReloadWanted) reload();
    publication = await publishStatus({
      snapshot: () => watched.status(),
      summary: () => watched.summary(),
      counts: () => watched.counts(),
      store: (id) => watched.store(id),
      http: flags.http,
      textfileDirectory: flags.textfile?.toString(),
      onTrouble: (text) => log.write({ level: 'warn', text }),
    });
    if (publication.address !== null) {
      log.write({ level: 'info', text: `answering at ${publication.address}` });
    }
    manager.ready();
    tellStatus(watched);
    for (const line of minute.lines(watched.counts())) log.write(line);
    summary = setInterval(() => {
      for (const line of minute.lines(watched.counts())) log.write(line);
      tellStatus(watched);
    }, summaryMs);
    // Whoever is connected is not waited for after the stores, but meanwhile.
    abort.signal.addEventListener('abort', () => {
      manager.stopping();
      closing = publication?.close();
    });
    await watched.ended;
    log.write(lastWords(watched.summary()));
    return status.done;
  } catch (error) {
    // A discovery that was cut short by a signal rejects with whatever it pleases.
    if (abort.signal.aborted) return status.done;
    throw error;
  } finally {
    clearInterval(summary);
    clearTimeout(telling);
    firstScans.end();
    manager.close();
    await Promise.all([running?.stop(), closing ?? publication?.close()]);
    process.off('SIGHUP', reload);
    signals.release();
  }
}

/** @param isReload then what was asked for is no longer the user's fault */
async function chooseNamed(
  savePaths: readonly Buffer[],
  stores: readonly Store[],
  root: Buffer | null,
  isReload: boolean,
): Promise<readonly Store[]> {
  try {
    return await requireAllKnown(savePaths, stores, root);
  } catch (error) {
    if (!isReload || !(error instanceof UsageError)) throw error;
    const { message, remedy } = error;
    throw new SescleError(message, { code: 'ERR_LIFETIME_UNKNOWN', remedy });
  }
}

function levelOf({ quiet, verbose }: WatchFlags): LogLevel {
  if (quiet) return 'warn';
  return verbose > 0 ? 'debug' : 'info';
}

function lastWords({ stores, startedAtMs, nowMs }: MonitorStatus): LogLine {
  const removed = stores.reduce((sum, store) => sum + store.removed, 0);
  const latest = stores.reduce((most, store) => Math.max(most, store.maxLatenessSeconds ?? 0), 0);
  const late = removed > 0 ? `, none later than ${latest.toFixed(2)} s` : '';
  const text = `ended after ${formatElapsed(nowMs - startedAtMs)}: removed ${plural(removed, 'session')} from ${plural(stores.length, 'store')}${late}`;
  return {
    level: 'info',
    text,
    fields: {
      event: 'ended',
      stores: stores.length,
      removed,
      maxLatenessSeconds: latest,
      durationMs: nowMs - startedAtMs,
    },
  };
}
