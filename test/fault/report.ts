/**
 * What holds in every report, whatever has failed.
 */
import type { SweepReport } from '../../lib/index.js';
import { expectBalanced } from '../attack/sweeper.js';
import type { CliEnd } from '../support/cli.js';

/** The report of `sescle sweep --json`, of which every store's sums hold, and the totals'. */
export function soundReport({ text, stderr }: CliEnd): SweepReport {
  if (text === '') throw new Error(`no report: ${stderr}`);
  const report: SweepReport = JSON.parse(text);
  for (const counts of [...report.stores, report.totals]) expectBalanced(counts);
  return report;
}
