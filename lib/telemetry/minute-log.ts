/**
 * What the log says of many stores: ten lines about single ones, then one line a minute for all.
 *
 * Invariant: warnings and errors are never left out, and what is left out is counted.
 */
import type { MonitorEvent } from '../monitor/events.js';
import type { MonitorCounts, StoreCounts } from '../monitor/status.js';
import { formatCount, plural } from '../text/count.js';
import type { LogLine } from './event-text.js';

/** With more stores than this they have no lines of their own. */
const mostStores = 10;

/** What becomes of a store in the course of things. */
const ordinary = {
  watching: 'watched',
  lifetime: 'with a new lifetime',
  gone: 'no longer watched',
  scanned: 'scanned',
} as const;

type Ordinary = keyof typeof ordinary;

/** A store that sessions were removed from in that minute. */
interface Changed extends Pick<StoreCounts, 'id' | 'sessions'> {
  readonly removed: number;
}

export class MinuteLog {
  readonly #isComplete: boolean;
  #removed: ReadonlyMap<string, number> | null = null;
  #written = 0;
  readonly #left = new Map<Ordinary, number>();

  /** @param isComplete whether every event has its line, however many stores there are */
  constructor(isComplete: boolean) {
    this.#isComplete = isComplete;
  }

  /** @returns whether the event has lines of its own */
  admits(event: MonitorEvent): boolean {
    if (this.#isComplete || !isOrdinary(event)) return true;
    if (event.kind === 'scanned' && event.removed === 0) return true;
    if (this.#written < mostStores) {
      this.#written += 1;
      return true;
    }
    this.#left.set(event.kind, (this.#left.get(event.kind) ?? 0) + 1);
    return false;
  }

  /** What was left out, and since the last call removed. */
  lines(now: MonitorCounts): LogLine[] {
    const before = this.#removed;
    const after = new Map<string, number>();
    const changed: Changed[] = [];
    let left = 0;
    for (const { id, sessions, removed, wouldRemove } of now.stores) {
      const total = removed + wouldRemove;
      after.set(id, total);
      left += sessions ?? 0;
      const since = before === null ? 0 : total - (before.get(id) ?? 0);
      if (since > 0) changed.push({ id, sessions, removed: since });
    }
    this.#removed = after;
    const all = { stores: after.size, sessions: left };
    const verb = now.dryRun ? 'would have removed' : 'removed';
    this.#written = 0;
    if (all.stores > mostStores) return this.#oneLine(all, changed, verb);
    return [
      ...changed.map(({ id, sessions, removed }) => ({
        level: 'info' as const,
        text: `${id}: ${verb} ${plural(removed, 'session')} in a minute${leftText(sessions)}`,
        fields: { event: 'minute', store: id, removed, sessions },
      })),
      ...this.#oneLine(all, [], verb),
    ];
  }

  #oneLine(
    { stores, sessions }: { readonly stores: number; readonly sessions: number },
    changed: readonly Changed[],
    verb: string,
  ): LogLine[] {
    const left = [...this.#left];
    this.#left.clear();
    if (changed.length === 0 && left.length === 0) return [];
    const removed = changed.reduce((sum, store) => sum + store.removed, 0);
    const of = `${formatCount(changed.length)} of ${plural(stores, 'store')}`;
    const counts = left.map(([kind, count]) => `${formatCount(count)} ${ordinary[kind]}`);
    const parts = [
      ...(removed === 0
        ? []
        : [`${verb} ${plural(removed, 'session')} from ${of} in a minute${leftText(sessions)}`]),
      ...(counts.length === 0 ? [] : [`more stores: ${counts.join(', ')} (-v logs each)`]),
    ];
    const fields = { event: 'minute', stores, removed, sessions };
    return [
      { level: 'info', text: parts.join('; '), fields: { ...fields, ...Object.fromEntries(left) } },
    ];
  }
}

function isOrdinary(event: MonitorEvent): event is Extract<MonitorEvent, { kind: Ordinary }> {
  return event.kind in ordinary;
}

function leftText(sessions: number | null): string {
  return sessions === null ? '' : `, ${plural(sessions, 'session')} left`;
}
