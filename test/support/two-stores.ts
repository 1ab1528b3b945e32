/**
 * Two stores with the same contents, one for PHP's collector and one for a sweep, where the two are
 * meant to differ (or to agree) about a single thing.
 *
 * Invariant: both are collected with the same lifetime, and what is left is read from the disk.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type SweepReport, sweep } from '../../lib/index.js';
import type { Php } from './php.js';

export interface TwoStores {
  readonly forPhp: string;
  readonly forSescle: string;
}

export interface Outcome {
  readonly keptByPhp: readonly string[];
  /** What session_gc() returned. */
  readonly removedByPhp: number | false;
  readonly keptBySescle: readonly string[];
  readonly report: SweepReport;
}

export function twoStores(base: string): TwoStores {
  const stores = { forPhp: path.join(base, 'php'), forSescle: path.join(base, 'sescle') };
  for (const store of Object.values(stores)) mkdirSync(store);
  return stores;
}

/** @param savePathPrefix what stands before the directory in the save path, as `1;` */
export async function collectBoth(
  php: Php,
  stores: TwoStores,
  maxLifetimeSeconds: number,
  savePathPrefix = '',
): Promise<Outcome> {
  const collection = await php.collectOne(savePathPrefix + stores.forPhp, maxLifetimeSeconds);
  const report = await sweep(savePathPrefix + stores.forSescle, {
    maxLifetimeSeconds,
    clock: () => collection.before,
  });
  return {
    keptByPhp: filesBelow(stores.forPhp),
    removedByPhp: collection.removed,
    keptBySescle: filesBelow(stores.forSescle),
    report,
  };
}

/** Sorted names of everything in a directory, those in directories below it with their path. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}
