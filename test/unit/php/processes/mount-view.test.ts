/** Which mount namespaces show the same files: those of systemd's units, as it makes them. */
import { describe, expect, it } from 'vitest';
import { servedMounts, showsTheSame } from '../../../../lib/php/processes/mount-view.js';

const mount = (device: string, root: string, point: string) =>
  `${30 + point.length} 1 ${device} ${root} ${point} rw,relatime shared:1 - ext4 /dev/vda1 rw\n`;

const machine =
  mount('8:1', '/', '/') +
  mount('0:5', '/', '/dev') +
  mount('0:24', '/', '/dev/shm') +
  mount('0:22', '/', '/proc') +
  mount('0:40', '/', '/tmp') +
  mount('8:2', '/', '/srv') +
  mount('8:2', '/sessions', '/var/lib/php/sessions');

describe('a copy of the namespace', () => {
  it.each([
    ['nothing else', ''],
    ['directories that are read-only', mount('8:1', '/usr', '/usr') + mount('8:1', '/etc', '/etc')],
    ['a directory of another mount', mount('8:2', '/www/a', '/srv/www/a')],
    ['a mount bound onto itself', mount('8:2', '/', '/srv')],
    ['kernel files covered', mount('0:22', '/sys', '/proc/sys') + mount('0:9', '/n', '/dev/kmsg')],
    ["systemd's own", mount('0:77', '/', '/run/systemd/incoming')],
  ])('with %s shows the same', (_, more) => {
    expect(showsTheSame(machine + more, machine)).toBe(true);
    expect(showsTheSame(machine, machine + more)).toBe(true);
  });

  it.each([
    ['a private /tmp', mount('8:1', '/tmp/systemd-private-1/tmp', '/tmp')],
    ['a private /var/tmp', mount('8:1', '/var/tmp/systemd-private-1/tmp', '/var/tmp')],
    ['another file system', mount('0:50', '/', '/home')],
    ['another directory of the same one', mount('8:2', '/elsewhere', '/srv/www')],
    ['another /dev/shm', mount('0:51', '/', '/dev/shm')],
    ['another root', mount('8:3', '/', '/')],
  ])('with %s does not', (_, more) => {
    expect(showsTheSame(machine + more, machine)).toBe(false);
    expect(showsTheSame(machine, machine + more)).toBe(false);
  });
});

it('what cannot be read shows nothing', () => {
  expect(showsTheSame('', '')).toBe(false);
  expect(showsTheSame(machine, '')).toBe(false);
});

it('file systems with a server of their own are told, by their paths as they are', () => {
  const list =
    machine +
    '90 1 0:60 / /mnt/a\\040b rw shared:2 - nfs4 server:/a rw\n' +
    '91 1 0:61 / /home/u/.cache/doc rw - fuse.portal portal rw\n' +
    'not a mount\n';
  expect(servedMounts(list)).toEqual(['/mnt/a b', '/home/u/.cache/doc']);
});
