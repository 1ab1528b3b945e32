/**
 * What --print0 and -vv to -vvvv list while the sweep goes on.
 *
 * Invariant: --print0 writes exact bytes, each path with one NUL behind it, and nothing else;
 * listings for people are escaped, one line a session.
 */
import { escapePath, type Verdict, verdicts } from '../index.js';
import type { SweepFlags } from './options.js';
import type { Style } from './style.js';
import { skipReasonWords } from './words.js';

const removals: readonly Verdict[] = ['removed', 'would_remove'];

/** The verdicts that these flags want to hear of. */
export function listedVerdicts({
  print0,
  verbose,
}: Pick<SweepFlags, 'print0' | 'verbose'>): Verdict[] {
  return verdicts.filter(
    (verdict) => (print0 && removals.includes(verdict)) || isTold(verdict, verbose),
  );
}

/** The line for one session, without its end; undefined where it is not told at this verbosity. */
export function listingLine(
  verdict: Verdict,
  path: Buffer,
  verbosity: number,
  style: Style,
): string | undefined {
  return isTold(verdict, verbosity) ? `${label(verdict, style)} ${escapePath(path)}` : undefined;
}

/** The bytes that --print0 writes for one session; undefined for sessions that stay. */
export function print0Bytes(verdict: Verdict, path: Buffer): Buffer | undefined {
  return removals.includes(verdict) ? Buffer.concat([path, Buffer.of(0)]) : undefined;
}

function isTold(verdict: Verdict, verbosity: number): boolean {
  if (removals.includes(verdict)) return verbosity >= 2;
  return verbosity >= (verdict === 'live' ? 4 : 3);
}

function label(verdict: Verdict, style: Style): string {
  switch (verdict) {
    case 'removed':
      return style.removed('removed');
    case 'would_remove':
      return style.removed('would remove');
    case 'live':
      return 'live';
    case 'vanished':
      return 'already gone';
    default:
      return `${style.kept('kept')}, ${skipReasonWords[verdict]}:`;
  }
}
