/**
 * Session tables in PostgreSQL.
 *
 * A bite reads ids without a lock, then locks those rows and deletes them in one statement that passes
 * over rows which a request has locked; that transaction is one message. Where the framework has locks of
 * its own, these are taken first, step by step.
 *
 * Invariant: what is deleted was locked in the same statement, and is expired in the DELETE itself.
 * Nothing stays open and nothing stays set between two transactions.
 */
import { type PostgresqlConnection, PostgresqlError } from '../drivers/postgresql-connection.js';
import type { AdvisoryLock, AdvisoryRule } from '../profile.js';
import type { TableSettings } from '../settings.js';
import { tableOf } from '../sql/catalogue.js';
import { textValue } from '../sql/quoting.js';
import type { Moment } from '../sql/verdict.js';
import { judgedBy, readId, type Table } from '../sql/walks.js';
import {
  type Access,
  type Inspection,
  type MomentPolicy,
  type Row,
  Stopwatch,
  type Taken,
  type TakeOrder,
} from './access.js';
import { lockedRow, lockRoles } from './advisory.js';
import { catalogueOf, serverOf } from './postgresql-catalogue.js';

/**
 * A lock is waited for only where nothing can pass over it: that of the table, and those of rows that go along
 * (ON DELETE CASCADE). Far shorter than deadlock_timeout (1 s), behind which the server may end the request's
 * transaction in place of ours.
 */
const lockTimeoutMs = 200;

const begin = [
  'BEGIN ISOLATION LEVEL READ COMMITTED',
  "SET LOCAL statement_timeout = '10s'",
  `SET LOCAL lock_timeout = ${lockTimeoutMs}`,
  "SET LOCAL idle_in_transaction_session_timeout = '5s'",
].join('; ');

/** Few rows are wanted and the index has them in order: no plan that sorts or reads the table is better. */
const byIndex =
  'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off';

const deadlock = '40P01';
const lockNotAvailable = '55P03';
const mostTries = 3;

export class PostgresqlAccess implements Access {
  readonly mostRows: number;
  readonly #connection: PostgresqlConnection;
  readonly #advisory: AdvisoryRule | null;
  readonly #watch = new Stopwatch();
  #database = '';

  constructor(connection: PostgresqlConnection, advisory: AdvisoryRule | null) {
    this.#connection = connection;
    this.#advisory = advisory?.locks.postgresql === undefined ? null : advisory;
    this.mostRows = this.#advisory === null ? 1000 : 100;
  }

  async inspect(settings: TableSettings): Promise<Inspection> {
    const { title, database } = await serverOf(this.#connection);
    this.#database = database;
    const catalogue = await catalogueOf(this.#connection, settings);
    return { table: tableOf(catalogue, settings, this.#advisory), server: title, warnings: [] };
  }

  async clock(): Promise<number> {
    const [[now = null] = []] = await this.#connection.query(
      'SELECT extract(epoch from clock_timestamp())',
    );
    return Number(now) * 1000;
  }

  async moment(nowMs: number, policy: MomentPolicy, agos: readonly number[]): Promise<Moment> {
    const nowSeconds = Math.floor(nowMs / 1000);
    const texts = new Map<string, string | null>();
    for (const ago of agos) {
      const [[moment = null, date = null] = []] =
        ago > nowSeconds
          ? []
          : await this.#connection.query(
              // Of a date without a zone the earlier of both ways to reckon across a change of summer time.
              `SELECT to_timestamp(${nowSeconds - ago})::text, least(to_timestamp(${nowSeconds - ago}) at time zone current_setting('TimeZone'), (to_timestamp(${nowSeconds}) at time zone current_setting('TimeZone')) - make_interval(secs => ${ago}))::text`,
            );
      texts.set(`moment ${ago}`, moment);
      texts.set(`wall-clock ${ago}`, date);
    }
    return { ...policy, nowSeconds, textOf: (type, ago) => texts.get(`${type} ${ago}`) ?? null };
  }

  async look(statement: string): Promise<Row[]> {
    const rows = await this.#byIndex(statement);
    return rows.map((row) => {
      const [place, verdict, due] = row.slice(-3);
      return {
        ids: row.slice(0, -3).map((id) => id ?? ''),
        place: place ?? '',
        isExpired: verdict === '1',
        dueSeconds: due === null || due === undefined ? null : Number(due),
      };
    });
  }

  async value(statement: string): Promise<string | null> {
    const [[value = null] = []] = await this.#byIndex(statement);
    return value;
  }

  #byIndex(statement: string): Promise<(string | null)[][]> {
    return this.#watch.time(() => this.#connection.transaction(`${begin}; ${byIndex}`, statement));
  }

  async take(order: TakeOrder, rows: readonly Row[]): Promise<Taken> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#taken(order, rows);
      } catch (error) {
        const state = error instanceof PostgresqlError ? error.sqlState : '';
        if (state === deadlock && tries < mostTries) continue;
        if (state !== lockNotAvailable && state !== deadlock) throw error;
        // Else the table itself is locked.
        const lock = `LOCK TABLE ${order.table.sql} IN ROW EXCLUSIVE MODE`;
        await this.#connection.transaction(begin, lock);
        return this.#takenInHalves(order, rows);
      }
    }
  }

  /** One of them has rows of another table to take along, and somebody holds these: it is found, and left. */
  async #takenInHalves(order: TakeOrder, rows: readonly Row[]): Promise<Taken> {
    if (rows.length === 1) return { removed: [], inUse: rows, changed: [] };
    const middle = Math.ceil(rows.length / 2);
    const first = await this.take(order, rows.slice(0, middle));
    const second = await this.take(order, rows.slice(middle));
    return {
      removed: [...first.removed, ...second.removed],
      inUse: [...first.inUse, ...second.inUse],
      changed: [...first.changed, ...second.changed],
    };
  }

  async #taken({ table, walk, at, dryRun }: TakeOrder, rows: readonly Row[]): Promise<Taken> {
    const { verdict } = judgedBy(table.meaning, walk, at);
    const removed =
      dryRun || this.#advisory !== null
        ? await this.#removeStepwise(table, verdict, rows, dryRun)
        : await this.#remove((statement) => this.#byIndex(statement), table, verdict, rows);
    const rest = rows.filter((row) => !removed.includes(row));
    if (rest.length === 0) return { removed, inUse: [], changed: [] };
    // Still there, and still expired: somebody has it in hand.
    const still = keysOf(await this.#byIndex(selection(table, rest, verdict)));
    return {
      removed,
      inUse: rest.filter((row) => still.has(keyOf(row))),
      changed: rest.filter((row) => !still.has(keyOf(row))),
    };
  }

  async #removeStepwise(
    table: Table,
    verdict: string,
    rows: readonly Row[],
    dryRun: boolean,
  ): Promise<readonly Row[]> {
    return this.#inTransaction(`${begin}; ${byIndex}`, dryRun ? 'ROLLBACK' : 'COMMIT', async () => {
      const free = await this.#takeAdvisory(table, rows);
      const run = (statement: string) => this.#watch.time(() => this.#connection.query(statement));
      if (free.length === 0) return [];
      if (!dryRun) return this.#remove(run, table, verdict, free);
      const locked = keysOf(await run(`${selection(table, free, verdict)} FOR UPDATE SKIP LOCKED`));
      return free.filter((row) => locked.has(keyOf(row)));
    });
  }

  async #remove(
    run: (statement: string) => Promise<(string | null)[][]>,
    table: Table,
    verdict: string,
    rows: readonly Row[],
  ): Promise<Row[]> {
    const { sql, meaning, ids } = table;
    const names = ids.map((column) => column.sql).join(', ');
    const hand = `SELECT ${names} FROM ${sql} WHERE ${among(table, rows)} AND (${verdict}) FOR UPDATE SKIP LOCKED`;
    // What is in hand is a subquery, so that the names of the verdict are the table's alone.
    const statement = `WITH hand AS MATERIALIZED (${hand}) DELETE FROM ${sql} WHERE (${names}) IN (SELECT * FROM hand) AND (${verdict}) RETURNING ${ids.map((column) => readId(meaning, column)).join(', ')}`;
    const gone = keysOf(await run(statement));
    return rows.filter((row) => gone.has(keyOf(row)));
  }

  /** Those whose locks we hold until the transaction ends, all of them. */
  async #takeAdvisory(table: Table, rows: readonly Row[]): Promise<readonly Row[]> {
    const locksOf = this.#advisory?.locks.postgresql;
    if (locksOf === undefined || rows.length === 0) return rows;
    const roles = lockRoles(table);
    const columns = roles.map((role) => `${table.meaning.columns[role]?.sql ?? 'NULL'}::text`);
    const ids = table.ids.map((column) => readId(table.meaning, column));
    const found = await this.#connection.query(
      `SELECT ${[...ids, ...columns].join(', ')} FROM ${table.sql} WHERE ${among(table, rows)}`,
    );
    const wanted = new Map(
      found.map((row) => [
        row.slice(0, ids.length).join('\0'),
        locksOf(
          lockedRow(
            roles,
            row.slice(ids.length).map((value) => value ?? ''),
            this.#database,
            table,
          ),
        ).map(tryLock),
      ]),
    );
    const calls = [...new Set(Array.from(wanted.values()).flat())];
    const [got = []] =
      calls.length === 0
        ? [[]]
        : await this.#watch.time(() => this.#connection.query(`SELECT ${calls.join(', ')}`));
    const held = new Set(calls.filter((_call, index) => got[index] === 't'));
    return rows.filter((row) => (wanted.get(keyOf(row)) ?? []).every((call) => held.has(call)));
  }

  async #inTransaction<T>(
    beginning: string,
    end: 'COMMIT' | 'ROLLBACK',
    work: () => Promise<T>,
  ): Promise<T> {
    await this.#connection.query(beginning);
    try {
      const result = await work();
      await this.#watch.time(() => this.#connection.query(end));
      return result;
    } catch (error) {
      // On a connection that is gone there is nothing to roll back.
      await this.#connection.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  longestMs(): number {
    return this.#watch.take();
  }

  close(): void {
    this.#connection.close();
  }
}

function tryLock(lock: AdvisoryLock): string {
  const call = 'pg_try_advisory_xact_lock';
  switch (lock.kind) {
    case 'key':
      return `${call}(${BigInt.asIntN(64, lock.key)}::bigint)`;
    case 'key-pair':
      return `${call}(${lock.keys.map((key) => key | 0).join(', ')})`;
    case 'hashtext':
      return `${call}(${lock.texts.map((text) => `hashtext(${textValue('postgresql', text)})`).join(', ')})`;
    case 'name':
      throw new Error('a lock of MySQL');
  }
}

function selection(table: Table, rows: readonly Row[], verdict: string): string {
  const { sql, meaning, ids } = table;
  const columns = ids.map((column) => readId(meaning, column)).join(', ');
  return `SELECT ${columns} FROM ${sql} WHERE ${among(table, rows)} AND (${verdict})`;
}

function among({ ids }: Table, rows: readonly Row[]): string {
  const arrays = ids.map((column, index) => {
    const values = rows.map((row) => textValue('postgresql', row.ids[index] ?? ''));
    return `ARRAY[${values.join(', ')}]::text[]::${column.castType}[]`;
  });
  const [column] = ids;
  if (ids.length === 1 && column !== undefined) return `${column.sql} = ANY (${arrays[0]})`;
  return `(${ids.map(({ sql }) => sql).join(', ')}) IN (SELECT * FROM unnest(${arrays.join(', ')}))`;
}

function keysOf(rows: readonly (string | null)[][]): Set<string> {
  return new Set(rows.map((row) => row.join('\0')));
}

function keyOf({ ids }: Row): string {
  return ids.join('\0');
}
