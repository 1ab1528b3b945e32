/**
 * What the monitor's events say to people, and how much they matter.
 *
 * Invariant: one line an event, or none where nothing happened that anyone need know; names are
 * printable already.
 */
import { type Shard, shardText } from '../engine/shard.js';
import type { MonitorEvent } from '../monitor/events.js';
import { plural } from '../text/count.js';
import { doubtText } from '../text/doubt.js';
import { formatDuration } from '../text/duration.js';
import { hugeText } from '../text/huge-directory.js';
import { setAsideText } from '../text/set-aside.js';
import { whatStays } from '../text/what-stays.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
  /** The same for programs, in the log's JSON. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** @returns its lines, most often one */
export function eventLines(event: MonitorEvent): LogLine[] {
  const common = commonFields(event);
  return linesOf(event).map((line) => ({ ...line, fields: { ...common, ...line.fields } }));
}

/** Of every line of the event: its kind, its store, and the numbers that the text holds. */
function commonFields(event: MonitorEvent): Record<string, unknown> {
  switch (event.kind) {
    case 'watching':
      return {
        event: event.kind,
        store: event.store,
        lifetimeSeconds: event.maxLifetime,
        ...(event.shard === null ? {} : { shard: event.shard }),
      };
    case 'lifetime':
      return { event: event.kind, store: event.store, lifetimeSeconds: event.maxLifetime };
    case 'uncertain': {
      const { uids, reasons, remedy } = event.doubt;
      return { event: event.kind, store: event.store, uids, reasons, remedy };
    }
    case 'failures':
    case 'warnings':
      return { event: event.kind, store: event.store };
    case 'huge-directory':
      return { event: event.kind, store: event.store, ...event.directory };
    case 'discovered':
      return { event: event.kind };
    default: {
      const { kind, ...rest } = event;
      return { event: kind, ...rest };
    }
  }
}

function linesOf(event: MonitorEvent): LogLine[] {
  switch (event.kind) {
    case 'watching':
      return [info(`${event.store}: watching${shareText(event)}; ${lifeText(event)}`)];
    case 'lifetime':
      return [info(`${event.store}: ${lifeText(event)} from now on`)];
    case 'gone':
      return [info(`${event.store}: no longer watched`)];
    case 'blocked':
      return [
        {
          level: 'error',
          text: `${event.store}: cannot be watched: ${event.problem}; sescle keeps trying`,
        },
      ];
    case 'uncertain':
      return [warn(`${event.store}: ${doubtText(event.doubt)}`)];
    case 'scanned': {
      const { store, sessions, removed, durationMs } = event;
      const took = `${(durationMs / 1000).toFixed(1)} s`;
      const counts = [
        ...(sessions === null ? [] : [plural(sessions, 'session')]),
        ...(removed > 0 ? [`${removed} removed`] : []),
      ];
      const found = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
      const text = `${store}: scanned in ${took}${found}`;
      return [{ level: removed > 0 ? 'info' : 'debug', text }];
    }
    case 'failing':
      return [{ level: 'error', text: `${event.store}: ${event.problem}` }];
    case 'recovered':
      return [info(`${event.store}: works again`)];
    case 'replaced':
      return [warn(`${event.store}: the directory was replaced or changed owner; scanning it`)];
    case 'left-to-others':
      return [info(`${event.store}: another sescle removes its sessions; this one only checks`)];
    case 'taken-over':
      return [info(`${event.store}: no other sescle removes its sessions; this one does`)];
    case 'failures':
      return event.failures.map(({ path, message, remedy, count, code, syscall }) => {
        const more = count > 1 ? ` (${count} times)` : '';
        const text = `${path}: ${message}${more}${remedy === null ? '' : `; ${remedy}`}`;
        return { ...warn(text), fields: { path, code, syscall, count, remedy } };
      });
    case 'warnings':
      return event.warnings.map((warning) => warn(`${event.store}: ${warning}`));
    case 'set-aside':
      return [warn(setAsideText(event.store, event.sessions))];
    case 'huge-directory':
      return [warn(hugeText(event.directory))];
    case 'index-full':
      return [
        warn(
          `${event.store}: more than ${event.sessions} sessions: those beyond the limit are only found by scans; raise --index-limit`,
        ),
      ];
    case 'clock-set':
      return [
        warn(
          `the system clock was changed by ${event.bySeconds} s: sessions are kept ${event.graceSeconds} s longer until all older ones have expired`,
        ),
      ];
    case 'clock-not-kept':
      return [
        warn(
          `a clock change while sescle is not running will go unnoticed: ${event.problem}; pass --state with a writable directory`,
        ),
      ];
    case 'discovered':
      return [
        ...event.warnings.map(warn),
        ...event.notCollected.map(({ id, reason }) => ({
          level: 'debug' as const,
          text: `${id}: left alone: ${reason}`,
          fields: { store: id, reason },
        })),
        ...(event.stores === 0 ? [warn('no store found; waiting for one to appear')] : []),
      ];
    case 'not-discovered':
      return [{ level: 'error', text: `${event.problem}; ${whatStays(event.ageSeconds)}` }];
  }
}

function shareText({ shard }: { readonly shard: Shard | null }): string {
  return shard === null ? '' : ` shard ${shardText(shard)}`;
}

/** @param maxLifetime seconds; 0: each has its own */
function lifeText({ maxLifetime }: { readonly maxLifetime: number }): string {
  return maxLifetime === 0
    ? 'each session says when it expires'
    : `sessions live ${formatDuration(maxLifetime)}`;
}

function info(text: string): LogLine {
  return { level: 'info', text };
}

function warn(text: string): LogLine {
  return { level: 'warn', text };
}
