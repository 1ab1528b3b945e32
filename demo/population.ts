/**
 * Who lives in the demonstration's store: what each entry is called, what it is and how old.
 *
 * Invariant: a plan only. Nothing here looks at the disk or knows what a sweep does.
 */
import type { Random } from './random.js';
import { randomSessionId } from './session-file.js';

export type EntryKind = 'session' | 'link' | 'directory' | 'fifo' | 'foreign';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
  /** Whole seconds since 1970. */
  readonly mtimeSeconds: number;
  /** Another process holds it open and locked, as PHP does while a page is being made. */
  readonly locked: boolean;
}

/** Names that PHP gives no session. All but the first few look like one at a glance. */
const foreignNames = [
  'README',
  '.htaccess',
  'index.html',
  'sess_',
  'sess_bad.name',
  'sess_with space',
  'sess_under_score',
  'sess_new\nline',
  'SESS_uppercase',
  'session_5f3a',
] as const;

const day = 86_400;

/** @param count how many entries, about; there are a few of every kind at least */
export function population(
  count: number,
  maxLifetimeSeconds: number,
  nowSeconds: number,
  random: Random,
): Entry[] {
  const longAgo = (): number => nowSeconds - maxLifetimeSeconds - random.integer(60, 30 * day);
  const oddities = (kind: EntryKind): Entry[] =>
    Array.from({ length: 20 }, () => ({
      name: `sess_${randomSessionId(random)}`,
      kind,
      mtimeSeconds: longAgo(),
      locked: false,
    }));
  const entries = [
    ...oddities('link'),
    ...oddities('directory'),
    ...oddities('fifo'),
    ...foreignNames.map(
      (name): Entry => ({ name, kind: 'foreign', mtimeSeconds: longAgo(), locked: false }),
    ),
  ];
  const sessions = Math.max(count - entries.length, 100);
  const lockedSessions = Math.min(200, Math.ceil(sessions / 10));
  for (let index = 0; index < sessions; index++) {
    const locked = index < lockedSessions;
    entries.push({
      name: `sess_${randomSessionId(random)}`,
      kind: 'session',
      mtimeSeconds: locked ? longAgo() : sessionTime(maxLifetimeSeconds, nowSeconds, random),
      locked,
    });
  }
  return entries;
}

/** Half of the sessions are old, some are about to expire, the rest are fresh. */
function sessionTime(maxLifetimeSeconds: number, nowSeconds: number, random: Random): number {
  const share = random.fraction();
  if (share < 0.5) return nowSeconds - maxLifetimeSeconds - random.integer(1, 30 * day);
  if (share < 0.6) return nowSeconds - maxLifetimeSeconds + random.integer(-30, 30);
  if (share < 0.62) return nowSeconds + random.integer(60, day);
  return nowSeconds - random.integer(0, maxLifetimeSeconds - 60);
}
