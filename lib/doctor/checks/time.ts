/**
 * Lifetimes and the clock: what contradicts itself, what is not known, and what lies in the future.
 *
 * Invariant: pure.
 */

import { warningOpenings } from '../../stores/store-warnings.js';
import { formatCount } from '../../text/count.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';

/** No machine that runs this is older. */
const earliestMs = Date.UTC(2026, 10, 1);

export function timeFindings({ stores, nowMs }: Facts): Finding[] {
  return [
    ...clock(nowMs),
    ...stores.flatMap((facts) => [
      ...future(facts),
      ...different(facts),
      ...short(facts),
      ...cookies(facts),
      ...uncertain(facts),
    ]),
  ];
}

function clock(nowMs: number): Finding[] {
  if (nowMs >= earliestMs) return [];
  return [
    {
      id: 'clock-wrong',
      severity: 'urgent',
      subject: '',
      title: "the system's clock is wrong",
      evidence: [
        `the clock says ${new Date(nowMs).toISOString()}, which is before this version of sescle was built`,
      ],
      consequence: 'the ages of sessions are unknown, so sescle removes nothing',
      remedy: ['timedatectl set-ntp true'],
    },
  ];
}

function future({ statistics, directory, store }: StoreFacts): Finding[] {
  if (statistics === null || directory === null || statistics.futureDated === 0) return [];
  const names = store.handler === 'files' ? "-name 'sess_*' " : '';
  return [
    {
      id: 'written-in-the-future',
      severity: 'warning',
      subject: directory,
      title: 'sessions were last written in the future',
      evidence: [`${formatCount(statistics.futureDated)} of ${formatCount(statistics.sessions)}`],
      consequence:
        "they live longer than they should: the clock was set back, or another host's is ahead",
      remedy: [
        'timedatectl # is the clock right, here and on the other hosts?',
        `find ${shellWord(directory)} -type f ${names}-newermt now -exec touch {} +`,
      ],
    },
  ];
}

function different({ store, directory }: StoreFacts): Finding[] {
  const text = store.warnings.find((each) => each.startsWith(warningOpenings.differentLifetimes));
  if (text === undefined) return [];
  return [
    {
      id: 'lifetimes-differ',
      severity: 'warning',
      subject: directory ?? store.path,
      title: 'one directory, different lifetimes',
      evidence: [text.replace(/^[^:]*: /, '')],
      consequence:
        "PHP's own collector logs the users of the longer one out early; sescle keeps all as long as the longest",
      remedy: ['give each its own session.save_path, or all the same session.gc_maxlifetime'],
    },
  ];
}

function short({ store, directory }: StoreFacts): Finding[] {
  const text = store.warnings.find((each) => each.startsWith(warningOpenings.shortLifetime));
  const lifetime = store.settings['session.gc_maxlifetime'];
  if (text === undefined) return [];
  return [
    {
      id: 'lifetime-short',
      severity: 'warning',
      subject: directory ?? store.path,
      title: text,
      evidence: [
        lifetime === undefined
          ? text
          : `session.gc_maxlifetime = ${lifetime.value} (${lifetime.source})`,
      ],
      consequence: 'users are logged out while they read',
      remedy: ['set session.gc_maxlifetime to 1440 (24 minutes) or more there'],
    },
  ];
}

function cookies({ longCookies, store, directory }: StoreFacts): Finding[] {
  const { maxLifetime } = store;
  if (longCookies.length === 0 || maxLifetime === null) return [];
  return [
    {
      id: 'cookie-outlives-session',
      severity: 'warning',
      subject: directory ?? store.path,
      title: 'cookies live longer than the sessions that they name',
      evidence: [
        ...longCookies.map(({ value, source }) => `session.cookie_lifetime = ${value} (${source})`),
        `session.gc_maxlifetime is ${maxLifetime}`,
      ],
      consequence:
        'browsers keep a login that the server has forgotten: users are logged out early',
      remedy: [
        'set session.gc_maxlifetime there to as much as session.cookie_lifetime, or the cookie to less',
      ],
    },
  ];
}

function uncertain({ store, directory }: StoreFacts): Finding[] {
  const { doubt } = store;
  if (doubt === null) return [];
  return [
    {
      id: 'lifetime-uncertain',
      severity: 'warning',
      subject: directory ?? store.path,
      title: 'sescle keeps expired sessions: their real lifetime may be longer',
      evidence: doubt.reasons,
      consequence: 'expired sessions stay until the lifetime is certain',
      remedy: [doubt.remedy],
    },
  ];
}
