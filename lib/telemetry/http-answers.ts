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

const resources = new Map<string, (status: MonitorStatus) => Answer | Promise<Answer>>([
  ['/', (status) => ok('text/html; charset=utf-8', statusPage(status))],
  ['/api/status', (status) => ok('application/json; charset=utf-8', JSON.stringify(status))],
  ['/healthz', (status) => healthAnswer(healthFaults(status))],
  ['/metrics', async (status) => ok(metricsContentType, await metricsText(status, processUsage()))],
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
  snapshot: () => MonitorStatus | Promise<MonitorStatus>,
  periodMs: number,
  now: () => number,
): (method: string | undefined, target: string | undefined) => Promise<Answer> {
  const status = rationed(snapshot, periodMs, now);
  const answers = new Map(
    Array.from(resources, ([path, answer]) => [
      path,
      rationed(async () => answer(await status()), periodMs, now),
    ]),
  );
  return async (method, target = '') => {
    if (method !== 'GET' && method !== 'HEAD') return notAllowed;
    const answer = answers.get(target.split('?', 1)[0] ?? '');
    return answer === undefined ? notFound : answer();
  };
}
