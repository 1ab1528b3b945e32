/**
 * `sescle sweep [SAVE_PATH...]`: flags to one call of sweep(), its report to text, JSON or NULs.
 *
 * Invariant: where --json or --print0 has standard output, nothing for people is written to it.
 */
import { type Store, type SweepReport, sweep, type Verdict } from '../index.js';
import type { Console } from './console.js';
import {
  clockWarnings,
  hugeWarnings,
  setAsideWarnings,
  storeWarnings,
  sweepTroubles,
  tellTrouble,
  tellWarnings,
} from './error-lines.js';
import { signalStatus, status, sweepStatus } from './exit-status.js';
import { listedVerdicts, listingLine, print0Bytes } from './listing.js';
import { checkNamedInputs } from './named-inputs.js';
import { stateDirectory } from './option-rows.js';
import type { SweepFlags } from './options.js';
import { ProgressLine, wantsProgress } from './progress-line.js';
import { shorterThanKnown } from './shorter-lifetime.js';
import { type SignalWatch, watchEnds } from './signals.js';
import { notCollectedText } from './stores-report.js';
import { chooseStyle } from './style.js';
import { planSweep, type SweepPlan } from './sweep-plan.js';
import { textReport } from './text-report.js';

/** How long a reader that does not read is waited for after a signal. */
const readerPatienceMs = 1000;

/**
 * @param savePaths as they were given, byte for byte; none: every store that is found
 * @returns the exit status
 * @throws UsageError if a lifetime is not known; SescleError if the configuration cannot be used
 */
export async function sweepCommand(
  savePaths: readonly Buffer[],
  flags: SweepFlags,
  console: Console,
): Promise<number> {
  const ends = watchEnds(console);
  const tellPeople = peopleStream(flags, console);
  const progress = wantsProgress(flags, console.isErrTerminal)
    ? new ProgressLine(console, flags.dryRun)
    : undefined;
  try {
    await checkNamedInputs(flags);
    const plan = await planUnlessEnded(savePaths, flags, ends.signal);
    if (plan === undefined) return tellEndedEarly(ends, console);
    if (!flags.quiet) tellWarnings(console, plan.warnings);
    if (plan.targets.length === 0) return tellNoStore(plan, flags, tellPeople, console);
    const shorter = flags.quiet ? undefined : shorterThanKnown(savePaths, flags);
    const report = await sweep(plan.targets, {
      maxLifetimeSeconds: flags.maxLifetime,
      dryRun: flags.dryRun,
      strict: flags.strict,
      threads: flags.threads,
      shard: flags.shard,
      nice: flags.nice,
      isAllOrNone: savePaths.length > 0,
      maxRemovalsPerSecond: flags.maxRate,
      signal: ends.signal,
      stateDirectory: stateDirectory(flags),
      onProgress: progress && ((counts) => progress.show(counts)),
      listVerdicts: listedVerdicts(flags),
      onVerdict: (verdict, path) => {
        list(verdict, path, flags, tellPeople, console);
        return console.room();
      },
    });
    progress?.clear();
    tellWarnings(console, (await shorter) ?? []);
    if (!flags.quiet) {
      tellWarnings(console, [
        ...clockWarnings(report, wantsState(flags)),
        ...setAsideWarnings(report),
        ...hugeWarnings(report),
        ...storeWarnings(report),
      ]);
    }
    tellReport(report, plan, flags, tellPeople, console);
    for (const { reason, remedy } of sweepTroubles(report, ends.caught, ends.signal.aborted)) {
      tellTrouble(console, reason, remedy);
    }
    for (const { path, reason } of plan.notCollected.filter(isMissed)) {
      tellTrouble(
        console,
        `${path}: ${reason}`,
        'correct its [[store]] in sescle.toml, or mount it',
      );
    }
    if (plan.targets.length > 1 && report.stores.length === 0 && report.unusable.length > 0) {
      tellTrouble(
        console,
        'nothing was swept',
        'correct the paths that you named, and sweep again',
      );
    }
    await written(console, ends.signal);
    return sweepStatus(report, ends.caught);
  } finally {
    progress?.clear();
    ends.release();
  }
}

/** Whether sescle.toml wants it swept, and something is in the way. */
function isMissed({ isBlocked, isNamed }: Store): boolean {
  return isBlocked && isNamed;
}

/** A user who sweeps their own store without a directory for it need not hear of it each time. */
function wantsState({ state, verbose }: SweepFlags): boolean {
  return state !== undefined || verbose > 0 || process.geteuid?.() === 0;
}

/** Undefined if it was told to end before it knew what to sweep. */
async function planUnlessEnded(
  savePaths: readonly Buffer[],
  flags: SweepFlags,
  signal: AbortSignal,
): Promise<SweepPlan | undefined> {
  try {
    return await planSweep(savePaths, flags, signal);
  } catch (error) {
    // Whatever a search that was cut short rejects with.
    if (signal.aborted) return undefined;
    throw error;
  }
}

function tellEndedEarly({ caught }: SignalWatch, console: Console): number {
  if (caught === undefined) return status.done;
  tellTrouble(console, `ended by ${caught} before anything was swept`, 'sweep again');
  return signalStatus(caught);
}

function tellNoStore(
  { notCollected }: SweepPlan,
  flags: SweepFlags,
  people: PeopleStream,
  console: Console,
): number {
  if (!flags.json && !flags.quiet) people.write(notCollectedText(notCollected, flags.verbose));
  tellTrouble(
    console,
    notCollected.length === 0
      ? 'no session store was found'
      : 'no store was found that sescle may clean',
    notCollected.length === 0
      ? "give PHP's session.save_path and its lifetime, as: sescle sweep -l 24m /var/lib/php/sessions"
      : 'see sescle stores for the reasons',
  );
  return status.noStore;
}

/** Waits until everything is written; once the sweep was told to end, not for ever. */
async function written(console: Console, signal: AbortSignal): Promise<void> {
  const giveUp = () => setTimeout(() => console.abandon(), readerPatienceMs).unref();
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  await console.drained();
}

/** Text for people, and the stream's way to take it. */
interface PeopleStream {
  readonly isTerminal: boolean;
  write(text: string): void;
}

function peopleStream({ json, print0 }: SweepFlags, console: Console): PeopleStream {
  return json || print0
    ? { isTerminal: console.isErrTerminal, write: (text) => console.err(text) }
    : { isTerminal: console.isOutTerminal, write: (text) => console.out(text) };
}

function list(
  verdict: Verdict,
  path: Buffer,
  flags: SweepFlags,
  people: PeopleStream,
  console: Console,
): void {
  const bytes = flags.print0 ? print0Bytes(verdict, path) : undefined;
  if (bytes !== undefined) console.out(bytes);
  const line = listingLine(
    verdict,
    path,
    flags.verbose,
    chooseStyle(people.isTerminal, process.env),
  );
  if (line !== undefined) people.write(`${line}\n`);
}

function tellReport(
  report: SweepReport,
  { followed, notCollected }: SweepPlan,
  flags: SweepFlags,
  people: PeopleStream,
  console: Console,
): void {
  if (flags.json) {
    console.out(`${JSON.stringify(report)}\n`);
  } else if (!flags.quiet) {
    const style = chooseStyle(people.isTerminal, process.env);
    people.write(textReport(report, { verbosity: flags.verbose, style, followed }));
    if (notCollected.length > 0) people.write(`\n${notCollectedText(notCollected, flags.verbose)}`);
  }
}
