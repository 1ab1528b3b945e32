/**
 * File systems that are full, or will be at the rate of the last hour.
 *
 * Invariant: pure; each file system is told once, however many stores lie on it.
 */
import { formatCount, plural } from '../../text/count.js';
import { formatDuration } from '../../text/duration.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, type Severity, shellWord } from '../finding.js';
import { bytesText, percentText } from '../words.js';

const fewShare = 0.1;
const hardlyShare = 0.02;
const soonSeconds = 24 * 3600;

export function spaceFindings({ stores }: Facts): Finding[] {
  return byFileSystem(stores).flatMap(([point, group]) => [
    ...shortageOf('inodes', point, group),
    ...shortageOf('bytes', point, group),
  ]);
}

/** Mount points, each with the stores on it. */
export function byFileSystem(
  stores: readonly StoreFacts[],
): (readonly [string, readonly StoreFacts[]])[] {
  const byMount = new Map<string, StoreFacts[]>();
  for (const facts of stores) {
    if (facts.space === null) continue;
    const point = facts.mount?.point ?? facts.directory ?? '';
    byMount.set(point, [...(byMount.get(point) ?? []), facts]);
  }
  return [...byMount];
}

type Kind = 'inodes' | 'bytes';

function shortageOf(kind: Kind, point: string, group: readonly StoreFacts[]): Finding[] {
  const [first] = group;
  const space = first?.space;
  if (space == null) return [];
  const all = space[kind];
  const free = kind === 'inodes' ? space.inodesFree : space.bytesFree;
  // Btrfs and some others have no fixed number of inodes.
  if (all === 0) return [];
  const share = free / all;
  const perHour = growthOf(kind, group);
  const fullInSeconds = perHour > 0 ? (free / perHour) * 3600 : Number.POSITIVE_INFINITY;
  const severity = severityOf(share, fullInSeconds);
  if (severity === null) return [];
  const amount = (count: number) => (kind === 'inodes' ? plural(count, 'inode') : bytesText(count));
  return [
    {
      id: kind === 'inodes' ? 'inodes-short' : 'disk-short',
      severity,
      subject: point,
      title: `the file system ${free === 0 ? 'is full' : 'is filling up'}: ${kind === 'inodes' ? 'inodes' : 'space'}`,
      evidence: [
        `${amount(free)} of ${amount(all)} ${free === 1 ? 'is' : 'are'} free (${percentText(share)})`,
        ...group.flatMap(({ statistics, directory }) =>
          statistics === null
            ? []
            : [
                `${directory}: ${plural(statistics.sessions, 'session')}, ${bytesText(statistics.diskBytes)}, ${formatCount(statistics.expired?.sessions ?? 0)} of them past their lifetime`,
              ],
        ),
        ...(Number.isFinite(fullInSeconds)
          ? [
              `at the rate of the last hour (${kind === 'inodes' ? `${formatCount(Math.round(perHour))} sessions` : bytesText(perHour)} more an hour) it is full in ${formatDuration(Math.max(Math.round(fullInSeconds), 0), 2)}`,
            ]
          : []),
      ],
      consequence: 'PHP cannot make new sessions: nobody can log in',
      remedy: remedyOf(kind, point, group),
    },
  ];
}

/** What is made in an hour, less what is due in the next. */
export function growthOf(kind: Kind, group: readonly StoreFacts[]): number {
  return group.reduce((sum, { statistics }) => {
    if (statistics === null || statistics.madeByMinute === null) return sum;
    const made = statistics.madeByMinute.reduce((all, count) => all + count, 0);
    const growth = made - (statistics.dueWithinHour ?? 0);
    const each =
      kind === 'inodes' || statistics.sessions === 0
        ? 1
        : statistics.diskBytes / statistics.sessions;
    return sum + growth * each;
  }, 0);
}

function severityOf(share: number, fullInSeconds: number): Severity | null {
  if (share < hardlyShare) return 'urgent';
  if (share < fewShare || fullInSeconds < soonSeconds) return 'warning';
  return null;
}

function remedyOf(kind: Kind, point: string, group: readonly StoreFacts[]): string[] {
  const look =
    kind === 'inodes'
      ? `du --inodes -x -d 2 ${shellWord(point)} | sort -n | tail # what else takes inodes`
      : `du -x -h -d 2 ${shellWord(point)} | sort -h | tail # what else takes space`;
  return [...sweepsOf(group), look];
}

/** What removes the expired sessions, where there are any. */
export function sweepsOf(group: readonly StoreFacts[]): string[] {
  return group.flatMap(({ statistics, store, directory }) => {
    if (directory === null || (statistics?.expired?.sessions ?? 0) === 0) return [];
    const path = store.depth > 0 ? `${store.depth};${directory}` : directory;
    return [`sescle sweep ${shellWord(path)}`];
  });
}
