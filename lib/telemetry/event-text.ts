/**
 * What the monitor's events say to people, and how much they matter.
 *
 * Invariant: one line an event, or none where nothing happened that anyone need know; names are
 * printable already.
 */
import type { MonitorEvent } from '../monitor/events.js';
import { plural } from '../text/count.js';
import { doubtText } from '../text/doubt.js';
import { formatDuration } from '../text/duration.js';
import { setAsideText } from '../text/set-aside.js';
import { whatStays } from '../text/what-stays.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** @returns its lines, most often one */
export function eventLines(event: MonitorEvent): LogLine[] {
  switch (event.kind) {
    case 'watching':
      return [info(`${event.store}: watching; sessions live ${formatDuration(event.maxLifetime)}`)];
    case 'lifetime':
      return [
        info(`${event.store}: sessions live ${formatDuration(event.maxLifetime)} from now on`),
      ];
    case 'gone':
      return [info(`${event.store}: not watched any more`)];
    case 'blocked':
      return [
        {
          level: 'error',
          text: `${event.store}: cannot be watched: ${event.problem}; it is watched once that has changed`,
        },
      ];
    case 'uncertain':
      return [warn(`${event.store}: ${doubtText(event.doubt)}`)];
    case 'scanned': {
      const { store, sessions, removed, durationMs } = event;
      const took = `${(durationMs / 1000).toFixed(1)} s`;
      const others = removed > 0 ? `, ${removed} removed` : '';
      const text = `${store}: scanned in ${took}: ${plural(sessions, 'session')}${others}`;
      return [{ level: removed > 0 ? 'info' : 'debug', text }];
    }
    case 'failing':
      return [{ level: 'error', text: `${event.store}: ${event.problem}` }];
    case 'recovered':
      return [info(`${event.store}: works again`)];
    case 'replaced':
      return [
        warn(
          `${event.store}: another directory lies there by now, or it has another owner: scanning it`,
        ),
      ];
    case 'failures':
      return event.failures.map(({ path, message, remedy, count }) => {
        const more = count > 1 ? ` (${count} times)` : '';
        return warn(`${path}: ${message}${more}${remedy === null ? '' : `; ${remedy}`}`);
      });
    case 'set-aside':
      return [warn(setAsideText(event.store, event.sessions))];
    case 'index-full':
      return [
        warn(
          `${event.store}: more than ${event.sessions} sessions: those that expire last are found by scans only; raise --index-limit`,
        ),
      ];
    case 'clock-set':
      return [
        warn(
          `the system's clock was set by ${event.bySeconds} s: sessions are kept ${event.graceSeconds} s longer until those from before have had their time`,
        ),
      ];
    case 'clock-not-kept':
      return [
        warn(
          `a clock that is set while sescle does not run will not be noticed: ${event.problem}; give --state a directory that it may write to`,
        ),
      ];
    case 'discovered':
      return [
        ...event.warnings.map(warn),
        ...event.notCollected.map(({ id, reason }) => ({
          level: 'debug' as const,
          text: `${id}: left alone: ${reason}`,
        })),
        ...(event.stores === 0 ? [warn('no store was found: waiting for one')] : []),
      ];
    case 'not-discovered':
      return [{ level: 'error', text: `${event.problem}; ${whatStays(event.ageSeconds)}` }];
  }
}

function info(text: string): LogLine {
  return { level: 'info', text };
}

function warn(text: string): LogLine {
  return { level: 'warn', text };
}
