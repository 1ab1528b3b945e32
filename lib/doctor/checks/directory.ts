/**
 * The directory of a store itself: whether it is there, whole, small enough, and closed to others.
 *
 * Invariant: pure.
 */
import { isHuge } from '../../files/huge-directory.js';
import { formatCount, plural } from '../../text/count.js';
import type { Facts, StoreFacts } from '../facts.js';
import { type Finding, shellWord } from '../finding.js';
import { isWritableForPhp } from '../labels.js';
import { bytesText } from '../words.js';

/**
 * When an index of two levels is nearly full. Each of its blocks has 8 bytes a block that it leads to (linux
 * fs/ext4/namei.c: dx_root_limit, dx_node_limit). Blocks split in halves, so that the first name finds no
 * room at about two thirds of what the index could lead to; measured with blocks of 1 KiB, 10.3 MiB of 15.1.
 */
function nearlyFullBytes(blockBytes: number): number {
  return 0.5 * (blockBytes / 8 - 5) * (blockBytes / 8 - 2) * blockBytes;
}

export function directoryFindings({ stores }: Facts): Finding[] {
  return stores.flatMap((facts) => {
    const { directory } = facts;
    if (directory === null) return [];
    return [
      ...missing(facts, directory),
      ...incomplete(facts, directory),
      ...stickiness(facts, directory),
      ...listing(facts, directory),
      ...labelled(facts, directory),
      ...huge(facts),
      ...unindexed(facts, directory),
      ...nearlyFullIndex(facts, directory),
    ];
  });
}

function missing({ isMissing, store }: StoreFacts, directory: string): Finding[] {
  if (!isMissing) return [];
  const source = store.settings['session.save_path']?.source;
  return [
    {
      id: 'store-missing',
      severity: 'warning',
      subject: directory,
      title: 'the directory of a save path does not exist',
      evidence: [source === undefined ? 'no such directory' : `${source} names it`],
      consequence: 'PHP cannot keep sessions there: nobody can log in where this setting applies',
      remedy: [`install -d -m 1733 ${shellWord(directory)}`],
    },
  ];
}

function incomplete({ missingDirectories, store }: StoreFacts, directory: string): Finding[] {
  if (missingDirectories === null || missingDirectories.count === 0) return [];
  const { count, bits, source } = missingDirectories;
  return [
    {
      id: 'directories-missing',
      severity: 'urgent',
      subject: directory,
      title: 'directories of a nested save path are missing',
      evidence: [
        `${formatCount(count)} of the directories for ${plural(store.depth, 'level')} are not there (session.sid_bits_per_character = ${bits}, ${source})`,
      ],
      consequence: 'PHP never makes them: sessions whose id leads there are lost',
      remedy: [`sescle mkdirs --bits ${bits} ${shellWord(`${store.depth};${directory}`)}`],
    },
  ];
}

function stickiness({ status }: StoreFacts, directory: string): Finding[] {
  if (status === null || (status.mode & 0o002) === 0 || (status.mode & 0o1000) !== 0) return [];
  return [
    {
      id: 'not-sticky',
      severity: 'urgent',
      subject: directory,
      title: "anyone can remove anyone's sessions",
      evidence: [`mode ${modeText(status.mode)}: anyone can write to it, and it has no sticky bit`],
      consequence: 'any user of this machine can remove or replace any session',
      remedy: [`chmod +t ${shellWord(directory)}`],
    },
  ];
}

function listing({ status, statistics }: StoreFacts, directory: string): Finding[] {
  if (status === null || (status.mode & 0o004) === 0) return [];
  const isTemporary = directory === '/tmp' || directory === '/var/tmp';
  return [
    {
      id: 'listable',
      severity: statistics !== null && statistics.sessions > 0 ? 'warning' : 'note',
      subject: directory,
      title: 'every user of this machine can read the ids of the sessions',
      evidence: [`mode ${modeText(status.mode)}: anyone can list the directory`],
      consequence: "anyone who knows a session id can take over that visitor's login",
      remedy: isTemporary
        ? ['set session.save_path to a directory of its own, with mode 1733']
        : [`chmod o-r ${shellWord(directory)}`],
    },
  ];
}

/** Sessions that were written lately show that PHP may write there, whatever the label. */
const lateSeconds = 3600;

function labelled({ label, statistics }: StoreFacts, directory: string): Finding[] {
  if (label === null || isWritableForPhp(label.type)) return [];
  const newest = statistics?.newestAgeSeconds ?? null;
  if (newest !== null && newest < lateSeconds) return [];
  const { context, type, isEnforcing } = label;
  const tree = shellWord(`${directory}(/.*)?`);
  return [
    {
      id: 'selinux-label',
      severity: isEnforcing ? 'warning' : 'note',
      subject: directory,
      title: `SELinux ${isEnforcing ? 'keeps' : 'would keep'} a web server's PHP from writing there`,
      evidence: [
        `security.selinux is ${context}: processes of httpd_t may not write to ${type}`,
        ...(isEnforcing ? [] : ['SELinux is permissive: it only logs what it would refuse']),
      ],
      consequence: isEnforcing
        ? 'PHP cannot keep sessions there: nobody can log in'
        : 'nobody can log in once SELinux enforces its rules',
      remedy: [
        `chcon -R -t httpd_sys_rw_content_t ${shellWord(directory)}`,
        `semanage fcontext -a -t httpd_sys_rw_content_t ${tree} # so that it outlives restorecon`,
      ],
    },
  ];
}

/** Of a nested save path, one of its directories. */
function huge({ statistics, mount }: StoreFacts): Finding[] {
  const oversized = statistics?.oversized ?? null;
  if (oversized === null || mount === null || !isHuge(oversized)) return [];
  const { path: directory, bytes, names } = oversized;
  const path = shellWord(directory);
  const fresh = shellWord(`${directory}.new`);
  return [
    {
      id: 'directory-huge',
      severity: 'warning',
      subject: directory,
      title: 'the directory is far larger than its files need',
      evidence: [
        `it takes ${bytesText(bytes)} for ${plural(names, 'name')}; ${mount.type} never makes a directory smaller`,
      ],
      consequence: `every scan reads ${bytesText(bytes)}, also PHP's and ls`,
      remedy: [
        'stop PHP (systemctl stop php-fpm, or the web server), so that no session is lost meanwhile',
        `mkdir ${fresh} && chown --reference=${path} ${fresh} && chmod --reference=${path} ${fresh} && find ${path} -mindepth 1 -maxdepth 1 -exec mv -t ${fresh} {} + && rmdir ${path} && mv ${fresh} ${path}`,
        'start PHP again',
      ],
    },
  ];
}

function unindexed({ ext, mount }: StoreFacts, directory: string): Finding[] {
  if (ext === null || mount === null || ext.features.includes('dir_index')) return [];
  const device = shellWord(mount.source);
  return [
    {
      id: 'no-directory-index',
      severity: 'warning',
      subject: directory,
      title: 'the file system has no index of its directories',
      evidence: [`tune2fs -l ${mount.source}: no dir_index`],
      consequence: 'each session that PHP opens makes the kernel read the directory from its start',
      remedy: [
        `umount ${shellWord(mount.point)} && tune2fs -O dir_index ${device} && e2fsck -fyD ${device}; mount ${device} ${shellWord(mount.point)}`,
      ],
    },
  ];
}

function nearlyFullIndex({ ext, mount, statistics }: StoreFacts, directory: string): Finding[] {
  if (ext === null || mount === null || statistics === null) return [];
  if (ext.features.includes('large_dir')) return [];
  if (statistics.directoryBytes < nearlyFullBytes(ext.blockBytes)) return [];
  return [
    {
      id: 'directory-index-full',
      severity: 'urgent',
      subject: directory,
      title: 'the index of the directory is nearly full',
      evidence: [
        `it takes ${bytesText(statistics.directoryBytes)}, and ${mount.source} has no large_dir`,
      ],
      consequence: 'PHP cannot make new sessions although there is room (ENOSPC)',
      remedy: [`tune2fs -O large_dir ${shellWord(mount.source)}`],
    },
  ];
}

function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
