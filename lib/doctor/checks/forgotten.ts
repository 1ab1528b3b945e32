/**
 * Directories of sessions that no configuration knows.
 *
 * Invariant: pure; a directory that is a store, or lies in one, is none.
 */
import { printable } from '../../php/byte-string.js';
import { isWithin } from '../../php/paths.js';
import { profiles } from '../../stores/profiles.js';
import { proposedLifetime } from '../../stores/search/adoption.js';
import { plural } from '../../text/count.js';
import { formatDuration } from '../../text/duration.js';
import type { Facts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';
import { bytesText } from '../words.js';

const manySessions = 1000;

export function forgottenFindings({ stores, found, nowMs }: Facts): Finding[] {
  const known = stores.flatMap(({ directory }) => directory ?? []);
  return found.flatMap((directory): Finding[] => {
    const path = printable(directory.path);
    if (known.some((store) => isWithin(path, store))) return [];
    const { sessionCount, isCountComplete, totalBytes, profile, application, oldestMtimeSeconds } =
      directory;
    const { seconds, why } = proposedLifetime(profile, application);
    const isNamed = application !== null || profile === 'php';
    const { label } = profiles[profile];
    const whose = isNamed
      ? `as ${application?.label ?? label} writes them`
      : `called as ${label} calls them`;
    const age =
      oldestMtimeSeconds === null
        ? []
        : [
            `the oldest was last written ${formatDuration(Math.max(0, Math.round(nowMs / 1000 - oldestMtimeSeconds)), 2)} ago`,
          ];
    const size = totalBytes === null ? '' : `, ${bytesText(totalBytes)}`;
    const atLeast = isCountComplete ? '' : 'at least ';
    const target = directory.depth > 0 ? `${directory.depth};${path}` : path;
    return [
      {
        id: 'forgotten-directory',
        severity: sessionCount >= manySessions ? 'warning' : 'note',
        subject: path,
        title: 'a directory of sessions that no configuration names',
        evidence: [
          `${atLeast}${plural(sessionCount, 'session')} ${whose}${size}`,
          ...(application === null ? [] : [`${application.evidence} shows ${application.label}`]),
          ...age,
        ],
        consequence: 'nobody removes expired sessions there',
        remedy: [
          `sescle adopt -l ${formatDuration(seconds).replaceAll(' ', '')} ${shellWord(target)} # ${why}`,
        ],
      },
    ];
  });
}
