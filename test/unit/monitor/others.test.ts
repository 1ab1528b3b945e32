/** Monitors that share a store, played on a clock of our own: who removes, how late, and who leaves it to whom. */
import { describe, expect, it } from 'vitest';
import { Others } from '../../../lib/monitor/others.js';
import { Random } from '../../support/random.js';

const tickMs = 10;
/** As schedule.ts has it. */
const afterDueMs = 12;
const aheadMs = 500;

const looked = (counts: { removed?: number; vanished?: number; live?: number }) =>
  ({ counts: { removed: 0, vanished: 0, live: 0, ...counts } }) as Parameters<
    Others['addCollection']
  >[0];

interface Second {
  readonly dueSeconds: number;
  /** Sessions that are there. */
  left: number;
}

/** A store in which so many sessions are due each second, of which some were logged out before. */
class PlayedStore {
  readonly #random: () => number;
  readonly monitors: PlayedMonitor[] = [];
  readonly seconds = new Map<number, Second>();
  latestMs = 0;
  nowMs = 0;

  constructor(
    readonly perSecond: number,
    readonly loggedOut: number,
    seed: number,
  ) {
    const random = new Random(seed);
    this.#random = () => random.fraction();
  }

  start(): PlayedMonitor {
    const monitor = new PlayedMonitor(this, new Others(this.#random));
    this.monitors.push(monitor);
    return monitor;
  }

  kill(monitor: PlayedMonitor): void {
    this.monitors.splice(this.monitors.indexOf(monitor), 1);
  }

  get active(): PlayedMonitor[] {
    return this.monitors.filter(({ others }) => others.leftSinceMs === null);
  }

  at(dueSeconds: number): Second {
    const known = this.seconds.get(dueSeconds);
    if (known !== undefined) return known;
    const second = { dueSeconds, left: Math.round(this.perSecond * (1 - this.loggedOut)) };
    this.seconds.set(dueSeconds, second);
    return second;
  }

  /** How many of them one monitor of several that work at the same moment comes to first. */
  take(second: Second, rivals: number): number {
    let taken = 0;
    for (let i = second.left; i > 0; i -= 1) if (this.#random() < 1 / rivals) taken += 1;
    return taken;
  }

  play(seconds: number): void {
    for (const endMs = this.nowMs + seconds * 1000; this.nowMs < endMs; this.nowMs += tickMs) {
      const due = this.monitors.filter((monitor) => monitor.isDue());
      for (const [at, monitor] of due.entries()) monitor.collect(due.slice(at));
      for (const monitor of this.monitors) monitor.lookAhead();
    }
  }
}

class PlayedMonitor {
  /** The last second whose sessions it has looked at. */
  #done: number;
  #lookedAheadAt = -1;

  constructor(
    readonly store: PlayedStore,
    readonly others: Others,
  ) {
    this.#done = Math.floor(store.nowMs / 1000);
  }

  isDue(): boolean {
    return this.store.nowMs >= (this.#done + 1) * 1000 + afterDueMs + this.others.lagMs;
  }

  /** The last second that it comes to now. */
  get until(): number {
    return Math.floor((this.store.nowMs - tickMs) / 1000) + this.others.aheadSeconds;
  }

  /** @param rivals those that collect at this moment and have not yet, itself among them */
  collect(rivals: readonly PlayedMonitor[]): void {
    const { store, others, until } = this;
    let removed = 0;
    let expected = 0;
    for (; this.#done < until; this.#done += 1) {
      const second = store.at(this.#done + 1);
      const atIt = rivals.filter((rival) => rival.until >= second.dueSeconds);
      const taken = store.take(second, atIt.length);
      if (taken > 0)
        store.latestMs = Math.max(store.latestMs, store.nowMs - second.dueSeconds * 1000);
      second.left -= taken;
      removed += taken;
      const wasSeen = this.#lookedAheadAt === second.dueSeconds;
      expected += store.perSecond * (wasSeen ? 1 - store.loggedOut : 1);
    }
    const vanished = Math.max(0, Math.round(expected) - removed);
    others.addCollection(looked({ removed, vanished }), store.nowMs);
  }

  lookAhead(): void {
    const { store, others } = this;
    const next = this.#done + 1;
    const momentMs = next * 1000 - aheadMs;
    if (!others.wantsLookAhead || store.nowMs < momentMs || store.nowMs > momentMs + 250) return;
    this.#lookedAheadAt = next;
    const live = store.at(next).left;
    others.addLookAhead(looked({ live, vanished: store.perSecond - live }), store.nowMs);
  }
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);

describe('monitors of one store', () => {
  it('one alone never leaves its sessions to anybody, however many users log out', () => {
    for (const loggedOut of [0, 0.5, 0.95, 1]) {
      const store = new PlayedStore(40, loggedOut, 1);
      const monitor = store.start();
      for (let i = 0; i < 300; i += 1) {
        store.play(1);
        expect(monitor.others.leftSinceMs).toBeNull();
      }
      expect(store.latestMs).toBeLessThan(100);
    }
  });

  it.each([
    [2, 1],
    [2, 100],
    [3, 100],
    [6, 20],
  ])(
    'of %d one is left that removes %d a second, and no session is late by a second meanwhile',
    (monitors, perSecond) => {
      for (const seed of seeds) {
        const store = new PlayedStore(perSecond, 0, seed);
        for (let i = 0; i < monitors; i += 1) store.start();
        store.play(60);
        expect(store.active, `seed ${seed}`).toHaveLength(1);
        expect(store.latestMs, `seed ${seed}`).toBeLessThan(1000);
      }
    },
  );

  it('another one removes within five seconds of the end of the one that did', () => {
    for (const seed of seeds) {
      const store = new PlayedStore(100, 0, seed);
      for (let i = 0; i < 3; i += 1) store.start();
      store.play(60);
      for (const active of store.active) store.kill(active);
      store.play(60);
      expect(store.latestMs, `seed ${seed}`).toBeLessThan(4000);
      expect(store.active, `seed ${seed}`).toHaveLength(1);
    }
  });

  it('one that checks stays at it where the other has left a few sessions that were in use', () => {
    const others = leftToOthers();
    others.addCollection(looked({ removed: 1, vanished: 100 }), 0);
    expect(others.leftSinceMs).not.toBeNull();
    expect(others.addCollection(looked({ removed: 20, vanished: 100 }), 0)).toBe('taken-over');
    expect(others.lagMs).toBe(0);
  });

  it('the lag is shorter than a second until others are seen to remove', () => {
    const others = leftToOthers();
    expect(others.lagMs).toBeLessThan(1000);
    expect(others.aheadSeconds).toBe(0);
    for (let i = 0; i < 20; i += 1) others.addCollection(looked({ vanished: 10 }), 0);
    expect(others.lagMs).toBeGreaterThanOrEqual(2000);
    expect(others.lagMs).toBeLessThanOrEqual(3500);
    expect(others.aheadSeconds).toBe(-1);
  });

  it('what is learnt of another clock or directory is forgotten', () => {
    const others = leftToOthers();
    others.forget();
    expect([others.lagMs, others.leftSinceMs]).toEqual([0, null]);
  });

  it('a clock that is set back does not keep a monitor from finding others', () => {
    const others = new Others(() => 0.5);
    const yearMs = 365 * 86_400_000;
    others.addCollection(looked({ vanished: 10 }), yearMs);
    others.addLookAhead(looked({ live: 0, vanished: 10 }), yearMs);
    others.addCollection(looked({ vanished: 10 }), 0);
    expect(others.wantsLookAhead).toBe(false);
    others.forget();
    others.addCollection(looked({ vanished: 10 }), 0);
    expect(others.wantsLookAhead).toBe(true);
  });
});

function leftToOthers(): Others {
  const others = new Others(() => 0.5);
  others.addCollection(looked({ vanished: 10 }), 0);
  expect(others.wantsLookAhead).toBe(true);
  others.addLookAhead(looked({ live: 10 }), 0);
  expect(others.addCollection(looked({ vanished: 10 }), 0)).toBe('left-to-others');
  return others;
}
