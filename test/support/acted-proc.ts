/**
 * A /proc of plain files, directories and links, in which processes are acted; real ones are in it
 * where a test says so.
 *
 * Invariant: what is not told of a process is as a process of root's in our own files has it.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tempDir } from './temp-dir.js';

export interface ActedProcess {
  readonly exe?: string | null;
  readonly comm?: string;
  readonly state?: string;
  readonly parent?: number;
  readonly startTicks?: number;
  /** Where its memory begins: the same for a process and its forks. */
  readonly image?: number;
  /** One for all four, or real, effective, saved and file system. */
  readonly uids?: number | readonly [number, number, number, number];
  /** NUL-separated text stands for itself. */
  readonly arguments?: readonly string[] | string;
  readonly environment?: Readonly<Record<string, string>> | string;
  readonly cwd?: string;
  /** The path of its root; links of this kind lead nowhere else in an acted /proc. */
  readonly root?: string;
  readonly mountNamespace?: number;
  readonly userNamespace?: number;
  readonly uidMap?: string;
  readonly cgroup?: string;
  readonly mountinfo?: string;
  /** What its descriptors lead to. */
  readonly open?: readonly string[];
}

export const rootMounts = '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n';

export class ActedProc {
  readonly proc = tempDir();

  constructor() {
    this.add('self', {});
    this.add(1, { exe: '/usr/lib/systemd/systemd' });
  }

  add(pid: number | 'self', acted: ActedProcess): void {
    const directory = path.join(this.proc, String(pid));
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(path.join(directory, 'ns'), { recursive: true });
    const file = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
    const link = (name: string, target: string) => symlinkSync(target, path.join(directory, name));
    const { exe = '/usr/bin/node', parent = 1, startTicks = 1000, image = 1, uids = 0 } = acted;
    const { comm = path.basename(exe ?? 'kthread'), state = 'S' } = acted;
    if (exe !== null) link('exe', exe);
    file(
      'stat',
      `${pid} (${comm}) ${state} ${parent} 1 1 0 -1 4194304 2098 0 30 0 1 1 0 0 20 0 1 0 ` +
        `${startTicks} 206438400 5186 18446744073709551615 ${image} 2 ${image} 0 0 0 0 4096 84487 ` +
        `1 0 0 17 1 0 0 0 0 0 94480209224680 94480209813486 94481158115328 ${image} 5 ${image} 7 0\n`,
    );
    const four = typeof uids === 'number' ? [uids, uids, uids, uids] : uids;
    file('status', `Name:\t${comm}\nUmask:\t0022\nUid:\t${four.join('\t')}\nGid:\t0\t0\t0\t0\n`);
    const { arguments: words = [exe ?? ''], environment = {} } = acted;
    file('cmdline', typeof words === 'string' ? words : words.map((word) => `${word}\0`).join(''));
    const variables =
      typeof environment === 'string'
        ? environment
        : Object.entries(environment)
            .map(([name, value]) => `${name}=${value}\0`)
            .join('');
    file('environ', variables);
    file('uid_map', acted.uidMap ?? '         0          0 4294967295\n');
    file('cgroup', acted.cgroup ?? '0::/\n');
    file('mountinfo', acted.mountinfo ?? rootMounts);
    link('cwd', acted.cwd ?? '/');
    link('root', acted.root ?? '/');
    link('ns/mnt', `mnt:[${acted.mountNamespace ?? 1}]`);
    link('ns/user', `user:[${acted.userNamespace ?? 1}]`);
    mkdirSync(path.join(directory, 'fd'));
    for (const [index, target] of (acted.open ?? []).entries()) link(`fd/${index}`, target);
  }

  /** A process that there is, as the kernel tells of it. */
  adopt(pid: number): void {
    symlinkSync(`/proc/${pid}`, path.join(this.proc, String(pid)));
  }

  end(pid: number): void {
    rmSync(path.join(this.proc, String(pid)), { recursive: true });
  }

  /** Takes away what another user may not read. */
  close(pid: number): void {
    for (const name of ['exe', 'environ', 'cwd', 'root', 'ns', 'fd'])
      rmSync(path.join(this.proc, String(pid), name), { recursive: true, force: true });
    // A link that cannot be read is acted by a file: EINVAL instead of EACCES.
    for (const name of ['exe', 'cwd', 'root'])
      writeFileSync(path.join(this.proc, String(pid), name), '');
    chmodSync(path.join(this.proc, String(pid)), 0o555);
  }
}
