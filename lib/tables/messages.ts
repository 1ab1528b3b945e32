/**
 * What the process that removes rows is asked, and what it answers: one line of JSON each.
 *
 * Invariant: both sides know these types only. What comes up is checked, since a server or a file that the
 * child had to do with may have taken it over: nothing in an answer names a path, a command or a store.
 */
import type { Shard } from '../engine/shard.js';
import type { TableFailure } from './failure.js';
import type { Login, TableSettings } from './settings.js';

/** Where the child learns how to log in: it was told, or it reads its own user's settings. */
export type LoginSource =
  | { readonly kind: 'told'; readonly login: Login }
  | { readonly kind: 'app'; readonly directory: string };

export interface Questions {
  /** A table is to be worked on under this number from now on. */
  open: { readonly source: LoginSource; readonly settings: TableSettings };
  /** A pass begins. */
  begin: BeginQuestion;
  /** Some rows more. */
  bite: BiteQuestion;
  close: object;
}

export interface BeginQuestion {
  readonly lifetimeSeconds: number;
  readonly graceSeconds: number;
  /** The only share of the rows that is touched; null: all are. */
  readonly shard: Shard | null;
}

export interface BiteQuestion {
  /** How many rows are looked at, at most, */
  readonly mostLooked: number;
  /** and how many of them are taken. */
  readonly mostTaken: number;
  /** Everything but the removal. */
  readonly dryRun: boolean;
  /** Whether ids are wanted. */
  readonly isListed: boolean;
}

export interface Opened {
  readonly server: string;
  readonly warnings: readonly string[];
}

export interface Begun {
  /** By how much the database's clock is ahead of this machine's. */
  readonly clockAheadMs: number;
  /** By the database's clock. */
  readonly nowMs: number;
  /** Whether an index serves; else every row has to be looked at. */
  readonly hasIndex: boolean;
  /** The CREATE INDEX that would help; null: none would, or there is one. */
  readonly helpfulIndex: string | null;
}

export interface Bitten {
  readonly removed: number;
  readonly inUse: number;
  readonly changed: number;
  readonly live: number;
  /** When those that were removed were due: seconds since 1970, and how many. */
  readonly dues: readonly (readonly [number, number])[];
  readonly removedIds: readonly string[];
  readonly inUseIds: readonly string[];
  /** Of the statements. */
  readonly longestMs: number;
  /** The pass is over; then when the next row is due, by the database's clock. Null: none is known. */
  readonly isDone: boolean;
  readonly nextDueSeconds: number | null;
}

export interface Answers {
  open: Opened;
  begin: Begun;
  bite: Bitten;
  close: object;
}

export type Op = keyof Questions;

export interface Message<O extends Op = Op> {
  /** Of the question. */
  readonly number: number;
  /** Of the table. */
  readonly store: number;
  readonly op: O;
  readonly question: Questions[O];
}

export type Reply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: TableFailure };

/** A line longer than this comes from no child of ours. */
export const longestLine = 2 ** 20;

const longestText = 2000;

/** @returns undefined for what is no reply */
export function replyOf(line: string): Reply | undefined {
  let reply: Partial<Record<string, unknown>>;
  try {
    reply = Object(JSON.parse(line));
  } catch {
    return undefined;
  }
  const { number, answer, failure } = reply;
  if (typeof number !== 'number') return undefined;
  if (failure === undefined) return { number, answer };
  const { code, message, remedy } = Object(failure);
  const isFailure =
    /^ERR_TABLE_[A-Z_]{1,30}$/.test(String(code)) &&
    isText(message) &&
    (remedy === null || isText(remedy));
  return isFailure ? { number, failure: { code, message, remedy } } : undefined;
}

/** Whether an answer is what the question may be answered with. */
export const isAnswer: { readonly [O in Op]: (answer: unknown) => boolean } = {
  open: (answer) => {
    const { server, warnings } = Object(answer) as Partial<Opened>;
    return isText(server) && isListOf(warnings, isText);
  },
  begin: (answer) => {
    const { clockAheadMs, nowMs, hasIndex, helpfulIndex } = Object(answer) as Partial<Begun>;
    return (
      isNumber(clockAheadMs) &&
      isNumber(nowMs) &&
      typeof hasIndex === 'boolean' &&
      (helpfulIndex === null || isText(helpfulIndex))
    );
  },
  bite: (answer) => {
    const bitten = Object(answer) as Partial<Bitten>;
    const { dues, removedIds, inUseIds, longestMs, isDone, nextDueSeconds } = bitten;
    const counts = [bitten.removed, bitten.inUse, bitten.changed, bitten.live];
    return (
      counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0) &&
      isListOf(dues, (due) => Array.isArray(due) && due.length === 2 && due.every(isNumber)) &&
      isListOf(removedIds, isText) &&
      isListOf(inUseIds, isText) &&
      isNumber(longestMs) &&
      typeof isDone === 'boolean' &&
      (nextDueSeconds === null || isNumber(nextDueSeconds))
    );
  },
  close: () => true,
};

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText;
}

function isListOf(list: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(isOne);
}
