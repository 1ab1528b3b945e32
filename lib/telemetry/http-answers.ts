/**
 * What the status server says: a method and a path -> status, content type, text.
 *
 * Invariant: pure but for the snapshot; however often a text about all stores is asked for, it is made
 * seldom, and one about a single store costs what this store costs. What is not listed here is not there.
 */
import type { MonitoredStore, MonitorStatus } from '../monitor/status.js';
import { healthFaults } from './health.js';
import type { StoreHistory } from './history.js';
import { metricsContentType, metricsText, processUsage } from './metrics.js';
import { onlyStore, statusPage, storePage } from './page.js';
import { rationed } from './rationed.js';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const text = 'text/plain; charset=utf-8';

export type Snapshot = () => MonitorStatus | Promise<MonitorStatus>;

export type StoreLookup = (id: string) => MonitoredStore | null | Promise<MonitoredStore | null>;

/** What answers are made of: a snapshot takes a walk over all sessions, a summary does not. */
export interface Sources {
  readonly snapshot: Snapshot;
  readonly summary: Snapshot;
  /** One store, whole; null: there is none. Default: found in the snapshot. */
  readonly store?: StoreLookup | undefined;
  readonly historyOf: (id: string) => StoreHistory;
}

type PageSources = Required<Pick<Sources, 'historyOf'>> & { readonly store: StoreLookup };

interface Resource {
  readonly from: 'snapshot' | 'summary';
  readonly answer: (status: MonitorStatus, sources: PageSources) => Answer | Promise<Answer>;
}

const html = 'text/html; charset=utf-8';

const resources = new Map<string, Resource>([
  [
    '/',
    {
      from: 'summary',
      answer: async (status, { store, historyOf }) => {
        const only = onlyStore(status);
        const whole = only === null ? null : ((await store(only.id)) ?? only);
        return ok(html, statusPage(status, historyOf, whole));
      },
    },
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
export const noSuchStore: Answer = plain(
  404,
  'There is no such store. All stores are listed at /.\n',
);
export const wrongHost: Answer = plain(
  403,
  'This server does not answer to that host name. Use the address given to --http, or localhost.\n',
);
export const failed: Answer = plain(500, 'The status could not be read; the log says why.\n');

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
  sources: Sources,
  periodMs: number,
  now: () => number,
): (method: string | undefined, target: string | undefined) => Promise<Answer> {
  const status = {
    snapshot: rationed(sources.snapshot, periodMs, now),
    summary: rationed(sources.summary, periodMs, now),
  };
  const page: PageSources = {
    historyOf: sources.historyOf,
    store:
      sources.store ??
      (async (id) => (await status.snapshot()).stores.find((one) => one.id === id) ?? null),
  };
  const answers = new Map(
    Array.from(resources, ([path, { from, answer }]) => [
      path,
      rationed(async () => answer(await status[from](), page), periodMs, now),
    ]),
  );
  return async (method, target = '') => {
    if (method !== 'GET' && method !== 'HEAD') return notAllowed;
    const [path = '', query = ''] = target.split('?', 2);
    const id = path === '/' ? new URLSearchParams(query).get('store') : null;
    if (id !== null) {
      const [{ nowMs }, found] = await Promise.all([status.summary(), page.store(id)]);
      if (found === null) return noSuchStore;
      return ok(html, storePage(found, nowMs, sources.historyOf));
    }
    const answer = answers.get(path);
    return answer === undefined ? notFound : answer();
  };
}
