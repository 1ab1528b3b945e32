/**
 * Reads the clock for every pass, notices that the system's clock was set, and keeps that from logging
 * everyone out.
 *
 * A clock that is set forward by J makes every session J older than it is. So all are given J beyond
 * their lifetimes, until the last of those that were written before has had its whole lifetime: what is
 * written after the jump does not expire before that, and so is not kept for longer.
 *
 * Invariant: a session that was live before the clock was set is not removed by that; a clock that is
 * older than this program removes nothing.
 */
import type { Clock } from './clock.js';
import { type ClockStep, graceEndsAtMs, graceOf, withStep } from './clock-steps.js';
import { type ClockReading, readBothClocks, verdictSecond } from './reading.js';

/** What is kept over a restart. */
export interface ClockMemory {
  /** /proc/sys/kernel/random/boot_id: sinceBoot() says nothing about another boot's. */
  readonly bootId: string;
  /** now() less sinceBoot(), in milliseconds. */
  readonly offsetMs: number;
  /** From the oldest to the newest. */
  readonly steps: readonly ClockStep[];
}

export interface ClockJump {
  readonly bySeconds: number;
  readonly graceSeconds: number;
}

/**
 * The engine allows a pass as much. NTP changes the pace of both clocks alike, so that only a step
 * moves one against the other; smaller steps count once they add up to this.
 */
const toleranceMs = 1000;
/** When this was written: any clock that says less is wrong. */
const writtenMs = Date.UTC(2026, 10, 1);

export class ClockGuard {
  readonly #clock: Clock;
  readonly #bootId: string;
  #offsetMs: number;
  #steps: readonly ClockStep[];

  /** @param memory of the last run; null: none, or it cannot be read */
  constructor(clock: Clock, bootId: string, memory: ClockMemory | null) {
    this.#clock = clock;
    this.#bootId = bootId;
    // The time in between is not known after a reboot, but what was given stays.
    this.#offsetMs = memory?.bootId === bootId ? memory.offsetMs : readBothClocks(clock).leadMs;
    this.#steps = memory?.steps ?? [];
  }

  /**
   * The one reading that a pass goes by: to be made before each.
   *
   * @param longestLifetimeSeconds of all stores as they are now, with its grace; not of those whose
   *   sessions never expire
   * @returns the reading, and the jump if the clock was set since the last one
   */
  read(longestLifetimeSeconds: number): {
    readonly reading: ClockReading;
    readonly jump: ClockJump | null;
  } {
    const { nowMs, leadMs } = readBothClocks(this.#clock);
    const jumpMs = leadMs - this.#offsetMs;
    const hasJumped = Math.abs(jumpMs) > toleranceMs;
    const bySeconds = Math.ceil(jumpMs / 1000);
    if (hasJumped) {
      this.#offsetMs = leadMs;
      this.#steps = withStep(this.#steps, { atMs: nowMs, bySeconds });
    }
    const graceSeconds =
      nowMs < writtenMs
        ? Number.MAX_SAFE_INTEGER
        : graceOf(this.#steps, nowMs, longestLifetimeSeconds);
    return {
      reading: {
        nowSeconds: verdictSecond(nowMs),
        nowMs: Math.round(nowMs),
        leadMs: Math.round(leadMs),
        graceSeconds,
      },
      jump: hasJumped ? { bySeconds, graceSeconds } : null,
    };
  }

  /** When the grace of a reading ends by itself, in milliseconds since 1970; null: it does not. */
  graceEndsAtMs({ nowMs }: ClockReading, longestLifetimeSeconds: number): number | null {
    return graceEndsAtMs(this.#steps, nowMs, longestLifetimeSeconds);
  }

  memory(): ClockMemory {
    return { bootId: this.#bootId, offsetMs: this.#offsetMs, steps: this.#steps };
  }
}
