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
import type { Clock } from './clock.js';

/** What is kept over a restart. */
export interface ClockMemory {
  /** /proc/sys/kernel/random/boot_id: sinceBoot() says nothing about another boot's. */
  readonly bootId: string;
  /** now() less sinceBoot(), in milliseconds. */
  readonly offsetMs: number;
  readonly graceSeconds: number;
  /** When the clock was last set forward, by what it says now; milliseconds since 1970. */
  readonly graceSinceMs: number;
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
  readonly #clock: Clock;
  readonly #bootId: string;
  #offsetMs: number;
  #graceSeconds = 0;
  #graceSinceMs = 0;
  #longestLifetimeSeconds = 0;

  /** @param memory of the last run; null: none, or it cannot be read */
  constructor(clock: Clock, bootId: string, memory: ClockMemory | null) {
    this.#clock = clock;
    this.#bootId = bootId;
    this.#offsetMs = this.#offset();
    if (memory === null) return;
    this.#graceSeconds = memory.graceSeconds;
    this.#graceSinceMs = memory.graceSinceMs;
    // The time in between is not known after a reboot, but what was given stays.
    if (memory.bootId === bootId) this.#offsetMs = memory.offsetMs;
  }

  /**
   * To be asked often: before each pass.
   *
   * @param longestLifetimeSeconds of all stores as they are now, with its grace; not of those whose
   *   sessions never expire
   * @returns the jump, if the clock was set since the last time
   */
  check(longestLifetimeSeconds: number): ClockJump | null {
    this.#longestLifetimeSeconds = longestLifetimeSeconds;
    const offsetMs = this.#offset();
    const jumpMs = offsetMs - this.#offsetMs;
    if (Math.abs(jumpMs) < leastJumpMs) {
      this.#offsetMs = offsetMs;
      return null;
    }
    // By the clock as it was, or the jump itself would end what was given before it.
    const nowMs = this.#clock.now();
    const given = this.#graceAt(nowMs - jumpMs);
    this.#offsetMs = offsetMs;
    const bySeconds = Math.ceil(jumpMs / 1000);
    this.#graceSeconds = Math.max(0, given + bySeconds);
    this.#graceSinceMs = bySeconds > 0 ? nowMs : this.#graceSinceMs + jumpMs;
    return { bySeconds, graceSeconds: this.graceSeconds };
  }

  /** Beyond every lifetime, for now: enough to keep everything where the clock cannot be right. */
  get graceSeconds(): number {
    const nowMs = this.#clock.now();
    return nowMs < writtenMs ? Number.MAX_SAFE_INTEGER : this.#graceAt(nowMs);
  }

  /** When that ends by itself, in milliseconds since 1970; null: there is nothing to end. */
  get graceEndsAtMs(): number | null {
    return this.#graceAt(this.#clock.now()) === 0 ? null : this.#graceUntilMs + 1;
  }

  memory(): ClockMemory {
    return {
      bootId: this.#bootId,
      offsetMs: this.#offsetMs,
      graceSeconds: this.#graceSeconds,
      graceSinceMs: this.#graceSinceMs,
    };
  }

  #graceAt(nowMs: number): number {
    return nowMs > this.#graceUntilMs ? 0 : this.#graceSeconds;
  }

  /** Until the last of the sessions from before has had its whole lifetime. */
  get #graceUntilMs(): number {
    return this.#graceSinceMs + (this.#longestLifetimeSeconds + 1) * 1000;
  }

  #offset(): number {
    return this.#clock.now() - this.#clock.sinceBoot();
  }
}
