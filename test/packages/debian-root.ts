/**
 * A Debian root in which packages are installed: scripts/debian-root's, under a layer of the test's own.
 *
 * Invariant: what a script leaves running ends with it, and no mount outlives it: each is in namespaces of its
 * own. The root itself is never written to.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '../support/temp-dir.js';

export const suites = ['bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

export interface DebianRoot {
  /** Copies a file of this machine into the root. */
  copy(from: string, to: string): void;
  /** Runs a script of the shell as root in it; what it prints, on both streams. */
  run(script: string): { status: number | null; output: string };
  /** The same; throws if it fails. */
  ok(script: string): string;
  /** A file as it is there now. */
  read(path: string): string;
}

const enter = `
set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount -t tmpfs tmpfs "$2/root/run"
exec chroot "$2/root" /bin/sh -c "$3"
`;

export function debianRoot(suite: Suite): DebianRoot {
  const lower = execFileSync('scripts/debian-root', [suite], { encoding: 'utf8' }).trim();
  const layer = tempDir('sescle-debian-');
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(layer, name));
  const run = (script: string) => {
    const done = spawnSync(
      'unshare',
      [
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        '-c',
        enter,
        'sh',
        lower,
        layer,
        `exec 2>&1\n${script}`,
      ],
      {
        encoding: 'utf8',
        input: '',
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: '/root',
          LC_ALL: 'C.UTF-8',
          DEBIAN_FRONTEND: 'noninteractive',
        },
        timeout: 300_000,
        maxBuffer: 2 ** 26,
      },
    );
    return { status: done.status, output: done.stdout + done.stderr };
  };
  return {
    run,
    copy(from, to) {
      const place = join(layer, 'upper', to);
      mkdirSync(dirname(place), { recursive: true });
      cpSync(from, place);
    },
    ok(script) {
      const { status, output } = run(`set -e\n${script}`);
      if (status !== 0) throw new Error(`status ${status}:\n${output}`);
      return output;
    },
    read: (path) => readFileSync(join(layer, 'upper', path), 'utf8'),
  };
}

/** A newer version of a package: the same, but for what `change` (a script of the shell, in its tree) does. */
export function newerPackage(file: string, version: string, change = ''): string {
  const directory = tempDir('sescle-newer-');
  const tree = join(directory, 'tree');
  execFileSync('dpkg-deb', ['-R', file, tree]);
  execFileSync(
    'sh',
    ['-ec', `sed -i "s/^Version: .*/Version: $1/" DEBIAN/control\n${change}`, 'sh', version],
    {
      cwd: tree,
    },
  );
  const newer = join(directory, 'newer.deb');
  // Fast: what is in it is what counts here.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, newer], {
    stdio: 'ignore',
  });
  rmSync(tree, { recursive: true });
  return newer;
}
