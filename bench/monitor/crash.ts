/**
 * Whether kill -9 does any harm: the monitor is started and killed at a random moment, again and
 * again, while PHP creates sessions, keeps some alive and leaves the others to expire.
 *
 * Invariant: what PHP keeps alive must be there at each of its visits, whatever was killed when; and
 * one start that is not killed must leave nothing that is due, and nothing that no session is.
 */
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem, type FileSystemName } from '../file-systems.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { quantile } from '../statistics.js';
import { formatCount } from '../table.js';
import { isScanned, Monitor, stateDirectory } from './monitor.js';
import { visitorUid } from './spread.js';
import { problemOf, requireFileSystem } from './trial.js';
import { Visitors, type Visits, whyNoVisitors } from './visitors.js';

export interface CrashSettings {
  readonly times: number;
  readonly lifetime: number;
  /** Sessions created a second. */
  readonly rate: number;
  /** Milliseconds: the longest that a monitor lives. */
  readonly within: number;
  readonly fs: FileSystemName;
  /** What the monitor is told, in place of the truth. */
  readonly toldLifetime?: number;
}

/** Of the sessions that are created: those that are touched again while they live. */
const keepShare = 0.02;
const minutesOfRoom = 10;
const readyPatienceSeconds = 60;
/** After this long nothing that was due may be left. */
const cleanPatienceMs = 15_000;

export function crashTrial(settings: CrashSettings): Trial {
  return { name: 'crash', settings: { ...settings }, run: (given) => run(settings, given) };
}

interface Lives {
  /** Milliseconds from the start to the kill. */
  readonly livedMs: number[];
  /** Those that had said which store they watch; then they had begun to look. */
  readonly hadBegun: number;
  /** Those that ended by themselves. */
  readonly ended: string[];
}

async function run(settings: CrashSettings, surroundings: Surroundings): Promise<Outcome> {
  const { fs, rate, lifetime, toldLifetime } = settings;
  requireFileSystem(fs);
  const reason = whyNoVisitors();
  if (reason !== undefined) throw new Error(reason);
  const { workplace, signal, progress } = surroundings;
  await using fileSystem = new FileSystem(fs, workplace, rate * 60 * minutesOfRoom, 200);
  await fileSystem.renew();
  const store = path.join(fileSystem.mountPoint, 'sessions');
  mkdirSync(store);
  // As Debian's /var/lib/php/sessions.
  chmodSync(store, visitorUid === undefined ? 0o700 : 0o1733);
  const scratch = path.join(workplace, 'scratch');
  mkdirSync(scratch, { mode: 0o755 });
  const start = (): Promise<Monitor> =>
    Monitor.start({ argv: ['-l', String(toldLifetime ?? lifetime), store], scratch });

  await using visitors = await Visitors.start(
    {
      savePath: store,
      lifetimeSeconds: lifetime,
      picks: [],
      touchBeforeSeconds: [0, 0],
      touchEverySeconds: lifetime * 0.75,
      createPerSecond: rate,
      keepShare,
    },
    scratch,
  );
  await sleep(lifetime * 1000, undefined, { signal });
  const lives = await killAgainAndAgain(start, settings, surroundings);
  visitors.requireRunning();

  progress('the last start');
  await using monitor = await start();
  await monitor.until(isScanned, { signal, seconds: readyPatienceSeconds });
  await sleep((lifetime + 1) * 1000, undefined, { signal });
  const visits = await visitors.end();
  const gone = missing(store, visits);
  const left = await whatIsLeft(store, { lifetime, signal });
  const {
    stores: [status],
  } = await monitor.status();
  await monitor.stop();
  const inState = readdirSync(stateDirectory(scratch));
  const problems = [
    ...problemOf('sessions were gone while PHP kept them alive', visits.lost),
    ...problemOf('sessions that PHP kept alive were gone at the end', gone),
    ...problemOf('monitors ended by themselves', lives.ended),
    ...problemOf('files are left in the store', left),
    ...(status?.removed ? [] : ['the last start removed nothing']),
    ...(lives.hadBegun > 0 ? [] : ['each was killed before it had begun: give a longer --within']),
  ];
  return {
    lines: linesOf(lives, visits, inState),
    figures: {
      livedMs: lives.livedMs,
      hadBegun: lives.hadBegun,
      created: visits.created,
      touched: visits.touched,
      late: visits.doubtful.size - visits.lost.length,
      held: visits.held.size,
      lost: visits.lost.length + gone.length,
      left: left.length,
      inState,
      removedByTheLast: status?.removed,
      skippedByTheLast: status?.skipped,
    },
    problems,
  };
}

async function killAgainAndAgain(
  start: () => Promise<Monitor>,
  { times, within }: CrashSettings,
  { signal, progress }: Surroundings,
): Promise<Lives> {
  const livedMs: number[] = [];
  const ended: string[] = [];
  let hadBegun = 0;
  for (let i = 0; i < times; i++) {
    const life = Math.random() * within;
    await using monitor = await start();
    await sleep(Math.max(0, monitor.startedAtMs + life - Date.now()), undefined, { signal });
    if (monitor.hasEnded) ended.push(monitor.log().slice(-300));
    await monitor.kill();
    livedMs.push(life);
    if (monitor.log().includes('watching')) hadBegun++;
    if ((i + 1) % 10 === 0) progress(`killed ${i + 1} times`);
  }
  return { livedMs, hadBegun, ended };
}

/** Sessions that PHP touched last so short a while ago that they cannot be due. */
function missing(store: string, { held }: Visits): string[] {
  const nowSeconds = Date.now() / 1000;
  const there = new Set(readdirSync(store, 'latin1'));
  return [...held]
    .filter(([id, until]) => until > nowSeconds && !there.has(`sess_${id}`))
    .map(([id]) => id);
}

/** Once nobody visits any more everything expires: what is there after that. */
async function whatIsLeft(
  store: string,
  { lifetime, signal }: { readonly lifetime: number; readonly signal: AbortSignal },
): Promise<string[]> {
  await sleep((lifetime + 1) * 1000, undefined, { signal });
  for (const begin = Date.now(); ; await sleep(200, undefined, { signal })) {
    const left = readdirSync(store, 'latin1');
    if (left.length === 0 || Date.now() - begin > cleanPatienceMs) return left;
  }
}

function linesOf({ livedMs, hadBegun }: Lives, visits: Visits, inState: string[]): string[] {
  const sorted = livedMs.toSorted((a, b) => a - b);
  const at = (share: number): string => quantile(sorted, share).toFixed(0);
  return [
    `killed ${livedMs.length} times, after ${at(0)} to ${at(1)} ms (median ${at(0.5)}); ${hadBegun} had begun to look`,
    `PHP created ${formatCount(visits.created)} sessions, and touched ${formatCount(visits.held.size)} that it kept ${formatCount(visits.touched)} times; ${visits.doubtful.size - visits.lost.length} too late to tell`,
    `gone of what it kept: ${visits.lost.length}`,
    `in the state directory: ${inState.join(', ') || 'nothing'}`,
  ];
}
