/** Which mounts may never answer, and which of them do not. */
import { expect, test } from 'vitest';
import { mountsThatMayHang, silentMounts } from '../../../lib/stores/silent-mounts.js';
import { canHangMounts, hungMount } from '../../support/hung-mount.js';

const line = (point: string, type: string) => `36 35 98:0 / ${point} rw - ${type} server rw`;

test('network and FUSE mounts may hang; local ones, and the automount that systemd always has, may not', () => {
  const mountinfo = [
    line('/', 'ext4'),
    line('/srv/nfs', 'nfs4'),
    line('/home/u/a\\040b', 'fuse.sshfs'),
    line('/proc/sys/fs/binfmt_misc', 'autofs'),
    line('/net', 'autofs'),
  ].join('\n');
  expect(mountsThatMayHang(mountinfo)).toEqual(['/srv/nfs', '/home/u/a b', '/net']);
});

test.skipIf(!canHangMounts())('a mount whose server does not answer is told in time', async () => {
  const hung = await hungMount();
  expect(await silentMounts(200)).toContain(hung);
});
