/** What the log says of few stores and of many. */
import { expect, test } from 'vitest';
import type { MonitorEvent } from '../../../lib/monitor/events.js';
import { eventLines } from '../../../lib/telemetry/event-text.js';
import { openLog } from '../../../lib/telemetry/log.js';
import { MinuteLog } from '../../../lib/telemetry/minute-log.js';
import { monitorStatus, storeStatus } from '../../telemetry/statuses.js';

function statusOf(stores: number, removed: number) {
  return monitorStatus(
    Array.from({ length: stores }, (_, at) =>
      storeStatus({ id: `/srv/${at}`, sessions: 10, removed: at < 3 ? removed : 0 }),
    ),
  );
}

const watching = (at: number): MonitorEvent => ({
  kind: 'watching',
  store: `/srv/${at}`,
  maxLifetime: 1440,
  shard: null,
});

test('up to ten stores have a line each', () => {
  const minute = new MinuteLog(false);
  expect(Array.from({ length: 10 }, (_, at) => minute.admits(watching(at)))).not.toContain(false);
  expect(minute.lines(statusOf(10, 4))).toEqual([]);
  expect(minute.lines(statusOf(10, 5)).map(({ text }) => text)).toEqual(
    [0, 1, 2].map((at) => `/srv/${at}: removed 1 session in a minute, 10 sessions left`),
  );
});

test('of more there is one line a minute, with the numbers as fields', () => {
  const minute = new MinuteLog(false);
  const written = Array.from({ length: 200 }, (_, at) => minute.admits(watching(at)));
  expect(written.filter((isWritten) => isWritten)).toHaveLength(10);
  expect(minute.lines(statusOf(200, 4)).map(({ text }) => text)).toEqual([
    'more stores: 190 watched (-v logs each)',
  ]);
  expect(minute.lines(statusOf(200, 4))).toEqual([]);
  expect(minute.lines(statusOf(200, 1004))).toEqual([
    {
      level: 'info',
      text: 'removed 3,000 sessions from 3 of 200 stores in a minute, 2,000 sessions left',
      fields: { event: 'minute', stores: 200, removed: 3000, sessions: 2000 },
    },
  ]);
});

test('with -v every store has its lines, and trouble always has', () => {
  const complete = new MinuteLog(true);
  const minute = new MinuteLog(false);
  const failing: MonitorEvent = { kind: 'failing', store: '/srv/x', problem: 'no' };
  for (let at = 0; at < 50; at += 1) {
    expect(complete.admits(watching(at))).toBe(true);
    minute.admits(watching(at));
    expect(minute.admits(failing)).toBe(true);
  }
});

test('the JSON has what the text says as fields', async () => {
  let written = '';
  const log = await openLog({
    isForPeople: false,
    level: 'info',
    write: (text) => {
      written += text;
    },
    now: () => 0,
  });
  for (const line of eventLines(watching(1))) log.write(line);
  expect(JSON.parse(written)).toMatchObject({
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    msg: '/srv/1: watching; sessions live 24m',
    event: 'watching',
    store: '/srv/1',
    lifetimeSeconds: 1440,
  });
});
