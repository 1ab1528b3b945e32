/**
 * What a store's index holds, for the status: counts by age and by expiry.
 *
 * Invariant: a walk over all sessions takes the event loop a hundredth of its time at most, however often
 * the status is asked for; in between the last one is told. Of a small store it takes no longer than the rest
 * of the status does: then nothing is kept in between.
 */
import type { Clock } from '../clock/clock.js';
import { verdictSecond } from '../clock/reading.js';
import type { SessionsByTime } from '../engine/engine.js';
import type { MonitoredStore } from './status.js';
import type { StorePasses } from './store-passes.js';

/** Of the status: a minute, 5, 15, 30 minutes, an hour, 6 hours, a day, a week. */
const ageBounds = [60, 300, 900, 1800, 3600, 21_600, 86_400, 604_800];
const expiryMinutes = 60;
const pausePerWalk = 100;
/** Ten thousand small stores' walks would be 10 MB. */
const worthKeepingMs = 1;
const notWalked: SessionsByTime = { ages: [], minutes: [] };

/** The part of the status that the index tells. */
export type IndexSnapshot = Pick<
  MonitoredStore,
  'indexBytes' | 'oldestAgeSeconds' | 'nextExpiryAt' | 'expiriesByMinute' | 'ages'
> & { readonly sessions: number | null };

export class StoreShape {
  readonly #passes: StorePasses;
  readonly #clock: Clock;
  #last: SessionsByTime | undefined;
  #notBeforeMs = 0;

  constructor(passes: StorePasses, clock: Clock) {
    this.#passes = passes;
    this.#clock = clock;
  }

  /** @param isWalked else the lists that only a walk over all sessions tells are empty */
  snapshot(isWalked: boolean): IndexSnapshot {
    const nowSeconds = verdictSecond(this.#clock.now());
    const { sessions, bytes, nextDueSeconds, oldestMtimeSeconds } = this.#passes.status();
    const { ages, minutes } = isWalked ? this.#walk(nowSeconds) : notWalked;
    return {
      sessions,
      indexBytes: bytes,
      oldestAgeSeconds:
        oldestMtimeSeconds === null ? null : Math.max(0, nowSeconds - oldestMtimeSeconds),
      nextExpiryAt: nextDueSeconds,
      expiriesByMinute: minutes,
      ages: ages.map((count, at) => ({ upToSeconds: ageBounds[at] ?? null, sessions: count })),
    };
  }

  #walk(nowSeconds: number): SessionsByTime {
    const beganMs = this.#clock.sinceBoot();
    if (this.#last !== undefined && beganMs < this.#notBeforeMs) return this.#last;
    const asked = { nowSeconds, agesSeconds: ageBounds, minutes: expiryMinutes };
    const walked = this.#passes.shape(asked);
    const endedMs = this.#clock.sinceBoot();
    const tookMs = endedMs - beganMs;
    this.#last = tookMs < worthKeepingMs ? undefined : walked;
    this.#notBeforeMs = endedMs + pausePerWalk * tookMs;
    return walked;
  }
}
