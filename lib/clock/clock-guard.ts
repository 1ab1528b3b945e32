/**
 * Notices that the system's clock was set, and keeps that from logging everyone out.
 *
 * A clock that is set forward by J makes every session J older than it is. So all are given J beyond
 * their lifetimes, until the last of those that were written before has had its whole lifetime: what is
 * written after the jump does not expire before that, and so is not kept for longer.
 *
 * Invariant: a session that was live before the clock was set is not removed by that; a clock that is
 * older than this program removes nothing.
 */
import type { MonitorClock } from './clock.js';

/** What is kept over a restart. */
export interface ClockMemory {
  /** /proc/sys/kernel/random/boot_id: sinceBoot() says nothing about another boot's. */
  readonly bootId: string;
  /** now() less sinceBoot(), in milliseconds. */
  readonly offsetMs: number;
  readonly graceSeconds: number;
  /** Until when that holds, in milliseconds since 1970. */
  readonly graceUntilMs: number;
}

export interface ClockJump {
  readonly bySeconds: number;
  readonly graceSeconds: number;
}

/** Less than this is the work of NTP, or of the hundredths that sinceBoot() counts in. */
const leastJumpMs = 60_000;
/** When this was written: any clock that says less is wrong. */
const writtenMs = Date.UTC(2026, 10, 1);

export class ClockGuard {
  readonly #clock: MonitorClock;
  readonly #bootId: string;
  #offsetMs: number;
  #graceSeconds = 0;
  #graceUntilMs = 0;

  /** @param memory of the last run; null: none, or it cannot be read */
  constructor(clock: MonitorClock, bootId: string, memory: ClockMemory | null) {
    this.#clock = clock;
    this.#bootId = bootId;
    this.#offsetMs = this.#offset();
    if (memory === null) return;
    this.#graceSeconds = memory.graceSeconds;
    this.#graceUntilMs = memory.graceUntilMs;
    // The time in between is not known after a reboot, but what was given stays.
    if (memory.bootId === bootId) this.#offsetMs = memory.offsetMs;
  }

  /**
   * To be asked often: before each pass.
   *
   * @param longestLifetimeSeconds of all stores, with its grace
   * @returns the jump, if the clock was set since the last time
   */
  check(longestLifetimeSeconds: number): ClockJump | null {
    const offsetMs = this.#offset();
    const jumpMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    const nowMs = this.#clock.now();
    if (nowMs > this.#graceUntilMs) this.#graceSeconds = 0;
    if (Math.abs(jumpMs) < leastJumpMs) return null;
    const bySeconds = Math.ceil(jumpMs / 1000);
    this.#graceSeconds = Math.max(0, this.#graceSeconds + bySeconds);
    if (bySeconds > 0) this.#graceUntilMs = nowMs + (longestLifetimeSeconds + 1) * 1000;
    return { bySeconds, graceSeconds: this.#graceSeconds };
  }

  /** Beyond every lifetime, for now. */
  get graceSeconds(): number {
    return this.#graceSeconds;
  }

  /** Whether anything may be removed by this clock. */
  get isSane(): boolean {
    return this.#clock.now() >= writtenMs;
  }

  memory(): ClockMemory {
    return {
      bootId: this.#bootId,
      offsetMs: this.#offsetMs,
      graceSeconds: this.#graceSeconds,
      graceUntilMs: this.#graceUntilMs,
    };
  }

  #offset(): number {
    return this.#clock.now() - this.#clock.sinceBoot();
  }
}
