/**
 * Stores on file systems that have no working locks, or do not answer.
 *
 * Invariant: pure.
 */
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';

export function networkFindings({ stores }: Facts): Finding[] {
  return stores.flatMap((facts) => [...silent(facts), ...unlocked(facts)]);
}

function silent({ isSilent, directory, mount }: StoreFacts): Finding[] {
  if (!isSilent || directory === null) return [];
  const point = shellWord(mount?.point ?? directory);
  return [
    {
      id: 'not-answering',
      severity: 'urgent',
      subject: directory,
      title: 'the file system does not answer',
      evidence: [
        mount === null
          ? 'counting its sessions did not finish'
          : `${mount.type} of ${mount.source} on ${mount.point}: counting its sessions did not finish`,
      ],
      consequence: 'PHP hangs in every request that opens a session there',
      remedy: [`umount -l ${point} # then mount it again, once its server answers`],
    },
  ];
}

/** Options with which locks hold on this host alone, or not at all. */
const lockless: Readonly<Record<string, readonly string[]>> = {
  nfs: ['nolock', 'local_lock=all', 'local_lock=flock'],
  nfs4: ['nolock', 'local_lock=all', 'local_lock=flock'],
  cifs: ['nobrl', 'forcemandatorylock'],
  smb3: ['nobrl', 'forcemandatorylock'],
};

function unlocked({ mount, directory }: StoreFacts): Finding[] {
  if (mount === null || directory === null) return [];
  const bad = (lockless[mount.type] ?? []).filter((option) => mount.options.includes(option));
  if (bad.length === 0) return [];
  return [
    {
      id: 'no-locks',
      severity: 'warning',
      subject: directory,
      title: 'the network file system has no locks between hosts',
      evidence: [`${mount.source} on ${mount.point} is mounted with ${bad.join(', ')}`],
      consequence:
        'two requests on two hosts write one session at a time, and a session in use can be removed',
      remedy: [
        `remove ${bad.join(', ')} from its line in /etc/fstab, then: umount ${shellWord(mount.point)} && mount ${shellWord(mount.point)}`,
      ],
    },
  ];
}
