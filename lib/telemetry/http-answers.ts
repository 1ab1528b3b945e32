/**
 * What the status server says: a method and a path -> status, content type, text.
 *
 * Invariant: pure but for the snapshot; however often a text is asked for, it is made seldom. What is not
 * listed here is not there.
 */
import type { MonitorStatus } from '../monitor/status.js';
import { healthFaults } from './health.js';
import { metricsContentType, metricsText, processUsage } from './metrics.js';
import { statusPage } from './page.js';
import { rationed } from './rationed.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const text = 'text/plain; charset=utf-8';

export type Snapshot = () => MonitorStatus | Promise<MonitorStatus>;

/** What an answer is made of: a snapshot takes a walk over all sessions, a summary does not. */
interface Sources<From> {
  readonly snapshot: From;
  readonly summary: From;
}

interface Resource {
  readonly from: keyof Sources<unknown>;
  readonly answer: (status: MonitorStatus) => Answer | Promise<Answer>;
}

const resources = new Map<string, Resource>([
  [
    '/',
    { from: 'snapshot', answer: (status) => ok('text/html; charset=utf-8', statusPage(status)) },
  ],
  [
    '/api/status',
    {
      from: 'snapshot',
      answer: (status) => ok('application/json; charset=utf-8', JSON.stringify(status)),
    },
  ],
  ['/healthz', { from: 'summary', answer: (status) => healthAnswer(healthFaults(status)) }],
  [
    '/metrics',
    {
      from: 'summary',
      answer: async (status) => ok(metricsContentType, await metricsText(status, processUsage())),
    },
  ],
  [
    '/metrics/stores',
    {
      from: 'summary',
      answer: async (status) =>
        ok(metricsContentType, await metricsText(status, processUsage(), 'each')),
    },
  ],
]);

export const notAllowed: Answer = plain(405, 'Only GET and HEAD are answered.\n');
export const notFound: Answer = plain(
  404,
  `There is nothing here. Try ${[...resources.keys()].join(', ')}.\n`,
);
export const wrongHost: Answer = plain(
  403,
  'This name is not one of this server. Use the address that was given to --http, or localhost.\n',
);
export const failed: Answer = plain(500, 'The status could not be told; the log says why.\n');

function ok(contentType: string, body: string): Answer {
  return { status: 200, contentType, body };
}

function plain(status: number, body: string): Answer {
  return { status, contentType: text, body };
}

function healthAnswer(faults: string): Answer {
  return faults === '' ? ok(text, 'ok\n') : plain(503, faults);
}

/**
 * @param periodMs how old an answer may be
 * @param now a clock that never goes back, in milliseconds
 * @returns what answers a method and a target as in the request's first line
 */
export function answersFrom(
  sources: Sources<Snapshot>,
  periodMs: number,
  now: () => number,
): (method: string | undefined, target: string | undefined) => Promise<Answer> {
  const status: Sources<() => Promise<MonitorStatus>> = {
    snapshot: rationed(sources.snapshot, periodMs, now),
    summary: rationed(sources.summary, periodMs, now),
  };
  const answers = new Map(
    Array.from(resources, ([path, { from, answer }]) => [
      path,
      rationed(async () => answer(await status[from]()), periodMs, now),
    ]),
  );
  return async (method, target = '') => {
    if (method !== 'GET' && method !== 'HEAD') return notAllowed;
    const answer = answers.get(target.split('?', 1)[0] ?? '');
    return answer === undefined ? notFound : answer();
  };
}
