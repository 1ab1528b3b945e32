/**
 * A file system of the test's own, in a file: to be filled up, made read-only, shut down.
 *
 * Invariant: when the test has finished it is unmounted and its loop device is gone, in whatever state
 * the test left it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { requireTool } from './require-tool.js';
import { tempDir } from './temp-dir.js';

const kinds = {
  ext4: { mib: 16, make: ['mkfs.ext4', '-q', '-F', '-m', '0'] },
  xfs: { mib: 320, make: ['mkfs.xfs', '-q', '-f'] },
} as const;

/** Nothing is busy for nearly as long. */
const giveUpAfterMs = 30_000;

export type LoopKind = keyof typeof kinds;

/** EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN: one number, and no flush of the log (2). */
const shutDownScript = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))
`;

/** Whether this user may mount one here, and the tools are there. */
export function canMountLoop(kind: LoopKind): boolean {
  const hasTools = [kinds[kind].make[0], 'losetup', 'mount', 'umount', 'python3'].map(requireTool);
  if (!hasTools.every(Boolean) || process.getuid?.() !== 0) return false;
  const isFree = spawnSync('losetup', ['--find']).status === 0;
  if (!isFree && process.env['CI'] === 'true') throw new Error('there is no loop device');
  return isFree;
}

export class LoopFileSystem {
  /** Where it is mounted. */
  readonly directory: string;
  private readonly image: string;

  constructor(private readonly kind: LoopKind) {
    const base = tempDir();
    this.directory = join(base, 'mounted');
    this.image = join(base, 'image');
    mkdirSync(this.directory);
    const { mib, make } = kinds[kind];
    const image = openSync(this.image, 'w');
    ftruncateSync(image, mib * 2 ** 20);
    closeSync(image);
    const [program, ...options] = make;
    execFileSync(program, [...options, this.image]);
    onTestFinished(() => {
      // Lazily: what still looks at it may go on looking. The loop device goes with the mount.
      spawnSync('umount', ['--lazy', this.directory]);
    });
    this.mount();
  }

  mount(): void {
    execFileSync('mount', ['-t', this.kind, '-o', 'loop', this.image, this.directory]);
  }

  unmount(): void {
    execFileSync('umount', [this.directory]);
  }

  async remount(how: 'ro' | 'rw'): Promise<void> {
    const words = ['-o', `remount,${how}`, this.directory];
    // While a file is removed that is still open, it is busy: for as long as that takes.
    for (const start = Date.now(); ; await pause(5)) {
      const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' });
      if (status === 0) return;
      if (Date.now() - start > giveUpAfterMs) throw new Error(stderr);
    }
  }

  /** As a disk that is gone. */
  shutDown(): void {
    execFileSync('python3', ['-c', shutDownScript, this.directory]);
  }
}
