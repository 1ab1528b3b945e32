/**
 * What the collecting asks of a database, whichever it is.
 *
 * Invariant: every call settles within its deadline, or its connection is closed; a row that take()
 * removes was expired, and in nobody's hand, in the transaction that removed it.
 */

import type { TableSettings } from '../settings.js';
import type { Moment } from '../sql/verdict.js';
import type { Table, Walk } from '../sql/walks.js';

/** A row that a walk came to. */
export interface Row {
  /** One text for each column of the id, as idValue() takes them. */
  readonly ids: readonly string[];
  readonly place: string | number;
  readonly isExpired: boolean;
  /** Seconds since 1970; null: never. */
  readonly dueSeconds: number | null;
}

/** What became of rows that were to be taken. */
export interface Taken {
  /** In a dry run: would have been. */
  readonly removed: readonly Row[];
  readonly inUse: readonly Row[];
  /** Were renewed, or are gone. */
  readonly changed: readonly Row[];
}

export type MomentPolicy = Pick<Moment, 'lifetimeSeconds' | 'graceSeconds'>;

/** What there is, once it was found fit for collecting. */
export interface Inspection {
  readonly table: Table;
  /** As `MariaDB 10.11.6`. */
  readonly server: string;
  /** What an administrator should know, one line each. */
  readonly warnings: readonly string[];
}

/** How rows in hand are passed over. */
export type RowLocking = 'skip' | 'nowait' | 'wait' | 'none';

/** By what rows are taken. */
export interface TakeOrder {
  readonly table: Table;
  readonly walk: Walk;
  readonly at: Moment;
  /** Everything but the removal. */
  readonly dryRun: boolean;
}

export interface Access {
  /** @throws TableError where the table cannot be collected */
  inspect(settings: TableSettings): Promise<Inspection>;
  /** The database's clock. */
  clock(): Promise<number>;
  /**
   * The one moment of a pass.
   *
   * @param agos how long before it the moments lie that are compared with, in seconds
   */
  moment(nowMs: number, policy: MomentPolicy, agos: readonly number[]): Promise<Moment>;
  look(statement: string): Promise<Row[]>;
  /** One value of one row; null: none. */
  value(statement: string): Promise<string | null>;
  take(order: TakeOrder, rows: readonly Row[]): Promise<Taken>;
  /** The longest statement since the last call, in milliseconds. */
  longestMs(): number;
  /** How many ids one statement may name. */
  readonly mostRows: number;
  close(): void;
}

/** Keeps the longest of the statements. */
export class Stopwatch {
  #longestMs = 0;

  async time<T>(statement: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await statement();
    } finally {
      this.add(performance.now() - began);
    }
  }

  add(ms: number): void {
    this.#longestMs = Math.max(this.#longestMs, ms);
  }

  take(): number {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }
}
