/**
 * A store's lifetime in words, and whose word it is.
 *
 * Invariant: the same in the list of stores and in the report of a sweep; a source is only named for
 * the value that it holds.
 */
import type { Store, StoreReport } from '../index.js';
import { atMost, listRows, type Row } from './block.js';
import { formatDuration } from './duration.js';
import type { Style } from './style.js';
import { formatCount, plural } from './words.js';

export interface LifetimeWords {
  /** Seconds; null: no lifetime holds. */
  readonly seconds: number | null;
  /** Seconds. */
  readonly grace: number;
  /** As `from /etc/php/8.2/fpm/php.ini:1432`; undefined where it need not be told. */
  readonly origin: string | undefined;
  /** Whether to tell the seconds too. */
  readonly isDetailed: boolean;
}

/** As `24m and 5m of grace (1,440 seconds, from FILE:LINE)`. */
export function lifetimeText({ seconds, grace, origin, isDetailed }: LifetimeWords): string {
  if (seconds === null) return 'none';
  if (seconds <= 0) return withOrigin(plural(seconds, 'second'), [origin]);
  const readable = formatDuration(seconds);
  const withGrace = grace > 0 ? `${readable} and ${formatDuration(grace)} of grace` : readable;
  return withOrigin(withGrace, [isDetailed ? plural(seconds, 'second') : undefined, origin]);
}

function withOrigin(text: string, asides: readonly (string | undefined)[]): string {
  const told = asides.filter((aside) => aside !== undefined);
  return told.length === 0 ? text : `${text} (${told.join(', ')})`;
}

/** The lifetime that a store's own settings name, whether it is collected by it or not. */
export function storeLifetimeText(store: Store, isDetailed: boolean): string {
  const { maxLifetime, lifetimesByUser, grace } = store;
  if (maxLifetime === null && lifetimesByUser.length > 0) {
    return 'none, except for these users:';
  }
  const seconds = maxLifetime ?? settingSeconds(store);
  if (seconds !== null) {
    return lifetimeText({ seconds, grace, origin: lifetimeOrigin(store), isDetailed });
  }
  const setting = lifetimeSetting(store);
  return setting === undefined ? 'not known' : withOrigin(setting.value, [lifetimeOrigin(store)]);
}

/** One text for each user whose files live for another time. */
export function userLifetimeTexts({ lifetimesByUser }: Store, isDetailed: boolean): string[] {
  const texts = lifetimesByUser.map(({ uid, user, maxLifetime }) => {
    const lifetime = lifetimeText({
      seconds: maxLifetime,
      grace: 0,
      origin: undefined,
      isDetailed,
    });
    return `${lifetime} for files of ${userText({ uid, user })}`;
  });
  return isDetailed ? texts : atMost(texts, 4);
}

function userText({ uid, user }: { readonly uid: number; readonly user: string | null }): string {
  return user === null ? `uid ${uid}` : `${user} (uid ${uid})`;
}

/** Why what is past its lifetime is kept, and what would settle it. */
export function doubtRows(
  doubt: StoreReport['doubt'] | Store['doubt'],
  isDetailed: boolean,
  paint: Style['kept'],
): Row[] {
  if (doubt === null) return [];
  const { reasons, remedy } = doubt;
  const users = 'users' in doubt ? doubt.users : doubt.uids?.map((uid) => ({ uid, user: null }));
  const whose = users == null ? [] : [`files of ${atMost(users.map(userText), 4).join(', ')}`];
  const told = isDetailed ? reasons : atMost(reasons, 1);
  return [...listRows('uncertain', [...whose, ...told], paint), { label: 'to fix', text: remedy }];
}

/** Where the lifetime comes from, as `from FILE:LINE`; undefined where that is not known. */
export function lifetimeOrigin(store: Store): string | undefined {
  const setting = lifetimeSetting(store);
  if (setting === undefined) return undefined;
  const own = settingSeconds(store);
  return own !== null && store.maxLifetime !== null && own !== store.maxLifetime
    ? 'chosen from several settings'
    : `from ${setting.source}`;
}

/** The longest that any file of the store lives; null: not known, or without an end. */
export function longestLifetime({ maxLifetime, lifetimesByUser }: Store): number | null {
  return lifetimesByUser.reduce<number | null>(
    (longest, own) => (longest === null ? null : Math.max(longest, own.maxLifetime)),
    maxLifetime,
  );
}

/** PHP's own, or that of a store that PHP has no setting for. */
function lifetimeSetting({ settings }: Store) {
  return settings['session.gc_maxlifetime'] ?? settings['lifetime'];
}

/** Null for what is not a plain number, as `1K`. */
function settingSeconds(store: Store): number | null {
  const value = lifetimeSetting(store)?.value.trim() ?? '';
  return /^-?[0-9]{1,15}$/.test(value) ? Number(value) : null;
}

/** Levels of directories, in words. */
export function depthText(depth: number): string {
  return depth === 1
    ? 'below one level of directories'
    : `below ${formatCount(depth)} levels of directories`;
}
