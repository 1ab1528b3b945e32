/**
 * A request to the addon, as lib/sweep makes it for a plain store of PHP's.
 */
import type { NativeOrder, NativePlace, NativeSweepRequest } from '../../../lib/native/boundary.js';
import { loadAddon } from '../../../lib/native/load.js';
import { profiles } from '../../../lib/stores/profiles.js';

export function placeFor(store: string): NativePlace {
  const { prefix, alphabet, minLength, maxLength } = profiles.php.shape;
  return {
    root: Buffer.alloc(0),
    rootPid: 0,
    rootStartTicks: 0,
    path: Buffer.from(store),
    directory: null,
    depth: 0,
    shape: {
      prefix: Buffer.from(prefix),
      alphabet: Buffer.from(alphabet),
      minLength,
      maxLength,
    },
  };
}

/** A sweep by a lifetime of 1,440 seconds, with one thread. */
export function requestFor(store: string, order: Partial<NativeOrder> = {}): NativeSweepRequest {
  const nowMs = Date.now();
  return {
    place: placeFor(store),
    shard: null,
    order: {
      nowSeconds: Math.floor(nowMs / 1000),
      maxLifetimeSeconds: 1440,
      graceSeconds: 0,
      lifetimesByUid: [],
      isUncertain: false,
      uncertainUids: [],
      dryRun: false,
      strict: false,
      limits: loadAddon().createLimits({ threads: 1, waitingThreads: 0, maxRemovalsPerSecond: 0 }),
      nice: false,
      threads: 1,
      nowMs,
      clockLeadMs: Math.round(nowMs - loadAddon().bootTimeMs()),
      pass: 'sweep',
      aheadSeconds: 0,
      list: [],
      bytesPerName: 0,
      ...order,
    },
    index: null,
  };
}
