/**
 * The stores that discovery found the last time, the reasons why some are not watched, and what was reported.
 *
 * Invariant: a new list replaces the old one only if discovery succeeded. Nothing that is the same as the
 * last time is reported again.
 */
import type { Clock } from '../clock/clock.js';
import type { OnEvent } from './events.js';
import type { MonitorStatus } from './status.js';
import type { WatchedStore } from './watched-store.js';

/** A store that is not watched. */
interface LeftAlone {
  readonly id: string;
  readonly reason: string;
  /** Whether that is nobody's wish. */
  readonly isBlocked: boolean;
  /** Whether sescle's own configuration names it. */
  readonly isNamed: boolean;
}

/** What there is to watch. */
export interface Found {
  readonly stores: readonly WatchedStore[];
  /** Stores that are left alone. */
  readonly notCollected: readonly LeftAlone[];
  readonly warnings: readonly string[];
  /** Why this is not all that there may be; null: it is. Then the stores are looked for again every minute. */
  readonly problem: string | null;
  /** Whether any of what this was found by has changed since; asked about once a minute. */
  readonly hasChanged: (signal: AbortSignal) => Promise<boolean>;
}

export interface Finding {
  /** Called at the start, and again whenever the stores may be others. */
  readonly find: (signal: AbortSignal, isFirst: boolean) => Promise<Found>;
  readonly clock: Clock;
  readonly onEvent: OnEvent;
}

const secondMs = 1000;
/** However little seems to have changed. */
const longestFoundMs = 15 * 60 * secondMs;

const nothingFound: Found = {
  stores: [],
  notCollected: [],
  warnings: [],
  problem: null,
  hasChanged: async () => false,
};

export class FoundStores {
  readonly #options: Finding;
  readonly #signal: AbortSignal;
  #found = nothingFound;
  /** Since boot: when all that there is was found the last time; null: not yet. */
  #foundAtMs: number | null = null;
  #toldAsFound = '';
  /** Why the stores could not be found the last time; null: they were. */
  #problem: string | null = null;
  /** Stores that should be watched and cannot be. */
  #blocked: readonly LeftAlone[] = [];

  /** @param signal aborts when nobody waits for what is found any more */
  constructor({ find, clock, onEvent }: Finding, signal: AbortSignal) {
    this.#options = { find, clock, onEvent };
    this.#signal = signal;
  }

  /** Nobody waits for it any more once the monitor is to end. */
  find(isFirst: boolean): Promise<Found> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const end = () => reject(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      this.#options
        .find(signal, isFirst)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', end));
    });
  }

  async mayBeOthers(): Promise<boolean> {
    const { clock } = this.#options;
    const isOld = clock.sinceBoot() - (this.#foundAtMs ?? -Infinity) > longestFoundMs;
    if (isOld || this.#problem !== null) return true;
    return this.#found.hasChanged(this.#signal);
  }

  /** @param isWatched whether a store was watched until now */
  take(found: Found, isWatched: (id: string) => boolean): void {
    const { clock, onEvent } = this.#options;
    const { stores, notCollected, warnings, problem } = found;
    this.#found = found;
    if (problem === null) {
      this.#foundAtMs = clock.sinceBoot();
      this.#problem = null;
    } else this.notFound(problem);
    onEvent({
      kind: 'discovered',
      stores: stores.length,
      ...this.#untold({
        notCollected: notCollected.map(({ id, reason }) => ({ id, reason })),
        warnings,
      }),
    });
    this.#takeBlocked(notCollected, isWatched);
  }

  notFound(problem: string): void {
    this.#problem = problem;
    const ageSeconds = this.#ageSeconds();
    this.#options.onEvent({ kind: 'not-discovered', problem, ageSeconds });
  }

  #ageSeconds(): number | null {
    const { clock } = this.#options;
    return this.#foundAtMs === null
      ? null
      : Math.floor((clock.sinceBoot() - this.#foundAtMs) / secondMs);
  }

  isBlocked(id: string): boolean {
    return this.#blocked.some((one) => one.id === id);
  }

  status(): Pick<
    MonitorStatus,
    'notCollected' | 'blocked' | 'discoveryProblem' | 'discoveryAgeSeconds' | 'warnings'
  > {
    return {
      notCollected: this.#found.notCollected.map(({ id, reason }) => ({ id, reason })),
      blocked: this.#blocked.map(({ id, reason }) => ({ id, reason })),
      discoveryProblem: this.#problem,
      discoveryAgeSeconds: this.#ageSeconds(),
      warnings: this.#found.warnings,
    };
  }

  /** Those that are named, or were watched until something came in the way. */
  #takeBlocked(notCollected: Found['notCollected'], isWatched: (id: string) => boolean): void {
    const before = new Map(this.#blocked.map(({ id, reason }) => [id, reason]));
    this.#blocked = notCollected.filter(
      ({ id, isBlocked, isNamed }) => isBlocked && (isNamed || before.has(id) || isWatched(id)),
    );
    for (const { id: store, reason: problem } of this.#blocked) {
      if (before.get(store) === problem) continue;
      this.#options.onEvent({ kind: 'blocked', store, problem });
    }
  }

  /** What is the same as the last time is not told again. */
  #untold(found: Pick<MonitorStatus, 'notCollected' | 'warnings'>): typeof found {
    const text = JSON.stringify(found);
    if (text === this.#toldAsFound) return { notCollected: [], warnings: [] };
    this.#toldAsFound = text;
    return found;
  }
}
