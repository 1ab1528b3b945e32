/**
 * A small file system of a test's own, in memory, to be filled up.
 *
 * Invariant: it is unmounted when the test has finished, whoever still looks at it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.js';

const blockBytes = 4096;

/** Whether this user may mount one. */
export const canMountSmallDisk = process.geteuid?.() === 0;

export class SmallDisk {
  readonly directory = tempDir();

  constructor(kib: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'small', this.directory]);
    onTestFinished(() => {
      spawnSync('umount', ['--lazy', this.directory]);
    });
  }

  /** To the last block. */
  fillUp(): void {
    const file = openSync(this.#filling, 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(blockBytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filling);
  }

  get #filling(): string {
    return join(this.directory, 'filling');
  }
}
