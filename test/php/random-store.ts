/**
 * Random stores for the comparison with PHP: which sessions, how old, and the lifetime.
 *
 * Invariant: only regular files with names that PHP itself makes, and only ages for which PHP's
 * `now - mtime` does not overflow: within that, PHP and sescle must agree to the file. The cases in
 * which they differ on purpose are in differences.test.ts.
 */
import type { Random } from '../support/random.js';
import { seconds } from '../support/set-times.js';

export interface RandomSession {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly mtimeNs: bigint;
}

export interface RandomStore {
  readonly maxLifetimeSeconds: number;
  readonly sessions: readonly RandomSession[];
  /** Names that are no session's, which both must leave alone. */
  readonly foreignNames: readonly string[];
}

const alphabets = [
  '0123456789abcdef',
  '0123456789abcdefghijklmnopqrstuv',
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,',
] as const;

/** `sess_` and 250 characters are the 255 bytes that a file name may have. */
const longestId = 250;

const subSecondParts = [0, 1, 499_999_999, 999_999_999] as const;

/** The kernel's last second; it has no nanoseconds. */
const maxInt64 = 2n ** 63n - 1n;

/**
 * @param now about when the collectors will run: the ages around the boundary are spread over
 *   some seconds, so that some hit it exactly though the copying takes a second or two.
 * @param time64 whether the store's file system keeps any 64-bit time
 */
export function randomStore(random: Random, now: number, time64: boolean): RandomStore {
  const maxLifetimeSeconds = randomLifetime(random);
  const sessions = new Map<string, RandomSession>();
  for (let wanted = random.integer(0, 80); wanted > 0; wanted--) {
    const id = randomId(random);
    const whole = randomTime(random, now, maxLifetimeSeconds, time64);
    const mtimeNs = seconds(whole, whole === maxInt64 ? 0 : random.pick(subSecondParts));
    sessions.set(id, { id, data: randomData(random), mtimeNs });
  }
  return {
    maxLifetimeSeconds,
    sessions: [...sessions.values()],
    foreignNames: random.pick([[], ['README', '.htaccess', 'sess', 'xsess_abc', 'SESS_abc']]),
  };
}

/**
 * What both must do, said a third time and in whole numbers of any size: a check of the test itself
 * (that the times arrived on the disk, and that PHP collected at all).
 */
export function isExpired(mtimeNs: bigint, now: number, maxLifetimeSeconds: number): boolean {
  return ageSeconds(mtimeNs, now) > BigInt(maxLifetimeSeconds);
}

/** Whole seconds between `now` and the start of the second that the time lies in. */
export function ageSeconds(mtimeNs: bigint, now: number): bigint {
  const nsPerSecond = 1_000_000_000n;
  const belowSecond = ((mtimeNs % nsPerSecond) + nsPerSecond) % nsPerSecond;
  return BigInt(now) - (mtimeNs - belowSecond) / nsPerSecond;
}

function randomLifetime(random: Random): number {
  return random.pick([
    1,
    2,
    1440,
    random.integer(1, 100),
    random.integer(1, 100_000),
    random.integer(1, 100_000),
    random.integer(1, 100_000),
    10 * 365 * 86_400,
    2 ** 31 + random.integer(-2, 2),
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
  ]);
}

function randomId(random: Random): string {
  const length = random.pick([
    1,
    2,
    3,
    26,
    32,
    32,
    32,
    40,
    longestId,
    random.integer(1, longestId),
  ]);
  return random.text(random.pick(alphabets), length);
}

function randomData(random: Random): Record<string, unknown> {
  return random.pick<Record<string, unknown>>([
    {},
    { user: random.integer(1, 1_000_000) },
    { user: 'ada', basket: [1, 2, 3], note: random.text('xyzäöü|;"', random.integer(0, 400)) },
  ]);
}

/** Whole seconds since 1970. */
function randomTime(random: Random, now: number, lifetime: number, time64: boolean): bigint {
  const boundary = BigInt(now) - BigInt(lifetime);
  const anywhere: [() => bigint, ...(() => bigint)[]] = [
    () => boundary + BigInt(random.integer(-3, 8)),
    () => boundary + BigInt(random.integer(-3, 8)),
    () => boundary + BigInt(random.integer(-3, 8)),
    () => boundary + BigInt(random.integer(-100, 100)),
    () => BigInt(now - random.integer(0, 200_000)),
    () => BigInt(random.integer(0, now)),
    () => BigInt(random.pick([0, 1, -1, -2, -86_400])),
    () => BigInt(random.integer(-(2 ** 31) + 1, -1)),
    () => BigInt(now + random.integer(1, 10 * 365 * 86_400)),
  ];
  const time = random.pick(time64 ? [...anywhere, () => extremeTime(random, now)] : anywhere)();
  return time64 ? time : clampToExt4(time);
}

function extremeTime(random: Random, now: number): bigint {
  return random.pick([
    maxInt64,
    2n ** 62n,
    2n ** 33n,
    2n ** 34n + 1n,
    -(2n ** 31n) - 1n,
    -(2n ** 32n),
    -(2n ** 53n) - 1n,
    -(2n ** 62n),
    // The oldest time whose age still fits 64 bits, an hour from now.
    BigInt(now) + 3600n - maxInt64,
  ]);
}

function clampToExt4(time: bigint): bigint {
  const oldest = -(2n ** 31n) + 1n;
  return time < oldest ? oldest : time;
}
