/**
 * The share of each store's sessions that one of several hosts handles, written I/N: share I of N, from 0.
 *
 * Invariant: what passes here has a count of at least 1 and an index below it. Which sessions a share
 * holds is decided below, by the name alone: native/core/shard.h, and lib/tables/row-shard.ts for rows.
 */
import { invalidArgument } from '../errors.js';
import { wholeNumber } from './numbers.js';

export interface Shard {
  /** From 0. */
  readonly index: number;
  /** How many shares there are. */
  readonly count: number;
}

/** As native/core/shard.h has it. */
const mostShards = 1_000_000;

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** Why a text is no shard, as the end of a sentence, and what to write. */
export interface NoShard {
  readonly reason: string;
  readonly remedy: string;
}

/** @param text as `0/16` */
export function parseShard(text: string): Shard | NoShard {
  const [, first, second] = /^([0-9]{1,15})\/([0-9]{1,15})$/.exec(text) ?? [];
  if (first === undefined || second === undefined) {
    return { reason: 'is not of the form I/N', remedy: 'write two whole numbers, as 0/16' };
  }
  const index = Number(first);
  const count = Number(second);
  if (count < 1 || count > mostShards) {
    return {
      reason: `has ${count} shards`,
      remedy: `write from 1 to ${mostShards} after the slash`,
    };
  }
  if (index < count) return { index, count };
  return {
    reason: 'names a shard that does not exist: they are numbered from 0',
    remedy: `write a number from 0 to ${count - 1} before the slash`,
  };
}

/**
 * @param shard what a caller gave; undefined and null: nothing
 * @throws SescleError ERR_INVALID_ARGUMENT
 */
export function checkShard(shard: unknown): Shard | null {
  if (shard === undefined || shard === null) return null;
  if (typeof shard !== 'object') throw invalidArgument('shard', 'null, or { index, count }', shard);
  const given = shard as Partial<Record<keyof Shard, unknown>>;
  const count = wholeNumber('shard.count', given.count, { min: 1, max: mostShards });
  const index = wholeNumber('shard.index', given.index, { min: 0, max: count - 1 });
  return { index, count };
}
