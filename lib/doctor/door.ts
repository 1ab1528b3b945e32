/**
 * `examine()`: the public door to the doctor. What does the work is loaded when it is called.
 */
import type { Examination, ExamineOptions } from './examine.js';

export type { Examination, ExamineOptions } from './examine.js';

/**
 * Looks at every store of this machine, at what cleans it, and for directories that nobody knows.
 *
 * @throws SescleError as discoverStores()
 */
export async function examine(options: ExamineOptions = {}): Promise<Examination> {
  const doctor = await import('./examine.js');
  return doctor.examine(options);
}
