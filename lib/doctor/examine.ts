/**
 * `examine()`: what is wrong with this machine's sessions, the worst first.
 *
 * Invariant: it only reads; every check sees the same facts, and none looks at anything itself.
 */
import { collectionFindings } from './checks/collection.js';
import { directoryFindings } from './checks/directory.js';
import { forgottenFindings } from './checks/forgotten.js';
import { networkFindings } from './checks/network.js';
import { quotaFindings } from './checks/quotas.js';
import { spaceFindings } from './checks/space.js';
import { tableFindings } from './checks/tables.js';
import { timeFindings } from './checks/time.js';
import { type ExamineOptions, type Facts, gatherFacts } from './facts.js';
import { type Finding, worstFirst } from './finding.js';

export type { ExamineOptions } from './facts.js';

/** What `sescle doctor --json` prints. */
export interface Examination {
  readonly version: 1;
  readonly examinedAt: string;
  /** How many stores were looked at. */
  readonly stores: number;
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** What could not be read, and may hide findings. */
  readonly warnings: readonly string[];
}

const checks: readonly ((facts: Facts) => Finding[])[] = [
  networkFindings,
  spaceFindings,
  quotaFindings,
  collectionFindings,
  directoryFindings,
  tableFindings,
  timeFindings,
  forgottenFindings,
];

/**
 * Looks at every store of this machine, at what cleans it, and for directories that nobody knows.
 *
 * @throws SescleError as discoverStores()
 */
export async function examine(options: ExamineOptions = {}): Promise<Examination> {
  const facts = await gatherFacts(options);
  return {
    version: 1,
    examinedAt: new Date(facts.nowMs).toISOString(),
    stores: facts.stores.length,
    findings: findingsOf(facts),
    // Other collectors are findings.
    warnings: facts.warnings.filter((warning) => !facts.collectors.includes(warning)),
  };
}

/** Apart from examine(), so that tests can act a machine. */
export function findingsOf(facts: Facts): Finding[] {
  return worstFirst(checks.flatMap((check) => check(facts)));
}
