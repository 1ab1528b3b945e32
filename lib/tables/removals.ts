/**
 * How many rows may go, and when: by the limit that directories and tables of one call share.
 *
 * Invariant: what was granted is either used or given back.
 */
import type { NativeAddon, NativeLimits } from '../native/boundary.js';

export interface Granted {
  readonly count: number;
  /** Until they may go. */
  readonly waitMs: number;
  /** So many of them did. */
  readonly used: (count: number) => void;
}

export class Removals {
  readonly #addon: Pick<NativeAddon, 'takeRemovals' | 'giveBackRemovals'>;
  readonly #limits: NativeLimits;

  constructor(addon: Pick<NativeAddon, 'takeRemovals' | 'giveBackRemovals'>, limits: NativeLimits) {
    this.#addon = addon;
    this.#limits = limits;
  }

  /** @param most at least 1 */
  take(most: number): Granted {
    const { granted, turns, waitMs } = this.#addon.takeRemovals(this.#limits, most);
    const used = (count: number) => {
      if (count < turns.length) {
        this.#addon.giveBackRemovals(this.#limits, turns.subarray(count));
      }
    };
    return { count: granted, waitMs: Math.ceil(waitMs), used };
  }
}
