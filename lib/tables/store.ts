/**
 * One table, as the process that has root's rights knows it: where its work is done, and what is known of
 * it between two passes.
 *
 * Invariant: passwords are read when a connection is made and held by nothing here. Times are this machine's
 * seconds: the database's are converted with the difference that was measured last.
 */
import type { Engine, EngineStore, Policy, SessionsByTime, StoreStatus } from '../engine/engine.js';
import { SescleError } from '../errors.js';
import type { Children, Held } from './children.js';
import { TableError } from './failure.js';
import type { Answers, Begun, Bitten, Op, Questions } from './messages.js';
import { type PlannedTable, placeOfTable } from './planned.js';
import { needsLifetime } from './profile.js';
import { type Way, wayTo } from './way.js';

/** With an index asking costs nothing: rows that come with less time left than the others are found so. */
const askAgainSeconds = 60;
/** Without one, a pass may take this part of the time. */
const dutyOfScans = 0.01;
const longestRetrySeconds = 60;

interface Known {
  readonly nextDueSeconds: number | null;
  readonly unknownFromSeconds: number;
  /** What the times above rest on. */
  readonly lifetimeSeconds: number;
}

export interface EndedPass {
  readonly policy: Policy;
  readonly begun: Begun;
  readonly last: Bitten;
  /** Rows that stay due. */
  readonly kept: number;
  readonly durationMs: number;
  /** By this machine's clock. */
  readonly nowSeconds: number;
}

let lastNumber = 0;

export class TableStore implements EngineStore {
  readonly engine: Engine;
  readonly place: EngineStore['place'];
  readonly #planned: PlannedTable;
  readonly #children: Children;
  readonly #number = ++lastNumber;
  #held: Held | null = null;
  /** The process in which the table is open. */
  #openIn: Held['process'] | null = null;
  #known: Known | null = null;
  #retrySeconds = 0;
  #warnings: readonly string[] = [];
  #opened: readonly string[] = [];
  /** Where its process is found again; null: it is not open. */
  #whereabouts: Pick<Way, 'identity' | 'file'> | null = null;
  #firstMs: number | null = null;
  #server: string | null = null;

  constructor(engine: Engine, children: Children, planned: PlannedTable) {
    this.engine = engine;
    this.#children = children;
    this.#planned = planned;
    this.place = placeOfTable(planned.target, planned.shard);
  }

  /** What an administrator should know of it, one line each; known after the first pass. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** As `MariaDB 10.11.6`; null: not known yet. */
  get server(): string | null {
    return this.#server;
  }

  status(policy: Policy): StoreStatus {
    const known = this.#known;
    const longer = known === null ? 0 : this.#lifetimeOf(policy) - known.lifetimeSeconds;
    return {
      sessions: null,
      bytes: 0,
      nextDueSeconds: known?.nextDueSeconds == null ? null : known.nextDueSeconds + longer,
      unknownFromSeconds: known?.unknownFromSeconds ?? null,
      oldestMtimeSeconds: null,
    };
  }

  shape(): SessionsByTime {
    return { ages: [], minutes: [] };
  }

  forget(): void {
    this.#known = null;
    this.#retrySeconds = 0;
  }

  close(): void {
    this.letGo();
    this.#openIn = null;
  }

  /** A pass begins: the table is opened where it is not. @throws TableError */
  async begin({ maxLifetimeSeconds: lifetimeSeconds, graceSeconds }: Policy): Promise<Begun> {
    const { shard } = this.#planned;
    const question = { lifetimeSeconds, graceSeconds, shard };
    try {
      if (await this.#holdAgain()) {
        // Since the last pass the server may have ended the connection: one that is new tells.
        const begun = await this.ask('begin', question).catch(() => null);
        if (begun !== null) return begun;
      }
      await this.#openAnew();
      return await this.ask('begin', question);
    } catch (error) {
      this.#openIn = null;
      throw error;
    }
  }

  /** @throws TableError */
  ask<O extends Op>(op: O, question: Questions[O]): Promise<Answers[O]> {
    if (this.#held === null) throw new Error('the table is not held');
    return this.#held.process.ask(this.#number, op, question);
  }

  /** The connection is of no use any more. */
  drop(): void {
    this.#openIn = null;
  }

  /** The pass is over: others may have the process's place. */
  letGo(): void {
    this.#held?.release();
    this.#held = null;
  }

  /** Ends the process, with whatever it is at. */
  async kill(): Promise<void> {
    await this.#held?.process.kill();
  }

  /** Rows that were due before this table was first looked at, by the database's clock; null: it was not. */
  get overdueBeforeMs(): number | null {
    return this.#firstMs;
  }

  /** What a pass that came to its end has shown. */
  note({ policy, begun, last, kept, durationMs, nowSeconds }: EndedPass): void {
    const due =
      last.nextDueSeconds === null ? null : last.nextDueSeconds - begun.clockAheadMs / 1000;
    // What is in hand is looked at again soon, and then more and more seldom.
    const retry = Math.min(longestRetrySeconds, Math.max(1, 2 * this.#retrySeconds));
    this.#retrySeconds = kept === 0 ? 0 : retry;
    const pause = Math.ceil(durationMs / 1000 / dutyOfScans);
    const earliest = begun.hasIndex ? 0 : nowSeconds + pause;
    const times = [...(due === null ? [] : [due]), ...(kept === 0 ? [] : [nowSeconds + retry])];
    const [first] = times.sort((a, b) => a - b);
    this.#known = {
      nextDueSeconds: first === undefined ? null : Math.max(earliest, first),
      unknownFromSeconds: Math.max(earliest, nowSeconds + askAgainSeconds),
      lifetimeSeconds: this.#lifetimeOf(policy),
    };
    this.#firstMs ??= begun.nowMs;
    this.#warnings = [...this.#opened, ...indexAdvice(begun, durationMs)];
    // An index that is made meanwhile is seen when the table is opened.
    if (!begun.hasIndex) this.drop();
  }

  /** @returns whether the table is open still */
  async #holdAgain(): Promise<boolean> {
    if (this.#whereabouts === null || this.#openIn === null) return false;
    this.#held ??= await this.#children.hold(this.#whereabouts.identity, this.#whereabouts.file);
    return this.#held.process === this.#openIn;
  }

  async #openAnew(): Promise<void> {
    this.letGo();
    const way = await wayTo(this.#planned.target.source);
    this.#held = await this.#children.hold(way.identity, way.file);
    this.#whereabouts = { identity: way.identity, file: way.file };
    await this.#open(this.#held.process, way);
  }

  async #open(process: Held['process'], { login, table, columns }: Way): Promise<void> {
    const { target } = this.#planned;
    const { advisory: _byName, ...profile } = target.profile;
    const opened = await process.ask(this.#number, 'open', {
      source: login,
      settings: {
        table: target.table ?? table,
        profile,
        columns: { ...columns, ...target.columns },
      },
    });
    this.#server = opened.server;
    this.#opened = opened.warnings;
    this.#openIn = process;
  }

  #lifetimeOf({ maxLifetimeSeconds, graceSeconds }: Policy): number {
    return graceSeconds + (needsLifetime(this.#planned.target.profile) ? maxLifetimeSeconds : 0);
  }
}

/** What a store that cannot be used at all is told as. */
export function storeError(text: string, error: unknown): unknown {
  if (!(error instanceof TableError)) return error;
  const { code, message, remedy } = error.failure;
  return new SescleError(`${text}: ${message}`, { code, path: text, remedy: remedy ?? undefined });
}

function indexAdvice({ hasIndex, helpfulIndex }: Begun, durationMs: number): string[] {
  if (hasIndex) return [];
  const cost = `no index helps to find expired rows, so each pass reads the whole table (${(durationMs / 1000).toFixed(1)} s)`;
  return [helpfulIndex === null ? cost : `${cost}; run: ${helpfulIndex}`];
}
