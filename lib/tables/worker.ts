/**
 * One table at work, in the child process: a pass, bite by bite.
 *
 * Invariant: a bite looks at a bounded number of rows and leaves nothing open. A pass goes by one moment;
 * each row comes to it once. Rows whose times cannot be what the profile says end it before any is removed.
 */
import { coarseTickMs } from '../clock/reading.js';
import type { Shard } from '../engine/shard.js';
import type { Access, Inspection, Row } from './access/access.js';
import { type TableError, tableError } from './failure.js';
import type { BeginQuestion, Begun, BiteQuestion, Bitten } from './messages.js';
import { isInShard } from './row-shard.js';
import type { TableSettings } from './settings.js';
import { numberOf, secondsOf } from './sql/dialect.js';
import { agosOf, columnOf, isOwnLifetime, type Moment } from './sql/verdict.js';
import {
  helpfulIndex,
  lookStatement,
  nextStatement,
  type Position,
  type Walk,
  walksOf,
} from './sql/walks.js';

const yearSeconds = 366 * 86_400;
/** In 2001: no session was last written before, and no number of seconds that is younger looks so in milliseconds. */
const leastSeconds = 1_000_000_000;
/** So many values of a column of text show what it holds. */
const texts = 100;
/** A clock that is so far ahead would end sessions that others see as fresh. */
const mostAheadMs = 60_000;

interface PassState {
  readonly at: Moment;
  readonly walks: readonly Walk[];
  readonly shard: Shard | null;
  walk: number;
  from: Position | null;
  /** Rows of the last place that are there still. */
  seen: Set<string>;
  nextDueSeconds: number | null;
}

export class TableWorker {
  readonly #access: Access;
  readonly #inspection: Inspection;
  #pass: PassState | null = null;

  private constructor(access: Access, inspection: Inspection) {
    this.#access = access;
    this.#inspection = inspection;
  }

  /** @throws TableError; then the access is closed */
  static async open(access: Access, settings: TableSettings): Promise<TableWorker> {
    try {
      return new TableWorker(access, await access.inspect(settings));
    } catch (error) {
      access.close();
      throw error;
    }
  }

  get inspection(): Inspection {
    return this.#inspection;
  }

  /** @throws TableError */
  async begin({ lifetimeSeconds, graceSeconds, shard }: BeginQuestion): Promise<Begun> {
    const { table } = this.#inspection;
    const before = Date.now();
    const nowMs = await this.#access.clock();
    const clockAheadMs = Math.round(nowMs - (before + Date.now()) / 2);
    if (!Number.isFinite(nowMs))
      throw tableError('ERR_TABLE_SERVER', 'the server does not report the time');
    if (clockAheadMs > mostAheadMs) throw clockIsAhead(clockAheadMs);
    const policy = { lifetimeSeconds, graceSeconds };
    const agos = agosOf(table.meaning.profile, policy);
    const at = await this.#access.moment(nowMs - coarseTickMs, policy, agos);
    const walks = walksOf(table, at);
    for (const walk of walks) await this.#checkTimes(walk, at);
    await this.#checkTexts();
    const start = { walk: 0, from: null, seen: new Set<string>(), nextDueSeconds: null };
    this.#pass = { at, walks, shard, ...start };
    this.#access.longestMs();
    const hasIndex = walks.every(({ along }) => along !== null);
    return {
      clockAheadMs,
      nowMs,
      hasIndex,
      helpfulIndex: hasIndex ? null : helpfulIndex(table, walks),
    };
  }

  async bite({ mostLooked, mostTaken, dryRun, isListed }: BiteQuestion): Promise<Bitten> {
    const { table } = this.#inspection;
    const pass = this.#pass;
    const walk = pass?.walks[pass.walk];
    if (pass === null || walk === undefined) throw new Error('no pass has begun');
    const looked = Math.min(mostLooked, this.#access.mostRows);
    const limit = looked + pass.seen.size;
    const rows = await this.#access.look(lookStatement(table, walk, pass.at, pass.from, limit));
    const fresh = rows.filter((row) => !pass.seen.has(keyOf(row)));
    const isOurs = (row: Row) => pass.shard === null || isInShard(keyOf(row), pass.shard);
    const isTakenUp = (row: Row) => row.isExpired && isOurs(row);
    const some = upTo(fresh, isTakenUp, mostTaken);
    for (const row of some) checkRow(row, pass.at, table.meaning.profile.unit === 'milliseconds');
    const expired = some.filter(isTakenUp);
    const taken =
      expired.length === 0
        ? { removed: [], inUse: [], changed: [] }
        : await this.#access.take({ table, walk, at: pass.at, dryRun }, expired);
    const live = some.filter((row) => !row.isExpired && isOurs(row));
    for (const { dueSeconds } of live) this.#noteDue(pass, dueSeconds);
    const isEnd = rows.length < limit && some.length === fresh.length;
    this.#goOn(pass, walk, some, dryRun ? [] : taken.removed);
    if (isEnd) await this.#endWalk(pass, walk);
    const isDone = pass.walk >= pass.walks.length;
    if (isDone) this.#pass = null;
    return {
      removed: taken.removed.length,
      inUse: taken.inUse.length,
      changed: taken.changed.length,
      live: live.length,
      dues: duesOf(taken.removed),
      removedIds: isListed ? taken.removed.map(shownId) : [],
      inUseIds: isListed ? taken.inUse.map(shownId) : [],
      longestMs: this.#access.longestMs(),
      isDone,
      nextDueSeconds: isDone ? pass.nextDueSeconds : null,
    };
  }

  close(): void {
    this.#access.close();
  }

  #goOn(pass: PassState, { along }: Walk, some: readonly Row[], gone: readonly Row[]): void {
    const last = some.at(-1);
    if (last === undefined) return;
    if (along === null) {
      pass.from = last.ids;
      return;
    }
    const isSamePlace = pass.from?.[0] === last.place;
    const stay = some.filter((row) => row.place === last.place && !gone.includes(row));
    pass.seen = new Set([...(isSamePlace ? pass.seen : []), ...stay.map(keyOf)]);
    pass.from = [last.place];
  }

  async #endWalk(pass: PassState, walk: Walk): Promise<void> {
    const next = nextStatement(this.#inspection.table, walk, pass.at);
    if (next !== null) {
      const due = await this.#access.value(next);
      this.#noteDue(pass, due === null ? null : Math.ceil(Number(due)));
    }
    pass.walk += 1;
    pass.from = null;
    pass.seen = new Set();
  }

  #noteDue(pass: PassState, dueSeconds: number | null): void {
    // What is past its moment and yet not expired (protected rows) will not be expired by waiting.
    if (dueSeconds === null || dueSeconds <= pass.at.nowSeconds) return;
    pass.nextDueSeconds = Math.min(pass.nextDueSeconds ?? Infinity, dueSeconds);
  }

  /** By the index: whether the youngest time of all can be a time at all. */
  async #checkTimes({ along, readings }: Walk, at: Moment): Promise<void> {
    const { table } = this.#inspection;
    const [rule] = readings[0]?.rules ?? [];
    if (along === null || rule === undefined || isOwnLifetime(rule)) return;
    const { family, profile } = table.meaning;
    const column = columnOf(table.meaning, rule.role);
    if (column !== along.column) return;
    const seconds = secondsOf(family, column, profile.unit);
    const newest = await this.#access.value(
      `SELECT ${seconds} FROM ${table.sql} WHERE ${column.sql} IS NOT NULL ORDER BY ${column.sql} DESC LIMIT 1`,
    );
    if (newest === null) return;
    if (Number(newest) > at.nowSeconds + yearSeconds) throw tooLate(column.name);
    if (Number(newest) < leastSeconds && Number(newest) !== 0) throw tooEarly(column.name);
  }

  /** Text that holds no numbers would be nobody's time: nothing of the table would ever be due. */
  async #checkTexts(): Promise<void> {
    const { sql, meaning } = this.#inspection.table;
    const rules = meaning.profile.readings.flatMap(({ rules }) => rules);
    for (const role of new Set(rules.map((rule) => rule.role))) {
      const column = columnOf(meaning, role);
      if (column.time !== 'number-text') continue;
      const some = `SELECT ${column.sql} FROM ${sql} WHERE ${column.sql} IS NOT NULL AND ${column.sql} <> '' LIMIT ${texts}`;
      const isNumber = `CASE WHEN ${numberOf(meaning.family, column)} IS NULL THEN 0 ELSE 1 END`;
      const any = await this.#access.value(`SELECT MAX(${isNumber}) FROM (${some}) AS texts`);
      if (any !== null && Number(any) === 0) throw noNumbers(column.name);
    }
  }
}

/** The first rows, with so many that are to be taken among them at most. */
function upTo(
  rows: readonly Row[],
  isTakenUp: (row: Row) => boolean,
  mostTaken: number,
): readonly Row[] {
  let taken = 0;
  const end = rows.findIndex((row) => isTakenUp(row) && ++taken > mostTaken);
  return end < 0 ? rows : rows.slice(0, end);
}

/** Without an index nothing else tells. */
function checkRow({ dueSeconds }: Row, at: Moment, isMilliseconds: boolean): void {
  if (dueSeconds === null) return;
  const { nowSeconds, lifetimeSeconds, graceSeconds } = at;
  if (dueSeconds > nowSeconds + lifetimeSeconds + graceSeconds + yearSeconds)
    throw tooLate('its times');
  const writtenSeconds = dueSeconds - lifetimeSeconds - graceSeconds;
  if (isMilliseconds && writtenSeconds > 0 && writtenSeconds < leastSeconds)
    throw tooEarly('its times');
}

function tooLate(column: string): TableError {
  return tableError(
    'ERR_TABLE_TIMES',
    `${column} holds times more than a year in the future: they are not seconds since 1970, or a clock was wrong`,
    'say unit = "milliseconds" if that is what they are, name another column, or delete the rows with these times',
  );
}

function tooEarly(column: string): TableError {
  return tableError(
    'ERR_TABLE_TIMES',
    `${column} holds no time after 2001: its unit is not the configured one`,
    'say unit = "seconds" if that is what it is, or name another column',
  );
}

function noNumbers(column: string): TableError {
  return tableError(
    'ERR_TABLE_TIMES',
    `${column} holds text that is not a number of seconds or milliseconds`,
    "name another column, or change its type to the database's own for a date and time",
  );
}

function clockIsAhead(ms: number): TableError {
  return tableError(
    'ERR_TABLE_CLOCK',
    `the clock of the database is ${Math.round(ms / 1000)} s ahead of this machine's`,
    'set both clocks (NTP): sescle removes nothing while it cannot know which one is right',
  );
}

function duesOf(rows: readonly Row[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const { dueSeconds } of rows) {
    if (dueSeconds !== null) counts.set(dueSeconds, (counts.get(dueSeconds) ?? 0) + 1);
  }
  return [...counts];
}

function keyOf({ ids }: Row): string {
  return ids.join('\0');
}

/** As people know it. */
function shownId({ ids }: Row): string {
  return ids
    .map((id) =>
      id.startsWith('x:')
        ? Buffer.from(id.slice(2), 'hex').toString('utf8')
        : id.replace(/^t:/, ''),
    )
    .join(',')
    .slice(0, 1000);
}
