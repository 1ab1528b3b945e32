/**
 * The order of test files: the longest first, so that no processor is idle at the end.
 *
 * vitest knows how long a file took the last time. In a fresh clone it goes by the size, and these would be
 * among the last.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Small, and at work for half a minute or more. */
const longOnes = [
  'attack/endless-trees',
  'attack/held-sessions',
  'attack/watched-store',
  'cli/addon',
  'clock/set-in-mid-pass',
  'lifecycle/process-exit',
  'lifecycle/worker-threads',
  'tables/doctor',
].map((name) => `/test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => groupOf(a) - groupOf(b) || Number(isLong(b)) - Number(isLong(a)));
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

function isLong({ moduleId }: TestSpecification): boolean {
  return longOnes.some((name) => moduleId.endsWith(name));
}
