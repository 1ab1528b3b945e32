/**
 * The process in which discovery runs where it can hang: one question, one answer, then its end.
 *
 * Invariant: it never outlives its question by choice, and removes nothing.
 */
import { answerOnce } from '../apart/answer-once.js';
import { SescleError } from '../errors.js';
import { discoverHere } from './discover-here.js';
import type { DiscoveryQuestion } from './discover-options.js';
import { silentMounts } from './silent-mounts.js';
import type { Discovery } from './store.js';

export type DiscoveryAnswer =
  | { readonly discovery: Discovery }
  | {
      readonly refused: ConstructorParameters<typeof SescleError>;
      /** What an AggregateError as its cause consists of, which no message between processes keeps. */
      readonly several: readonly string[];
    };

const patienceMs = 2000;

answerOnce(answerTo);

async function answerTo(question: DiscoveryQuestion): Promise<DiscoveryAnswer> {
  try {
    return { discovery: await discoverHere(question, await silentMounts(patienceMs)) };
  } catch (error) {
    if (!(error instanceof SescleError)) throw error;
    const { message, code, errno, syscall, path, remedy, cause } = error;
    const several = cause instanceof AggregateError ? cause.errors : [];
    return {
      refused: [message, { code, errno, syscall, path, remedy }],
      several: several.map((one) => (one instanceof Error ? one.message : String(one))),
    };
  }
}
