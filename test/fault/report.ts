/**
 * A sweep that reports to the tests, and what holds in every report, whatever has failed.
 */
import type { SweepReport } from '../../lib/index.js';
import { expectBalanced } from '../attack/sweeper.js';
import { lifetimeSeconds } from '../attack/victims.js';
import type { CliEnd } from '../support/cli.js';

/** `sescle`'s words for a sweep of one store. */
export function sweepWords(store: string, ...options: readonly string[]): string[] {
  return ['sweep', '--json', '-l', String(lifetimeSeconds), ...options, store];
}

/** The report of `sescle sweep --json`, of which every store's sums hold, and the totals'. */
export function soundReport({ text, stderr }: CliEnd): SweepReport {
  if (text === '') throw new Error(`no report: ${stderr}`);
  const report: SweepReport = JSON.parse(text);
  for (const counts of [...report.stores, report.totals]) expectBalanced(counts);
  return report;
}
