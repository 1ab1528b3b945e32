/**
 * Session tables in MariaDB and MySQL.
 *
 * A bite reads ids without a lock. Where the server can refuse to wait (MariaDB), those rows are deleted at
 * once, which fails as a whole where one of them is locked; then, and elsewhere from the beginning, the
 * rows that are free are locked first, passing over the others. Rows are locked by their primary key, in
 * the order in which requests lock them (the row first, then its other indexes). What never waits can be
 * part of no deadlock. READ COMMITTED: no gap is locked.
 *
 * Invariant: what is deleted is expired in the DELETE itself, and nobody else had it locked.
 */
import type { MysqlConnection, MysqlValue } from '../drivers/mysql-connection.js';
import { MysqlError } from '../drivers/mysql-connection.js';
import type { AdvisoryLock, AdvisoryRule } from '../profile.js';
import type { TableSettings } from '../settings.js';
import { tableOf } from '../sql/catalogue.js';
import { textValue } from '../sql/quoting.js';
import type { Moment } from '../sql/verdict.js';
import { idValue, judgedBy, type Table } from '../sql/walks.js';
import {
  type Access,
  type Inspection,
  type MomentPolicy,
  type Row,
  type RowLocking,
  Stopwatch,
  type Taken,
  type TakeOrder,
} from './access.js';
import { lockedRow, lockRoles } from './advisory.js';
import { catalogueOf, isDate, type MysqlServer, serverOf } from './mysql-catalogue.js';

/** ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_LOCK_NOWAIT; ER_XA_RBDEADLOCK is nobody's here. */
const waited = [1205, 3572];
const deadlock = 1213;
const mostTries = 3;

const setup = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'SET SESSION innodb_lock_wait_timeout = 1',
  // Behind an ALTER TABLE we wait for this long, and others behind us.
  'SET SESSION lock_wait_timeout = 2',
  'SET SESSION wait_timeout = 300',
  'SET autocommit = 1',
];

export class MysqlAccess implements Access {
  readonly mostRows: number;
  readonly #connection: MysqlConnection;
  readonly #advisory: AdvisoryRule | null;
  readonly #watch = new Stopwatch();
  #server: MysqlServer | undefined;
  #locking: RowLocking = 'skip';
  #neverWaits = false;
  #waitSeconds = 1;
  #isUtc = false;

  constructor(connection: MysqlConnection, advisory: AdvisoryRule | null) {
    this.#connection = connection;
    this.#advisory = advisory?.locks.mysql === undefined ? null : advisory;
    // MariaDB makes a join of a longer list. Each advisory lock is held for the whole bite.
    this.mostRows = this.#advisory === null ? 900 : 100;
  }

  async inspect(settings: TableSettings): Promise<Inspection> {
    for (const statement of setup) await this.#connection.run(statement);
    this.#server = await serverOf(this.#connection);
    const { limitStatement, locking, neverWaits, isStatementLog, title } = this.#server;
    await this.#connection.run(limitStatement);
    this.#locking = locking;
    // A log of statements cannot be written at READ COMMITTED.
    this.#neverWaits = neverWaits;
    if (isStatementLog)
      await this.#connection.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const { catalogue, warnings, isTransactional } = await catalogueOf(this.#connection, settings);
    const table = tableOf(catalogue, settings, this.#advisory);
    if (!isTransactional) this.#locking = 'none';
    // A moment is compared as such; a date without a zone as the server's own now() has it.
    this.#isUtc = !isDate(table);
    if (this.#isUtc) await this.#connection.run("SET SESSION time_zone = '+00:00'");
    await this.#connection.run(`DELETE FROM ${table.sql} WHERE 1 = 0`);
    return { table, server: title, warnings };
  }

  async clock(): Promise<number> {
    const [[now = null] = []] = await this.#connection.query('SELECT UNIX_TIMESTAMP(NOW(6))');
    return Number(now?.toString()) * 1000;
  }

  async moment(nowMs: number, policy: MomentPolicy, agos: readonly number[]): Promise<Moment> {
    const nowSeconds = Math.floor(nowMs / 1000);
    const texts = new Map<number, string | null>();
    for (const ago of agos) {
      texts.set(ago, ago > nowSeconds ? null : await this.#textOf(nowSeconds, ago));
    }
    return { ...policy, nowSeconds, textOf: (_type, ago) => texts.get(ago) ?? null };
  }

  /** The earlier of both ways to reckon across a change of summer time: what either keeps is kept. */
  async #textOf(now: number, ago: number): Promise<string | null> {
    const [[text = null] = []] = await this.#connection.query(
      `SELECT CAST(LEAST(FROM_UNIXTIME(${now} - ${ago}), FROM_UNIXTIME(${now}) - INTERVAL ${ago} SECOND) AS CHAR)`,
    );
    return text?.toString() ?? null;
  }

  async look(statement: string): Promise<Row[]> {
    const rows = await this.#watch.time(() => this.#connection.query(statement));
    return rows.map((row) => {
      const [place, verdict, due] = row.slice(-3).map((value) => value?.toString());
      return {
        ids: row.slice(0, -3).map(idText),
        place: place ?? '',
        isExpired: verdict === '1',
        dueSeconds: due === undefined ? null : Number(due),
      };
    });
  }

  async value(statement: string): Promise<string | null> {
    const [[value = null] = []] = await this.#watch.time(() => this.#connection.query(statement));
    return value?.toString() ?? null;
  }

  async take({ table, walk, at, dryRun }: TakeOrder, rows: readonly Row[]): Promise<Taken> {
    const { verdict } = judgedBy(table.meaning, walk, at);
    const taken = { removed: [] as Row[], changed: [] as Row[], inUse: [] as Row[] };
    const free = await this.#takeAdvisory(table, rows, taken.inUse);
    try {
      const all =
        dryRun || !this.#neverWaits ? null : await this.#removeAtOnce(table, verdict, free);
      if (all !== null) return { ...all, inUse: taken.inUse };
      if (free.length > 0) await this.#takeRows(table, verdict, free, dryRun, taken);
    } finally {
      if (this.#advisory !== null) await this.#undo('SELECT RELEASE_ALL_LOCKS()');
    }
    return taken;
  }

  /** Null: one of them is locked, and none was removed. */
  async #removeAtOnce(
    table: Table,
    verdict: string,
    rows: readonly Row[],
  ): Promise<Pick<Taken, 'removed' | 'changed'> | null> {
    if (rows.length === 0) return { removed: [], changed: [] };
    const statement = this.#deletion(table, `${this.#among(table, rows)} AND (${verdict})`);
    await this.#waitFor(0);
    try {
      // Its own transaction: its locks end on the server, however long we are in hearing of it.
      const count = await this.#watch.time(() => this.#connection.run(statement));
      if (count === rows.length) return { removed: rows, changed: [] };
      // Those that are there still were renewed; of the others some may have been gone before.
      const still = await this.#idsWhere(table, this.#among(table, rows));
      const gone = rows.filter((row) => !still.has(keyOf(row)));
      const removed = gone.slice(0, count);
      return { removed, changed: rows.filter((row) => !removed.includes(row)) };
    } catch (error) {
      const isLocked = error instanceof MysqlError && [...waited, deadlock].includes(error.errno);
      if (isLocked) return null;
      throw error;
    }
  }

  /** For rows. MariaDB 10.11 fails where it is to skip what is locked and not to wait (error 1180). */
  async #waitFor(seconds: 0 | 1): Promise<void> {
    if (this.#waitSeconds === seconds) return;
    await this.#connection.run(`SET SESSION innodb_lock_wait_timeout = ${seconds}`);
    this.#waitSeconds = seconds;
  }

  /** With a hint: else a server that finds the table small reads all of it, and meets rows that are locked. */
  #deletion({ sql, idIndex }: Table, where: string): string {
    const from =
      idIndex === null
        ? `DELETE FROM ${sql}`
        : `DELETE ${sql} FROM ${sql} FORCE INDEX (${idIndex})`;
    return `${from} WHERE ${where}`;
  }

  async #takeRows(
    table: Table,
    verdict: string,
    rows: readonly Row[],
    dryRun: boolean,
    taken: { removed: Row[]; changed: Row[]; inUse: Row[] },
  ): Promise<void> {
    const result = await this.#tried(table, verdict, rows, dryRun);
    if (result === 'locked') {
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) {
        taken.inUse.push(only);
        return;
      }
      const middle = Math.ceil(rows.length / 2);
      for (const half of [rows.slice(0, middle), rows.slice(middle)]) {
        await this.#takeRows(table, verdict, half, dryRun, taken);
      }
      return;
    }
    for (const row of result) taken.removed.push(row);
    const rest = rows.filter((row) => !result.includes(row));
    if (rest.length === 0) return;
    // Still there, and still expired: somebody has it in hand.
    const still = await this.#idsWhere(table, `${this.#among(table, rest)} AND (${verdict})`);
    for (const row of rest) (still.has(keyOf(row)) ? taken.inUse : taken.changed).push(row);
  }

  /** Those that were removed; or that one of them is locked, where no server can pass over it. */
  async #tried(
    table: Table,
    verdict: string,
    rows: readonly Row[],
    dryRun: boolean,
  ): Promise<Row[] | 'locked'> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#transaction(table, verdict, rows, dryRun);
      } catch (error) {
        await this.#undo('ROLLBACK');
        if (!(error instanceof MysqlError)) throw error;
        if (waited.includes(error.errno)) return 'locked';
        if (error.errno !== deadlock || tries === mostTries) throw error;
      }
    }
  }

  /** Where the connection is gone the server has undone it, and what ended it is told by another error. */
  async #undo(statement: string): Promise<void> {
    await this.#connection.run(statement).catch(() => {});
  }

  async #transaction(
    table: Table,
    verdict: string,
    rows: readonly Row[],
    dryRun: boolean,
  ): Promise<Row[]> {
    await this.#waitFor(1);
    await this.#connection.run('START TRANSACTION');
    const which = `${this.#among(table, rows)} AND (${verdict})`;
    const suffix = {
      skip: ' FOR UPDATE SKIP LOCKED',
      nowait: ' FOR UPDATE NOWAIT',
      wait: ' FOR UPDATE',
      none: '',
    }[this.#locking];
    const locked = await this.#watch.time(() => this.#idsWhere(table, which, suffix));
    const inHand = rows.filter((row) => locked.has(keyOf(row)));
    if (dryRun || inHand.length === 0) {
      await this.#connection.run('ROLLBACK');
      return inHand;
    }
    const these =
      inHand.length === rows.length ? which : `${this.#among(table, inHand)} AND (${verdict})`;
    const statement = this.#deletion(table, these);
    // Rows of other tables that go along (ON DELETE CASCADE) may be locked: a wait for them could end in a
    // deadlock, which the server may give to the request.
    if (this.#neverWaits) await this.#waitFor(0);
    const removed = await this.#watch.time(() => this.#connection.run(statement));
    await this.#watch.time(() => this.#connection.run('COMMIT'));
    if (removed === inHand.length) return inHand;
    // Without transactions rows can change in between.
    const still = await this.#idsWhere(table, this.#among(table, inHand));
    return inHand.filter((row) => !still.has(keyOf(row)));
  }

  async #idsWhere({ sql, ids, idIndex }: Table, where: string, suffix = ''): Promise<Set<string>> {
    const hint = idIndex === null ? '' : ` FORCE INDEX (${idIndex})`;
    const columns = ids.map((column) => column.sql).join(', ');
    const rows = await this.#connection.query(
      `SELECT ${columns} FROM ${sql}${hint} WHERE ${where}${suffix}`,
    );
    return new Set(rows.map((row) => row.map(idText).join('\0')));
  }

  #among({ meaning, ids }: Table, rows: readonly Row[]): string {
    const [column] = ids;
    if (ids.length === 1 && column !== undefined) {
      return `${column.sql} IN (${rows.map((row) => idValue(meaning, column, row.ids[0] ?? '')).join(', ')})`;
    }
    const one = (row: Row) =>
      ids
        .map((column, index) => `${column.sql} = ${idValue(meaning, column, row.ids[index] ?? '')}`)
        .join(' AND ');
    return `(${rows.map((row) => `(${one(row)})`).join(' OR ')})`;
  }

  /** Those whose locks we hold now, all of them. */
  async #takeAdvisory(table: Table, rows: readonly Row[], inUse: Row[]): Promise<readonly Row[]> {
    const locksOf = this.#advisory?.locks.mysql;
    if (this.#advisory === null || locksOf === undefined || rows.length === 0) return rows;
    const values = await this.#lockValues(table, rows);
    const wanted = rows.map((row) => {
      const named = values.get(keyOf(row));
      return named === undefined ? null : namesOf(locksOf(named));
    });
    const names = [...new Set(wanted.flatMap((some) => some ?? []))];
    const [got = []] =
      names.length === 0
        ? [[]]
        : await this.#watch.time(() =>
            this.#connection.query(
              `SELECT ${names.map((name) => `GET_LOCK(${textValue('mysql', name)}, 0)`).join(', ')}`,
            ),
          );
    const held = new Set(names.filter((_name, index) => got[index]?.toString() === '1'));
    return rows.filter((row, index) => {
      const some = wanted[index];
      // A row that is gone meanwhile is for the next statement to find out.
      if (some == null || some.every((name) => held.has(name))) return true;
      inUse.push(row);
      return false;
    });
  }

  async #lockValues(
    table: Table,
    rows: readonly Row[],
  ): Promise<Map<string, ReturnType<typeof lockedRow>>> {
    const roles = lockRoles(table);
    const columns = roles.map((role) => table.meaning.columns[role]?.sql ?? 'NULL');
    const ids = table.ids.map((column) => column.sql);
    const found = await this.#connection.query(
      `SELECT ${[...ids, ...columns.map((sql) => `CAST(${sql} AS CHAR)`)].join(', ')} FROM ${table.sql} WHERE ${this.#among(table, rows)}`,
    );
    return new Map(
      found.map((row) => [
        row.slice(0, ids.length).map(idText).join('\0'),
        lockedRow(
          roles,
          row.slice(ids.length).map((value) => value?.toString() ?? ''),
          this.#server?.database ?? '',
          table,
        ),
      ]),
    );
  }

  longestMs(): number {
    return this.#watch.take();
  }

  close(): void {
    this.#connection.close();
  }
}

function namesOf(locks: readonly AdvisoryLock[]): string[] {
  return locks.flatMap((lock) => (lock.kind === 'name' ? [lock.name] : []));
}

/** As idValue() takes it: MySQL's numbers are digits, everything else is bytes. */
function idText(value: MysqlValue): string {
  return value === null ? '' : `x:${value.toString('hex')}`;
}

function keyOf({ ids }: Row): string {
  return ids.join('\0');
}
