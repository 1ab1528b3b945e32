/**
 * `sescle doctor`: flags to one examination, its findings to text or JSON, and their weight to the exit
 * status.
 *
 * Invariant: it only reads.
 */
import { examine, type Finding } from '../index.js';
import type { Console } from './console.js';
import { discoverOptions } from './discovery-options.js';
import type { DoctorFlags } from './doctor-options.js';
import { doctorReport } from './doctor-report.js';
import { tellWarnings } from './error-lines.js';
import { status } from './exit-status.js';
import { checkDirectory, checkNamedInputs } from './named-inputs.js';
import { chooseStyle } from './style.js';

/** Not those that an error of usage or of the machine has. */
const statusOf = { urgent: 5, warning: 4, note: status.done } as const;

/**
 * @returns the exit status
 * @throws UsageError; SescleError if the configuration cannot be used
 */
export async function doctorCommand(flags: DoctorFlags, console: Console): Promise<number> {
  await checkNamedInputs(flags);
  for (const directory of flags.search ?? []) await checkDirectory('--search', directory);
  const { search, patience: patienceSeconds } = flags;
  const examination = await examine({ ...discoverOptions(flags), search, patienceSeconds });
  if (flags.json) console.out(`${JSON.stringify(examination)}\n`);
  else if (!flags.quiet) {
    console.out(doctorReport(examination, chooseStyle(console.isOutTerminal, process.env)));
    tellWarnings(console, examination.warnings);
  }
  return severityStatus(examination.findings);
}

/** @param findings the worst first */
function severityStatus([worst]: readonly Finding[]): number {
  return worst === undefined ? status.done : statusOf[worst.severity];
}
