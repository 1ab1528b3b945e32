/**
 * The file systems that are measured on: a tmpfs, and images that are made, mounted by loop devices
 * and thrown away here.
 *
 * Invariant: what is mounted here is unmounted, and its image removed, by dispose; where the process
 * dies before, its private mount namespace takes the mounts along (private-mounts.ts).
 */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, run } from './execute.js';

export const fileSystemNames = ['tmpfs', 'ext4', 'xfs', 'btrfs'] as const;

export type FileSystemName = (typeof fileSystemNames)[number];

interface Kind {
  /** What it takes for itself. */
  readonly extraMiB?: number;
  /** Makes the file system in an image; undefined: there is no image. */
  readonly mkfs?: (image: string, files: number) => readonly string[];
}

/**
 * What mke2fs gives a file system of 128 GiB or more. In the 64 MiB that an image of ours would get
 * whoever removes many files waits for room in the journal most of the time, and PHP with them.
 */
const journalMiB = 1024;

const kinds: Readonly<Record<FileSystemName, Kind>> = {
  tmpfs: {},
  ext4: {
    extraMiB: journalMiB,
    // Without the lazy initialization a kernel thread would go on writing while we measure.
    mkfs: (image, files) => [
      'mkfs.ext4',
      '-q',
      '-F',
      '-N',
      String(Math.ceil(files * 1.05) + 20_000),
      '-E',
      'lazy_itable_init=0,lazy_journal_init=0',
      '-J',
      `size=${journalMiB}`,
      image,
    ],
  },
  xfs: { mkfs: (image) => ['mkfs.xfs', '-q', '-f', image] },
  btrfs: { mkfs: (image) => ['mkfs.btrfs', '-q', '-f', image] },
};

/** Why a file system cannot be had here; undefined if it can. */
export function whyUnavailable(name: FileSystemName): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting needs root';
  const mkfs = kinds[name].mkfs?.('', 0)[0];
  if (mkfs !== undefined && findProgram(mkfs) === undefined) return `${mkfs} is not installed`;
  return undefined;
}

export interface Description {
  readonly name: FileSystemName;
  /** The command that made it; undefined for tmpfs. */
  readonly made: string | undefined;
  /** As the kernel lists them. */
  readonly mountOptions: string;
}

export class FileSystem implements AsyncDisposable {
  readonly mountPoint: string;
  private readonly image: string;
  private isMounted = false;

  /**
   * @param workplace a directory for the image and the mount point
   * @param files how many there will be at most
   * @param bytes of each one's content
   */
  constructor(
    readonly name: FileSystemName,
    workplace: string,
    private readonly files: number,
    private readonly bytes: number,
  ) {
    this.mountPoint = path.join(workplace, name);
    this.image = path.join(workplace, `${name}.img`);
    mkdirSync(this.mountPoint, { recursive: true });
  }

  /** Makes and mounts an empty file system, in place of what was there. */
  async renew(): Promise<void> {
    await this.unmount();
    const command = kinds[this.name].mkfs?.(this.image, this.files);
    if (command) {
      const [mkfs = '', ...args] = command;
      rmSync(this.image, { force: true });
      writeFileSync(this.image, '');
      truncateSync(this.image, this.imageBytes());
      await run(findProgram(mkfs) ?? mkfs, args);
    }
    await this.mount();
  }

  /** Writes all that is to be written, so that nothing of it is left to a measurement. */
  async settle(): Promise<void> {
    await run('sync', ['-f', this.mountPoint]);
  }

  /** Whether anything can be read from anywhere but memory. */
  get canBeCold(): boolean {
    return this.name !== 'tmpfs';
  }

  /** Has the kernel forget what it read: remounts, and empties its caches. */
  async makeCold(): Promise<void> {
    await run('sync', []);
    await this.unmount();
    await this.mount();
    writeFileSync('/proc/sys/vm/drop_caches', '3');
  }

  describe(): Description {
    const made = kinds[this.name].mkfs?.('IMAGE', this.files).join(' ');
    return { name: this.name, made, mountOptions: this.mountOptions() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unmount();
    rmSync(this.image, { force: true });
  }

  private async mount(): Promise<void> {
    const args =
      kinds[this.name].mkfs === undefined
        ? ['-t', 'tmpfs', '-o', 'size=90%,nr_inodes=0', 'sescle-bench', this.mountPoint]
        : ['-t', this.name, '-o', 'loop', this.image, this.mountPoint];
    await run('mount', args);
    this.isMounted = true;
  }

  private async unmount(): Promise<void> {
    const patienceMs = 10_000;
    for (const begin = Date.now(); this.isMounted; await sleep(50)) {
      try {
        await run('umount', [this.mountPoint]);
        this.isMounted = false;
      } catch (error) {
        // A process that was killed may still hold a file for a moment.
        if (Date.now() - begin > patienceMs) throw error;
      }
    }
  }

  private mountOptions(): string {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const line = lines.findLast((text) => text.split(' ')[4] === this.mountPoint) ?? '';
    const fields = line.split(' ');
    return `${fields[5]} ${fields.at(-1)}`;
  }

  /** Sparse, so too large costs nothing; XFS wants 300 MB at least. */
  private imageBytes(): number {
    const blocks = Math.ceil(this.bytes / 4096);
    const extraMiB = kinds[this.name].extraMiB ?? 0;
    return (1024 + extraMiB) * 1024 ** 2 + this.files * (blocks * 4096 + 2048) * 2;
  }
}
