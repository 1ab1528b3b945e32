/**
 * Errors, each one line on standard error: the thing, the reason, the remedy.
 *
 * Invariant: no line holds an unescaped name; every failure in a report is told here, and only here.
 */
import {
  hugeText,
  type StoreReport,
  type SweepFailure,
  type SweepReport,
  setAsideText,
} from '../index.js';
import type { Console } from './console.js';
import { formatDuration } from './duration.js';
import { chooseStyle } from './style.js';
import { plural } from './words.js';

type StoreFailures = Pick<StoreReport, 'path' | 'errors' | 'errorCount'>;

export interface Trouble {
  readonly reason: string;
  readonly remedy?: string | undefined;
}

/** Writes `sescle: REASON; REMEDY`. */
export function tellTrouble(console: Console, reason: string, remedy?: string): void {
  const name = chooseStyle(console.isErrTerminal, process.env).error('sescle:');
  console.err(`${name} ${reason}${remedy === undefined ? '' : `; ${remedy}`}\n`);
}

/** Writes `sescle: warning: REASON` for each. */
export function tellWarnings(console: Console, warnings: readonly string[]): void {
  for (const warning of warnings) tellTrouble(console, `warning: ${warning}`);
}

/**
 * What people should know of the system's clock.
 *
 * @param isStateWanted whether it is told that what is known of the clock could not be kept
 */
export function clockWarnings({ clock }: SweepReport, isStateWanted: boolean): string[] {
  const { grace, notKept } = clock;
  const lines: string[] = [];
  if (grace > 0) {
    const longer =
      grace === Number.MAX_SAFE_INTEGER
        ? 'the system clock is clearly wrong: nothing is treated as expired'
        : `the system clock was changed: sessions are kept ${formatDuration(grace)} longer until all older ones have expired`;
    lines.push(longer);
  }
  if (notKept !== null && isStateWanted) {
    lines.push(`a clock change before the next sweep will go unnoticed: ${notKept}`);
  }
  return lines;
}

/** A clock that is so far from ours is worth a word: rows expire by it. */
const toldClockSeconds = 2;

/** What people should know of single stores. */
export function storeWarnings({ stores }: SweepReport): string[] {
  return stores.flatMap(({ path, warnings, clockAheadSeconds: ahead }) => [
    ...warnings.map((warning) => `${path}: ${warning}`),
    ...(ahead === null || Math.abs(ahead) < toldClockSeconds
      ? []
      : [`${path}: ${clockText(ahead)}`]),
  ]);
}

function clockText(aheadSeconds: number): string {
  const by = formatDuration(Math.round(Math.abs(aheadSeconds)));
  return `the database's clock is ${by} ${aheadSeconds > 0 ? 'ahead of' : 'behind'} this machine's; its sessions expire by the database's`;
}

/** Sessions that a strict sweep has hidden from PHP and not come back to. */
export function setAsideWarnings({ stores }: SweepReport): string[] {
  return stores.flatMap(({ path, setAside }) =>
    setAside > 0 ? [setAsideText(path, setAside)] : [],
  );
}

/** Directories that every sweep reads for nothing. */
export function hugeWarnings({ stores }: SweepReport): string[] {
  return stores.flatMap(({ hugeDirectory }) =>
    hugeDirectory === null ? [] : [hugeText(hugeDirectory)],
  );
}

/**
 * What went wrong in a sweep, in order: stores that could not be swept, then failures at files.
 *
 * @param endedBy the signal that ended the sweep, if one did
 * @param isAborted whether the sweep was told to end: then an incomplete store needs no explanation
 */
export function sweepTroubles(
  report: SweepReport,
  endedBy: NodeJS.Signals | undefined,
  isAborted: boolean,
): Trouble[] {
  const troubles: Trouble[] = report.unusable.map(({ message, remedy }) => ({
    reason: message,
    remedy: remedy ?? undefined,
  }));
  for (const store of report.stores) {
    for (const trouble of failureTroubles(store)) troubles.push(trouble);
    if (!store.complete && !isAborted) {
      troubles.push({
        reason: `${store.path}: the sweep is incomplete: some directories could not be read completely`,
      });
    }
  }
  if (endedBy !== undefined) {
    troubles.push({
      reason: `ended by ${endedBy}: the report shows what was done so far`,
      remedy: 'run it again for the rest',
    });
  }
  return troubles;
}

/** What failed at the files of a store. */
export function failureTroubles(store: StoreFailures): Trouble[] {
  return [...store.errors.map(failureTrouble), ...unlistedTrouble(store)];
}

export function failureTrouble({
  path,
  syscall,
  message,
  code,
  count,
  remedy,
}: SweepFailure): Trouble {
  const others = count > 1 ? `, and ${plural(count - 1, 'more time')}` : '';
  return {
    reason: `${path}: ${syscall === '' ? '' : `${syscall}: `}${message} (${code})${others}`,
    remedy: remedy ?? undefined,
  };
}

function unlistedTrouble({ path, errors, errorCount }: StoreFailures): Trouble[] {
  const unlisted = errorCount - errors.reduce((sum, { count }) => sum + count, 0);
  return unlisted > 0 ? [{ reason: `${path}: ${plural(unlisted, 'failure')} of other kinds` }] : [];
}
