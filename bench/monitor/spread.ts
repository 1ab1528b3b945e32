/**
 * Stores that are filled by programs/spread.c, whose sessions' names say when they are due.
 *
 * Invariant: what is due when is decided here and in spread.c, by PHP's rule, and never by what the
 * monitor says.
 */
import { type ExecuteOptions, run } from '../execute.js';
import { program } from '../places.js';

export interface Spread {
  /** Sessions in all. */
  readonly size: number;
  /** Of them, in each of the seconds. */
  readonly eachSecond: number;
  readonly seconds: number;
  readonly lifetimeSeconds: number;
  /** From when all is written to the first of the seconds; less than 0: that second is over. */
  readonly leadSeconds: number;
  /** Stores below the root; 0: the root is the store. */
  readonly directories?: number;
  /** How many of those that are due in the seconds to name. */
  readonly picks?: number;
  readonly bytes?: number;
}

/** A session's ID, and the second since 1970 from which it may be removed. */
export type Pick = readonly [id: string, dueSecond: number];

export interface Filled extends Spread {
  readonly root: string;
  /** The first of the seconds, since 1970. */
  readonly first: number;
  readonly picked: readonly Pick[];
}

/** Sessions belong to Debian's www-data, as PHP would make them; only root can give them away. */
const wwwData = 33;

/** Who visits; undefined where only our own user can. */
export const visitorUid = process.getuid?.() === 0 ? wwwData : undefined;

export async function fillSpread(
  root: string,
  spread: Spread,
  options: ExecuteOptions,
): Promise<Filled> {
  const { size, eachSecond, seconds, lifetimeSeconds, leadSeconds } = spread;
  const output = await run(
    program('spread'),
    [
      root,
      ...[size, eachSecond, seconds, lifetimeSeconds].map(String),
      `lead=${leadSeconds}`,
      `directories=${spread.directories ?? 0}`,
      `picks=${spread.picks ?? 0}`,
      `bytes=${spread.bytes ?? 200}`,
      ...(visitorUid === undefined ? [] : [`owner=${visitorUid}`]),
    ],
    options,
  );
  const { first, picks } = JSON.parse(output) as { first: number; picks: Pick[] };
  return { ...spread, root, first, picked: picks };
}

/** Debian's nobody. */
const strangerUid = 65_534;

/**
 * Fills a store that is filled already with sessions of another user, all of which are due in the
 * middle one of its seconds. Only root can.
 */
export async function floodSpread(
  { root, lifetimeSeconds, first, seconds }: Filled,
  count: number,
  options: ExecuteOptions,
): Promise<void> {
  const when = [`join=${first}`, `slot=${Math.floor(seconds / 2)}`];
  const numbers = [count, count, 1, lifetimeSeconds].map(String);
  await run(program('spread'), [root, ...numbers, ...when, `owner=${strangerUid}`], options);
}

/** How long it may take to make a flood, or to remove it, with room to spare. */
export function floodSeconds(count: number): number {
  return Math.ceil(count / 10_000);
}

/** Whether a session was made by floodSpread. */
export function isOfFlood(name: string): boolean {
  return name.startsWith('sess_J');
}

/** How long the nice scan of so many sessions may take, with room to spare. */
export function scanSeconds(size: number): number {
  return 5 + Math.ceil(size / 15_000);
}

const dueName = /^sess_[WJ]([0-9]{5})/;

/** When a session of that store is due; undefined: long after, or it is none that spread.c made. */
export function dueSecondOf(name: string, { first }: Filled): number | undefined {
  const slot = dueName.exec(name)?.[1];
  return slot === undefined ? undefined : first + Number(slot);
}

/**
 * The earliest that PHP's own collector may remove what was last written at that time or after it.
 *
 * The kernel's time stamps are a tick, 10 ms at the most, behind.
 */
export function dueAfter(writtenSeconds: number, lifetimeSeconds: number): number {
  return Math.floor(writtenSeconds - 0.01) + lifetimeSeconds + 1;
}
