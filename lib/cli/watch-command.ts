/**
 * `sescle` and `sescle watch [SAVE_PATH...]`: the monitor, from its first line in the log to its last.
 *
 * Invariant: every store and its lifetime is told before the first session is removed. SIGTERM and
 * SIGINT end it within a second with status 0; SIGHUP has the stores found anew.
 */
import {
  eventLines,
  type LogLevel,
  type MonitorStatus,
  openLog,
  type Publication,
  publishStatus,
  type Watch,
  watch,
} from '../index.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import { formatElapsed } from './duration.js';
import { status } from './exit-status.js';
import { watchSignals } from './signals.js';
import { planSweep } from './sweep-plan.js';
import type { WatchFlags } from './watch-options.js';
import { plural } from './words.js';

const summaryMs = 60_000;

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
  const reload = () => running?.reload();
  process.on('SIGHUP', reload);
  const log = await openLog({
    isForPeople: console.isErrTerminal,
    level: levelOf(flags),
    write: (text) => console.err(text),
    now: Date.now,
  });
  let publication: Publication | undefined;
  let summary: NodeJS.Timeout | undefined;
  try {
    const { targets } =
      savePaths.length === 0 ? { targets: null } : await planSweep(savePaths, flags, abort.signal);
    running = await watch(targets, {
      maxLifetimeSeconds: flags.maxLifetime,
      discover: discoverOptions(flags),
      dryRun: flags.dryRun,
      threads: flags.threads,
      maxRemovalsPerSecond: flags.maxRate,
      isCourteous: flags.nice,
      indexLimit: flags.indexLimit,
      stateDirectory: flags.state,
      signal: abort.signal,
      onEvent: (event) => {
        for (const line of eventLines(event)) log.write(line);
      },
    });
    const watched = running;
    publication = await publishStatus({
      snapshot: () => watched.status(),
      http: flags.http,
      textfileDirectory: flags.textfile?.toString(),
      onTrouble: (text) => log.write({ level: 'warn', text }),
    });
    if (publication.address !== null) {
      log.write({ level: 'info', text: `answering at ${publication.address}` });
    }
    const tell = minuteSummaries(watched.status());
    summary = setInterval(() => {
      for (const text of tell(watched.status())) log.write({ level: 'info', text });
    }, summaryMs);
    await watched.ended;
    log.write({ level: 'info', text: lastWords(watched.status()) });
    return status.done;
  } catch (error) {
    // A discovery that was cut short by a signal rejects with whatever it pleases.
    if (abort.signal.aborted) return status.done;
    throw error;
  } finally {
    clearInterval(summary);
    await Promise.all([running?.stop(), publication?.close()]);
    process.off('SIGHUP', reload);
    signals.release();
  }
}

function levelOf({ quiet, verbose }: WatchFlags): LogLevel {
  if (quiet) return 'warn';
  return verbose > 0 ? 'debug' : 'info';
}

/** One line a minute for each store that something was removed from. */
function minuteSummaries(first: MonitorStatus): (now: MonitorStatus) => string[] {
  let before = removedIn(first);
  return (now) => {
    const after = removedIn(now);
    const lines = now.stores.flatMap(({ id, sessions }) => {
      const removed = (after.get(id) ?? 0) - (before.get(id) ?? 0);
      const left = sessions === null ? '' : `, ${plural(sessions, 'session')} left`;
      return removed > 0 ? [`${id}: removed ${plural(removed, 'session')} in a minute${left}`] : [];
    });
    before = after;
    return lines;
  };
}

function removedIn({ stores }: MonitorStatus): Map<string, number> {
  return new Map(stores.map(({ id, removed, wouldRemove }) => [id, removed + wouldRemove]));
}

function lastWords({ stores, startedAtMs, nowMs }: MonitorStatus): string {
  const removed = stores.reduce((sum, store) => sum + store.removed, 0);
  const latest = Math.max(0, ...stores.map(({ maxLatenessSeconds }) => maxLatenessSeconds ?? 0));
  const late = removed > 0 ? `, none later than ${latest.toFixed(2)} s` : '';
  return `ended after ${formatElapsed(nowMs - startedAtMs)}: removed ${plural(removed, 'session')} from ${plural(stores.length, 'store')}${late}`;
}
