/**
 * Owners of sessions who have taken nearly all that their quota allows them.
 *
 * Invariant: pure; each user is named once a file system, however many stores lie on it.
 */
import { formatCount, plural } from '../../text/count.js';
import { formatDuration } from '../../text/duration.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';
import type { Allowance, Quota } from '../quotas.js';
import { bytesText, percentText } from '../words.js';
import { byFileSystem, growthOf, sweepsOf } from './space.js';

const fewShare = 0.1;
const hardlyShare = 0.02;
const soonSeconds = 24 * 3600;

export function quotaFindings({ stores }: Facts): Finding[] {
  return byFileSystem(stores).flatMap(([point, group]) => {
    const [first] = group;
    return (first?.quotas ?? []).flatMap((quota) => [
      ...shortage('inodes', quota, point, group),
      ...shortage('blocks', quota, point, group),
    ]);
  });
}

type Kind = 'inodes' | 'blocks';

function shortage(kind: Kind, quota: Quota, point: string, all: readonly StoreFacts[]): Finding[] {
  const { used, limit } = quota[kind];
  const group = all.filter(({ statistics }) =>
    statistics?.byOwner.some(({ uid }) => uid === quota.uid),
  );
  if (limit === null || group.length === 0) return [];
  const free = Math.max(0, limit - used);
  const perHour = ownGrowth(kind, quota.uid, group);
  const fullInSeconds = perHour > 0 ? (free / perHour) * 3600 : Number.POSITIVE_INFINITY;
  if (free / limit >= fewShare && fullInSeconds >= soonSeconds) return [];
  const amount = (count: number) =>
    kind === 'inodes' ? plural(count, 'inode') : bytesText(count * 1024);
  return [
    {
      id: 'quota-short',
      severity: free / limit < hardlyShare ? 'urgent' : 'warning',
      subject: point,
      title: `the quota of ${nameOf(quota.uid, group)} ${free === 0 ? 'is used up' : 'is nearly used up'}`,
      evidence: [
        `${amount(used)} of ${amount(limit)} are taken (${percentText(used / limit)})`,
        ...group.map(
          ({ statistics, directory }) =>
            `${directory}: ${formatCount(sessionsOf(quota.uid, statistics))} of its sessions are theirs, ${formatCount(statistics?.expired?.sessions ?? 0)} of all are past their lifetime`,
        ),
        ...(Number.isFinite(fullInSeconds)
          ? [
              `at the rate of the last hour it is used up in ${formatDuration(Math.round(fullInSeconds), 2)}`,
            ]
          : []),
      ],
      consequence: 'PHP cannot make new sessions for this user: nobody can log in there',
      remedy: [...sweepsOf(group), raised(quota, kind, point)],
    },
  ];
}

/** With the limit of one kind doubled. */
function raised({ uid, blocks, inodes }: Quota, kind: Kind, point: string): string {
  const limits = (allowance: Allowance, isRaised: boolean) =>
    [allowance.soft, allowance.hard].map((limit) => (isRaised ? 2 * limit : limit)).join(' ');
  return `setquota -u ${uid} ${limits(blocks, kind === 'blocks')} ${limits(inodes, kind === 'inodes')} ${shellWord(point)} # twice as much`;
}

function nameOf(uid: number, group: readonly StoreFacts[]): string {
  const names = group.flatMap(({ statistics }) =>
    (statistics?.byOwner ?? []).flatMap((owner) => (owner.uid === uid ? [owner.user] : [])),
  );
  return names.find((name) => name !== null) ?? `uid ${uid}`;
}

function sessionsOf(uid: number, statistics: StoreFacts['statistics']): number {
  return statistics?.byOwner.find((owner) => owner.uid === uid)?.sessions ?? 0;
}

/** As much of what each store grows by as they have of its sessions. */
function ownGrowth(kind: Kind, uid: number, group: readonly StoreFacts[]): number {
  return group.reduce((sum, store) => {
    const sessions = store.statistics?.sessions ?? 0;
    const share = sessions === 0 ? 0 : sessionsOf(uid, store.statistics) / sessions;
    const growth = growthOf(kind === 'inodes' ? 'inodes' : 'bytes', [store]);
    return sum + share * (kind === 'inodes' ? growth : growth / 1024);
  }, 0);
}
