/**
 * Who collects each store: nobody, too late, or too many.
 *
 * Invariant: pure. A collector counts only where it really reaches the store: Debian's job sees the
 * php.ini of each SAPI and no nested directories, PHP's own no nested directories either.
 */

import { warningOpenings } from '../../stores/store-warnings.js';
import { formatCount, plural } from '../../text/count.js';
import { formatDuration } from '../../text/duration.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';
import { bytesText } from '../words.js';

/** A monitor removes within seconds, a timer within minutes. */
export const lateSeconds = 600;

/** A scan that long is felt by whoever's request it happens in. */
const costlyMs = 100;

export function collectionFindings(facts: Facts): Finding[] {
  return [
    ...facts.stores.flatMap((store) => [
      ...uncollected(store, facts),
      ...late(store, facts),
      ...phpCollector(store),
      ...agedAway(store),
    ]),
    ...monitorFindings(facts),
    ...otherCollectors(facts),
  ];
}

/** Who removes the expired sessions of a store, in words. */
export function collectorsOf({ store, directory }: StoreFacts, facts: Facts): string[] {
  const name = directory ?? store.path;
  const monitors = facts.monitors ?? [];
  const isNamed = monitors.some(({ directories }) =>
    directories.some((named) => name === named || name.startsWith(`${named} table `)),
  );
  const isWatched = isNamed || monitors.some(({ directories }) => directories.length === 0);
  const bySescle = isNamed || (store.collectable && (isWatched || facts.schedules.length > 0));
  return [
    ...(bySescle ? ['sescle'] : []),
    ...(phpProbability(store) === null ? [] : ["PHP's own collector"]),
    ...(facts.collectors.length > 0 && isSeenByDebian(store) ? ["Debian's phpsessionclean"] : []),
  ];
}

function isRunning({ monitors }: Facts): boolean {
  return monitors !== null && monitors.length > 0;
}

/** The setting that makes PHP collect; null where it does not. */
function phpProbability({ settings, depth, warnings }: StoreFacts['store']): string | null {
  if (depth > 0) return null;
  const warning = warnings.find((each) => each.startsWith(warningOpenings.ownCollector));
  if (warning !== undefined) return warning;
  const probability = settings['session.gc_probability'];
  if (probability === undefined || !(Number.parseInt(probability.value, 10) > 0)) return null;
  const divisor = settings['session.gc_divisor']?.value ?? '100';
  return `session.gc_probability = ${probability.value} in ${divisor} requests (${probability.source})`;
}

/** It asks each SAPI for its own php.ini, and cannot read `N;/path`. */
function isSeenByDebian({ settings, depth }: StoreFacts['store']): boolean {
  const source = settings['session.save_path']?.source;
  if (depth > 0) return false;
  return source === undefined || /^\/etc\/php\/[^/]+\/[^/]+\/(?:php\.ini|conf\.d\/)/.test(source);
}

function overdueSeconds({ statistics }: StoreFacts): number {
  if (statistics === null || statistics.maxLifetime === null) return 0;
  if (statistics.expired === null || statistics.expired.sessions === 0) return 0;
  return Math.max(0, (statistics.oldestAgeSeconds ?? 0) - statistics.maxLifetime);
}

function expiredEvidence(facts: StoreFacts): string[] {
  const { statistics } = facts;
  const expired = statistics?.expired;
  if (statistics == null || expired == null || expired.sessions === 0) return [];
  return [
    `${formatCount(expired.sessions)} of ${plural(statistics.sessions, 'session')} are past their lifetime (${bytesText(expired.bytes)}), the oldest by ${formatDuration(overdueSeconds(facts), 2)}`,
  ];
}

function uncollected(facts: StoreFacts, all: Facts): Finding[] {
  const { store, directory, isMissing, statistics } = facts;
  if (directory === null || isMissing || collectorsOf(facts, all).length > 0) return [];
  const { depth, collectable, reason, settings } = store;
  const probability = settings['session.gc_probability'];
  const isRefused = !collectable && !store.isBlocked && reason?.startsWith('never, says') === true;
  if (isRefused) return [];
  return [
    {
      id: 'nobody-collects',
      severity: overdueSeconds(facts) > lateSeconds ? 'urgent' : 'warning',
      subject: directory,
      title: 'nobody removes expired sessions',
      evidence: [
        ...expiredEvidence(facts),
        ...(depth > 0
          ? [`${plural(depth, 'level')} of directories: PHP itself collects nothing there`]
          : []),
        ...(depth === 0 && probability !== undefined
          ? [
              `session.gc_probability = ${probability.value} (${probability.source}): PHP collects nothing`,
            ]
          : []),
        ...(all.collectors.length > 0 && !isSeenByDebian(store)
          ? ["Debian's phpsessionclean does not see this directory"]
          : []),
        ...(collectable ? [noSescle(all)] : [`sescle may not: ${reason ?? 'unknown reason'}`]),
      ],
      consequence:
        statistics === null || statistics.sessions === 0
          ? 'the directory grows until the file system is full'
          : `the directory, now ${plural(statistics.sessions, 'session')}, grows until the file system is full`,
      remedy: collectable
        ? ['systemctl enable --now sescle.service']
        : store.isBlocked
          ? [`sescle stores -v # why ${shellWord(directory)} is not collected`]
          : [`sescle adopt -l LIFETIME ${shellWord(directory)}`],
    },
  ];
}

function noSescle({ monitors }: Facts): string {
  return monitors === null
    ? 'neither sescle.service nor sescle-sweep.timer is enabled'
    : 'sescle does not run, and neither sescle.service nor sescle-sweep.timer is enabled';
}

function late(facts: StoreFacts, all: Facts): Finding[] {
  const { directory, store } = facts;
  const collectors = collectorsOf(facts, all);
  const isLate = overdueSeconds(facts) > lateSeconds;
  if (directory === null || collectors.length === 0 || !isLate || store.doubt !== null) return [];
  const bySescle = collectors.includes('sescle');
  return [
    {
      id: 'collected-late',
      severity: bySescle ? 'urgent' : 'warning',
      subject: directory,
      title: `expired sessions stay, though ${collectors.join(' and ')} should remove them`,
      evidence: expiredEvidence(facts),
      consequence: 'they take up space, and anyone who knows an id can still use it',
      remedy: [
        `sescle sweep ${shellWord(storePath(facts))}`,
        ...(bySescle ? ['journalctl -u sescle # why it does not'] : []),
      ],
    },
  ];
}

function storePath({ store, directory }: StoreFacts): string {
  return store.depth > 0 ? `${store.depth};${directory ?? store.path}` : (directory ?? store.path);
}

function phpCollector(facts: StoreFacts): Finding[] {
  const { store, directory, statistics } = facts;
  const probability = phpProbability(store);
  if (directory === null || probability === null) return [];
  const isCostly = statistics !== null && statistics.durationMs > costlyMs;
  return [
    {
      id: 'php-collects',
      severity: isCostly ? 'warning' : 'note',
      subject: directory,
      title: "PHP's own collector is on",
      evidence: [
        probability,
        ...(statistics === null
          ? []
          : [
              `looking at ${plural(statistics.sessions, 'session')} took ${statistics.durationMs} ms just now`,
            ]),
      ],
      consequence:
        'some requests wait while PHP looks at every session, and it removes sessions that are in use',
      remedy: ['set session.gc_probability = 0 there, once sescle runs'],
    },
  ];
}

function agedAway({ store, directory, agingRules }: StoreFacts): Finding[] {
  if (directory === null) return [];
  const lifetime = store.maxLifetime;
  return agingRules
    .filter(({ ageSeconds }) => lifetime === null || ageSeconds < lifetime)
    .map((rule) => ({
      id: 'cleaned-by-age',
      severity: 'warning',
      subject: directory,
      title: 'a cleaner of temporary files removes live sessions',
      evidence: [
        `${rule.source}: files below ${rule.path} are removed after ${formatDuration(Math.round(rule.ageSeconds))}`,
        lifetime === null
          ? 'the lifetime of the sessions is not known'
          : `the sessions live for ${formatDuration(lifetime)}`,
      ],
      consequence: 'users are logged out before the lifetime in PHP ends',
      remedy: [rule.exclude(directory)],
    }));
}

function monitorFindings({ monitors, schedules, installedMs }: Facts): Finding[] {
  const findings: Finding[] = [];
  if (monitors !== null && monitors.length === 0 && schedules.includes('sescle.service')) {
    findings.push({
      id: 'monitor-down',
      severity: 'urgent',
      subject: '',
      title: 'sescle.service is enabled but not running',
      evidence: ['no process of this machine is a sescle monitor'],
      consequence: 'expired sessions stay',
      remedy: ['systemctl start sescle.service', 'journalctl -u sescle # why it ended'],
    });
  }
  for (const { pid, startedMs } of monitors ?? []) {
    if (installedMs === null || startedMs >= installedMs) continue;
    findings.push({
      id: 'monitor-outdated',
      severity: 'warning',
      subject: '',
      title: 'the monitor is older than the package',
      evidence: [
        `process ${pid} began ${isoTime(startedMs)}, sescle was installed ${isoTime(installedMs)}`,
      ],
      consequence: 'the fixes of the new version are not active yet',
      remedy: ['systemctl restart sescle.service'],
    });
  }
  return findings;
}

/** To the second. */
function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function otherCollectors(facts: Facts): Finding[] {
  const isSescleAtWork = isRunning(facts) || facts.schedules.length > 0;
  return facts.collectors.map((collector) => {
    const isTimer = collector.includes('phpsessionclean.timer');
    const [file = ''] = /\/etc\/\S+?(?=[: ])/.exec(collector) ?? [];
    return {
      id: 'other-collector',
      severity: isSescleAtWork ? 'warning' : 'note',
      subject: '',
      title: isSescleAtWork
        ? 'another collector is at work beside sescle'
        : 'another collector is at work',
      evidence: [collector],
      consequence: 'sessions can be removed before they expire, and by other rules',
      remedy: isTimer
        ? ['systemctl disable --now phpsessionclean.timer']
        : [`comment the line out${file === '' ? '' : ` in ${file}`}`],
    };
  });
}
