/**
 * What a monitor reports of one store: its problem, its warnings, what its passes found.
 *
 * Invariant: a problem, a warning or a huge directory is reported once, and again only after it was gone.
 * Nothing is reported once the store is no longer watched.
 */
import type { Pass, PassResult } from '../engine/engine.js';
import type { MonitorEvent, OnEvent } from './events.js';
import type { Turn } from './others.js';
import type { Problem } from './problem.js';

/** The kinds of pass that can have a problem. If several have one, the first counts. */
const problemKinds: readonly Pass[] = ['scan', 'look', 'collect'];

/** An event without the store's name. */
type News<Event> = Event extends { readonly store: string } ? Omit<Event, 'store'> : never;

export interface ScanNews {
  readonly durationMs: number;
  /** Sessions that the index holds now; null: there is none. */
  readonly sessions: number | null;
  /** How many sessions the index has room for, where it was too small; null: it was not. */
  readonly fullIndex: number | null;
}

export class StoreNews {
  readonly #store: string;
  readonly #onEvent: OnEvent;
  readonly #problems: Partial<Record<Pass, Problem | null>> = {};
  #reportedProblem: string | null = null;
  #warnings: readonly string[] = [];
  /** The directory that is known to be far too large; null: none is. */
  #hugePath: string | null = null;
  #hasEnded = false;

  /** @param store its id */
  constructor(store: string, onEvent: OnEvent) {
    this.#store = store;
    this.#onEvent = onEvent;
  }

  /** What keeps the store from being cleaned now; null: nothing does. */
  get problem(): Problem | null {
    const first = problemKinds.find((kind) => this.#problems[kind]);
    return first === undefined ? null : (this.#problems[first] ?? null);
  }

  /** Those of the last complete pass. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Nothing is reported from now on. */
  end(): void {
    this.#hasEnded = true;
  }

  /** @param problem null: passes of this kind have none */
  setProblem(kind: Pass, problem: Problem | null): void {
    if (this.#hasEnded) return;
    if (problem !== null || this.#problems[kind]) this.#problems[kind] = problem;
    const now = this.problem?.text ?? null;
    if (now === this.#reportedProblem) return;
    this.#reportedProblem = now;
    this.#report(now === null ? { kind: 'recovered' } : { kind: 'failing', problem: now });
  }

  /** A complete pass has these warnings. */
  setWarnings(warnings: readonly string[]): void {
    const before = this.#warnings;
    this.#warnings = warnings;
    const fresh = warnings.filter((warning) => !before.includes(warning));
    if (fresh.length > 0) this.#report({ kind: 'warnings', warnings: fresh });
  }

  /** A complete scan has found this directory, or none, to be far too large. */
  setHugeDirectory(directory: PassResult['hugeDirectory']): void {
    const before = this.#hugePath;
    this.#hugePath = directory?.path ?? null;
    if (directory === null || directory.path === before) return;
    this.#report({ kind: 'huge-directory', directory });
  }

  scanned({ counts, failures }: PassResult, { durationMs, sessions, fullIndex }: ScanNews): void {
    const { removed, setAside } = counts;
    this.#report({ kind: 'scanned', durationMs, sessions, removed });
    if (setAside > 0) this.#report({ kind: 'set-aside', sessions: setAside });
    if (fullIndex !== null) this.#report({ kind: 'index-full', sessions: fullIndex });
    this.failures(failures);
  }

  /** Failures at single files, of one pass. */
  failures(failures: PassResult['failures']): void {
    if (failures.length > 0) this.#report({ kind: 'failures', failures });
  }

  /** Another directory lies in the store's place. */
  replaced(): void {
    this.#report({ kind: 'replaced' });
  }

  /** See Others. */
  turn(turn: Turn): void {
    if (turn !== null) this.#report({ kind: turn });
  }

  #report(news: News<MonitorEvent>): void {
    if (this.#hasEnded) return;
    this.#onEvent({ ...news, store: this.#store } as MonitorEvent);
  }
}
