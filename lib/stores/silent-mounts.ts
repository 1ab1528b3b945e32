/**
 * Network and FUSE mounts whose server does not answer. Whatever looks at a path on one of them waits
 * for ever, and cannot be killed.
 *
 * Invariant: each mount that may be silent is asked once, all at the same time, and waited for no longer
 * than `patienceMs`. What asked a silent one keeps a thread of the process: only a process that is
 * given up afterwards may call this.
 */
import { lstat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileText } from '../file-text.js';
import { type ByteString, toBytes } from '../php/byte-string.js';
import { isWithin } from '../php/paths.js';
import { servedMounts } from '../php/processes/mount-view.js';

/** systemd's automount of every machine: nobody keeps sessions there, or configuration. */
const ofSystemd = '/proc/sys/fs/binfmt_misc';

/**
 * Mounts of this machine whose server may never answer.
 *
 * @param mountinfo as /proc/self/mountinfo has it
 */
export function mountsThatMayHang(
  mountinfo: ByteString = fileText('/proc/self/mountinfo'),
): ByteString[] {
  return servedMounts(mountinfo).filter((mount) => mount !== ofSystemd);
}

/** Those of them that a path does not lie on, for those who have just read what is there. */
export function mountsBeside(
  path: ByteString,
  mounts: readonly ByteString[] = mountsThatMayHang(),
): ByteString[] {
  return mounts.filter((mount) => !isWithin(path, mount));
}

/** @returns those that did not answer in time */
export async function silentMounts(patienceMs: number): Promise<ByteString[]> {
  const asked = await Promise.all(
    mountsThatMayHang().map(async (mount) => {
      const answers = lstat(toBytes(mount)).then(
        () => true,
        () => true,
      );
      const hasAnswered = await Promise.race([answers, setTimeout(patienceMs, false)]);
      return hasAnswered ? [] : [mount];
    }),
  );
  return asked.flat();
}
