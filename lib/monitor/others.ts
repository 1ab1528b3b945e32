/**
 * Whether other monitors remove the sessions of a store, so that this one can leave it to them.
 *
 * There is no lock server and no word between monitors: they meet in the directory. A session that was still
 * there half a second before it was due, and is gone when we come to remove it, was removed by another. A
 * monitor that loses most sessions in that way leaves the store to the others: it looks at each session a while
 * after it was due (the lag), which is one call for one that is gone. A session that is still there would have
 * stayed: we remove it, and are back at once.
 *
 * All may leave at the same time. So the first lag is different for each and shorter than a second, and it grows
 * only while others are seen to remove: nothing is ever later than the lag.
 *
 * A session may also be gone because its user logged out. That is why a monitor that finds many gone looks at the
 * next ones shortly before they are due, and leaves only if those go.
 *
 * Invariant: it decides when this monitor looks, never what it removes.
 */
import type { PassResult } from '../engine/engine.js';

/** Half of them gone is what two monitors that are as fast as each other find. */
const leastShareLost = 0.5;
/** Below it, the other may be a user who logs out, or PHP's own collector. */
const leastShareContended = 0.05;
/** Others that leave more than this part behind are not at work any more. */
const mostShareLeft = 1 / 8;

/** Two that leave at once differ by this; both are back within the second. */
const firstLagMs = { least: 300, most: 800 };
/** How long a session stays where the others have ended. */
const lastLagMs = { least: 2000, most: 3500 };
const lagGrowth = 1.5;

/** After what was no other monitor, it is asked again so late, and later each time. */
const firstPauseMs = 10_000;
const longestPauseMs = 600_000;

type Counted = Pick<PassResult, 'counts'>;

/** What became of the question who removes here: nothing new, or one of these. */
export type Turn = 'left-to-others' | 'taken-over' | null;

export class Others {
  readonly #random: () => number;
  #lagMs = 0;
  #longestLagMs = 0;
  #leftSinceMs: number | null = null;
  /** Whether others were seen to remove since it was left to them. */
  #isConfirmed = false;
  #isSuspected = false;
  /** What was found by a look ahead, until its sessions were due. */
  #ahead: { readonly live: number; readonly vanished: number } | null = null;
  #pauseMs = firstPauseMs;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  /** @param random from 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** How long after it was due a session is looked at. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Since when the sessions are left to others; null: this monitor removes them. */
  get leftSinceMs(): number | null {
    return this.#leftSinceMs;
  }

  /** See PassOrder: what became due less than a second ago may be in the others' hands. */
  get aheadSeconds(): number {
    return this.#lagMs >= 1000 ? -1 : 0;
  }

  /** Whether the next sessions are to be looked at shortly before they are due. */
  get wantsLookAhead(): boolean {
    return this.#isSuspected && this.#ahead === null && this.#leftSinceMs === null;
  }

  /** The clock was set, or it is another directory: nothing is known any more. */
  forget(): void {
    this.#returnToWork();
    this.#pauseMs = firstPauseMs;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
  }

  #returnToWork(): void {
    this.#lagMs = 0;
    this.#leftSinceMs = null;
    this.#isSuspected = false;
    this.#ahead = null;
  }

  /** Sessions were looked at shortly before they are due. */
  addLookAhead({ counts: { live, vanished } }: Counted, nowMs: number): void {
    this.#ahead = { live, vanished };
    // Logged out, or removed by a clock that is ahead of ours: either way there is nobody to leave them to.
    if (live === 0) this.#acquit(nowMs);
  }

  /** Sessions were looked at because they were due. */
  addCollection({ counts: { removed, vanished } }: Counted, nowMs: number): Turn {
    if (removed + vanished === 0) return null;
    if (this.#leftSinceMs !== null) return this.#addChecked(removed, vanished, nowMs);
    if (this.#ahead === null) {
      if (vanished >= removed && nowMs >= this.#notBeforeMs) this.#isSuspected = true;
      return null;
    }
    const share = shareLost(this.#ahead, removed, vanished);
    this.#ahead = null;
    if (share < leastShareContended) {
      this.#acquit(nowMs);
    } else if (share >= leastShareLost && this.#random() < share) {
      return this.#leave(nowMs);
    }
    return null;
  }

  #addChecked(removed: number, vanished: number, nowMs: number): Turn {
    if (removed > vanished * mostShareLeft) {
      const wasConfirmed = this.#isConfirmed;
      this.#returnToWork();
      if (!wasConfirmed) this.#pause(nowMs);
      return 'taken-over';
    }
    this.#isConfirmed = true;
    this.#pauseMs = firstPauseMs;
    this.#lagMs = Math.min(this.#lagMs * lagGrowth, this.#longestLagMs);
    return null;
  }

  #leave(nowMs: number): Turn {
    this.#isSuspected = false;
    this.#isConfirmed = false;
    this.#leftSinceMs = nowMs;
    this.#lagMs = this.#between(firstLagMs);
    this.#longestLagMs = this.#between(lastLagMs);
    return 'left-to-others';
  }

  #acquit(nowMs: number): void {
    this.#isSuspected = false;
    this.#ahead = null;
    this.#pause(nowMs);
  }

  #pause(nowMs: number): void {
    this.#notBeforeMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  #between({ least, most }: { readonly least: number; readonly most: number }): number {
    return least + this.#random() * (most - least);
  }
}

/**
 * Which part of the sessions others removed when they were due. Those that nobody had looked at before are
 * taken to be as many users' logouts as the look ahead found.
 */
function shareLost(
  ahead: { readonly live: number; readonly vanished: number },
  removed: number,
  vanished: number,
): number {
  const unseen = Math.max(0, removed + vanished - ahead.live);
  const loggedOut = (unseen * ahead.vanished) / (ahead.live + ahead.vanished);
  const lost = Math.max(0, vanished - loggedOut);
  return lost + removed === 0 ? 0 : lost / (lost + removed);
}
