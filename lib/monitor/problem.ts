/**
 * What keeps a store from being cleaned: in one word for lists, and in a line with the remedy.
 *
 * Invariant: pure; the word never says more than the line.
 */
import type { PassResult } from '../engine/engine.js';
import type { SescleError } from '../errors.js';
import type { Trouble } from './status.js';

export interface Problem {
  readonly trouble: Trouble;
  readonly text: string;
}

export const standsStill: Problem = {
  trouble: 'silent',
  text: 'its file system does not answer: a call has been waiting for half a minute',
};

/** Of a store that a pass could not come into at all. */
export function unusable({ code, message, remedy }: SescleError): Problem {
  return {
    trouble: troubleOf(code),
    text: remedy === undefined ? message : `${message}; ${remedy}`,
  };
}

/** Of a pass that did not come to its end. */
export function incompleteness({ failures }: Pick<PassResult, 'failures'>): Problem {
  const [first] = failures;
  if (first === undefined) {
    return { trouble: 'unreadable', text: 'some of its directories could not be read' };
  }
  const { path, message, remedy } = first;
  return {
    trouble: troubleOf(first.code),
    text: `${path}: ${message}${remedy === null ? '' : `; ${remedy}`}`,
  };
}

/** @param text null: what has expired can be removed */
export function unremovable(text: string | null): Problem | null {
  return text === null ? null : { trouble: 'unremovable', text };
}

export function isGivenUp({ failures }: PassResult): boolean {
  return failures.some(({ code }) => code === 'ERR_NOT_ANSWERING');
}

/** Of a file system, and of a database's server. */
const unanswered: ReadonlySet<string> = new Set([
  'ERR_NOT_ANSWERING',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

function troubleOf(code: string): Trouble {
  if (code === 'ENOENT') return 'missing';
  if (unanswered.has(code)) return 'silent';
  return code.startsWith('ERR_') ? 'unusable' : 'unreadable';
}
