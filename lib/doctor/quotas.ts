/**
 * How much of a file system each user may take, by repquota(8).
 *
 * Invariant: asked only where a mount option says that there are quotas; users without a limit are left out;
 * what cannot be read is nothing.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Mount } from './mounts.js';

/** How much there is of something, and how much of it may be taken. */
export interface Allowance {
  readonly used: number;
  /** The lesser of the soft and the hard limit; null: there is none. */
  readonly limit: number | null;
  /** As setquota(8) takes them; 0: none. */
  readonly soft: number;
  readonly hard: number;
}

export interface Quota {
  readonly uid: number;
  /** In KiB, as the tools have it. */
  readonly blocks: Allowance;
  readonly inodes: Allowance;
}

const run = promisify(execFile);
const patienceMs = 5000;

/** Of users; ext4, XFS and others have different names for it. */
const userQuota = /^(?:quota|usrquota|uquota|usrjquota=.*|usrquota=.*)$/;

export async function quotasOf(mount: Mount | null): Promise<Quota[]> {
  if (mount === null || !mount.options.some((option) => userQuota.test(option))) return [];
  try {
    const options = {
      timeout: patienceMs,
      env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' },
      maxBuffer: 64 * 2 ** 20,
    };
    const words = ['--user', '--no-names', '--output=csv', '--', mount.point];
    return quotasIn((await run('repquota', words, options)).stdout);
  } catch {
    // The tool is not there, or we may not ask.
    return [];
  }
}

/** @param csv with a line of heads, as `User,BlockStatus,FileStatus,BlockUsed,...` */
export function quotasIn(csv: string): Quota[] {
  const [head = '', ...lines] = csv.split('\n');
  const names = head.split(',');
  return lines.flatMap((line) => {
    const values = line.split(',');
    const [, uid] = /^#(\d+)$/.exec(values[0] ?? '') ?? [];
    if (uid === undefined) return [];
    const value = (name: string) => Number(values[names.indexOf(name)] ?? 0);
    const allowance = (what: 'Block' | 'File'): Allowance => {
      const soft = value(`${what}SoftLimit`);
      const hard = value(`${what}HardLimit`);
      const limits = [soft, hard].filter((limit) => limit > 0);
      return { used: value(`${what}Used`), limit: leastOf(limits), soft, hard };
    };
    const quota = { uid: Number(uid), blocks: allowance('Block'), inodes: allowance('File') };
    const isLimited = quota.blocks.limit !== null || quota.inodes.limit !== null;
    return isLimited ? [quota] : [];
  });
}

function leastOf([first, ...others]: readonly number[]): number | null {
  return first === undefined ? null : others.reduce((least, each) => Math.min(least, each), first);
}
