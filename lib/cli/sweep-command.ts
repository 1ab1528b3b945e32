/**
 * `sescle sweep SAVE_PATH...`: flags to one call of sweep(), its report to text, JSON or NULs.
 *
 * Invariant: where --json or --print0 has standard output, nothing for people is written to it.
 */
import { type SweepReport, sweep, type Verdict } from '../index.js';
import type { Console } from './console.js';
import { sweepTroubles, tellTrouble } from './error-lines.js';
import { sweepStatus } from './exit-status.js';
import { listedVerdicts, listingLine, print0Bytes } from './listing.js';
import type { SweepFlags } from './options.js';
import { ProgressLine, wantsProgress } from './progress-line.js';
import { watchSignals } from './signals.js';
import { chooseStyle } from './style.js';
import { textReport } from './text-report.js';
import { UsageError } from './usage-error.js';

/** How long a reader that does not read is waited for after a signal. */
const readerPatienceMs = 1000;

/**
 * @param savePaths as they were given, byte for byte
 * @returns the exit status
 * @throws UsageError if a save path or the lifetime is missing; SescleError if nothing can be swept
 */
export async function sweepCommand(
  savePaths: readonly Buffer[],
  flags: SweepFlags,
  console: Console,
): Promise<number> {
  const maxLifetimeSeconds = checkRequired(savePaths, flags);
  const abort = new AbortController();
  console.onReaderGone = () => abort.abort();
  const signals = watchSignals(() => abort.abort());
  const tellPeople = peopleStream(flags, console);
  const progress = wantsProgress(flags, console.isErrTerminal)
    ? new ProgressLine(console, flags.dryRun)
    : undefined;
  try {
    const report = await sweep(savePaths, {
      maxLifetimeSeconds,
      dryRun: flags.dryRun,
      threads: flags.threads,
      maxRemovalsPerSecond: flags.maxRate,
      signal: abort.signal,
      onProgress: progress && ((counts) => progress.show(counts)),
      listVerdicts: listedVerdicts(flags),
      onVerdict: (verdict, path) => {
        list(verdict, path, flags, tellPeople, console);
        return console.room();
      },
    });
    progress?.clear();
    tellReport(report, flags, tellPeople, console);
    for (const { reason, remedy } of sweepTroubles(report, signals.caught, abort.signal.aborted)) {
      tellTrouble(console, reason, remedy);
    }
    await written(console, abort.signal);
    return sweepStatus(report, signals.caught);
  } finally {
    progress?.clear();
    signals.release();
  }
}

/** Waits until everything is written; once the sweep was told to end, not for ever. */
async function written(console: Console, signal: AbortSignal): Promise<void> {
  const giveUp = () => setTimeout(() => console.abandon(), readerPatienceMs).unref();
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  await console.drained();
}

function checkRequired(savePaths: readonly Buffer[], { maxLifetime }: SweepFlags): number {
  if (savePaths.length === 0) {
    throw new UsageError(
      'no SAVE_PATH was given, and finding the stores is not part of this version yet',
      "give PHP's session.save_path, as: sescle sweep -l 24m /var/lib/php/sessions",
    );
  }
  if (maxLifetime === undefined) {
    throw new UsageError(
      'the lifetime of the sessions is not known, and sescle never guesses it',
      "give PHP's session.gc_maxlifetime with -l, as -l 1440 or -l 24m",
    );
  }
  return maxLifetime;
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
  flags: SweepFlags,
  people: PeopleStream,
  console: Console,
): void {
  if (flags.json) {
    console.out(`${JSON.stringify(report)}\n`);
  } else if (!flags.quiet) {
    const style = chooseStyle(people.isTerminal, process.env);
    people.write(textReport(report, { verbosity: flags.verbose, style }));
  }
}
