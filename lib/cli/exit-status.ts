/**
 * What the exit status says.
 *
 * Invariant: nothing that an unprivileged user can do in a directory of his own makes a sweep fail;
 * otherwise any user could fail root's timer. So a session that is kept, for whatever reason but a
 * failed removal, a file that may not be opened, and what the directory's owner, for whom root acts, may
 * not remove are no failures.
 */
import { constants } from 'node:os';
import type { SweepFailure, SweepReport } from '../index.js';
import { isMisnamed } from '../sweep/misnamed.js';

/** The statuses that have a name; a sweep ended by signal n exits with 128 + n. */
export const status = { done: 0, trouble: 1, usage: 2, noStore: 3 } as const;

/**
 * @param report what was done
 * @param endedBy the signal that ended the sweep, if one did
 */
export function sweepStatus(report: SweepReport, endedBy: NodeJS.Signals | undefined): number {
  if (endedBy !== undefined) return signalStatus(endedBy);
  const { stores, unusable, totals, complete } = report;
  if (stores.length === 0 && unusable.length > 0 && unusable.every(isMisnamed)) {
    return status.usage;
  }
  const errors = stores.flatMap((store) => store.errors);
  const hasTrouble =
    unusable.length > 0 ||
    !complete ||
    totals.skipped.failed > sumOf(errors.filter(isOwnersAffair)) ||
    errors.some(isTrouble);
  return hasTrouble ? status.trouble : status.done;
}

export function signalStatus(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** @param code how writing failed: after EPIPE a program ends as if by SIGPIPE, without a word */
export function streamFailureStatus(code: string, otherwise: number): number {
  if (code === 'EPIPE') return 128 + constants.signals.SIGPIPE;
  return otherwise === status.done ? status.trouble : otherwise;
}

/** How the engine calls what it tried in the name of a directory's owner. */
const asItsOwner = ' as its owner';

function isTrouble(failure: SweepFailure): boolean {
  return !isOwnersAffair(failure) && !(isDenied(failure) && failure.syscall.startsWith('open'));
}

function isOwnersAffair(failure: SweepFailure): boolean {
  return isDenied(failure) && failure.syscall.endsWith(asItsOwner);
}

function isDenied({ code }: SweepFailure): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

function sumOf(errors: readonly SweepFailure[]): number {
  return errors.reduce((sum, { count }) => sum + count, 0);
}
