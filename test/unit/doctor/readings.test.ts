/** What the doctor reads: mounts, monitors' command lines, ages of tmpfiles.d(5), words for a shell. */
import { describe, expect, test } from 'vitest';
import { shellWord } from '../../../lib/doctor/finding.js';
import { directoriesOf, isMonitor } from '../../../lib/doctor/monitors.js';
import { mountOf, mountsOf } from '../../../lib/doctor/mounts.js';
import { quotasIn } from '../../../lib/doctor/quotas.js';
import { ageOf } from '../../../lib/doctor/temporary-files.js';

const mountinfo = `22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:33 / /srv/my\\040shop rw,noatime shared:5 - nfs4 server:/export rw,vers=4.2,local_lock=none
broken
31 22 0:34 / /srv/my\\040shop rw - nfs4 other:/export ro,nolock
`;

test('a path lies on the nearest mount above it, the topmost of several', () => {
  const mounts = mountsOf(mountinfo);
  expect(mounts).toHaveLength(3);
  expect(mountOf('/srv/my shop/s', mounts)).toMatchObject({
    source: 'other:/export',
    options: ['rw', 'ro', 'nolock'],
  });
  expect(mountOf('/srv/my shopping', mounts)?.point).toBe('/');
  expect(mountOf('/x', [])).toBeNull();
});

describe('a command line', () => {
  test.each([
    [['/usr/bin/node', '/usr/lib/node_modules/sescle/dist/cli/main.js', 'watch']],
    [['sescle']],
    [['/usr/bin/sescle', '--state', '/x', '']],
    [['node', '/usr/local/bin/sescle', 'watch', '-l', '1h']],
  ])('%j is a monitor', (words) => {
    expect(isMonitor([...words, ''])).toBe(true);
  });

  test.each([
    [['sescle', 'sweep']],
    [['sescle', '--help']],
    [['vim', '/etc/sescle/sescle.toml']],
    [['grep', '-r', 'sescle']],
    [['node', 'other/main.js', 'watch']],
  ])('%j is none', (words) => {
    expect(isMonitor([...words, ''])).toBe(false);
  });
});

test.each([
  ['sescle watch', []],
  ['sescle watch -c /etc/x.toml --state=/var/lib/y -n', []],
  ['node main.js watch -l 1h /srv/a 2;0600;/srv/b/ -v /srv/c', ['/srv/a', '/srv/b', '/srv/c']],
])('%s is started for %j', (line, directories) => {
  expect(directoriesOf(line.split(' '))).toEqual(directories);
});

test.each([
  ['10d', 864_000],
  ['1h30min', 5400],
  ['~2w', 1_209_600],
  ['cm:1d', 86_400],
  ['30', 30],
  ['2 hours', 7200],
  ['-', null],
  ['', null],
])('the age %j is %j seconds', (text, seconds) => {
  expect(ageOf(text)).toBe(seconds);
});

test.each([
  ['/srv/a-b_c', '/srv/a-b_c'],
  ['/srv/my shop', "'/srv/my shop'"],
  ["/srv/o'neil", "'/srv/o'\\''neil'"],
  ['2;/srv', "'2;/srv'"],
  ['/srv/\\x1b', "$'/srv/\\x1b'"],
  ['', "''"],
])('for a shell %j is %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('quotas are read as repquota prints them; who has no limit is left out', () => {
  const head =
    'User,BlockStatus,FileStatus,BlockUsed,BlockSoftLimit,BlockHardLimit,BlockGrace,FileUsed,FileSoftLimit,FileHardLimit,FileGrace';
  const csv = `${head}\n#0,ok,ok,20,0,0,,2,0,0,\n#61001,ok,soft,32,0,0,,9,8,10,6days\n#7,ok,ok,5,0,100,,1,0,0,\n`;
  const none = { limit: null, soft: 0, hard: 0 };
  expect(quotasIn(csv)).toEqual([
    {
      uid: 61_001,
      blocks: { ...none, used: 32 },
      inodes: { used: 9, limit: 8, soft: 8, hard: 10 },
    },
    { uid: 7, blocks: { used: 5, limit: 100, soft: 0, hard: 100 }, inodes: { ...none, used: 1 } },
  ]);
  expect(quotasIn('')).toEqual([]);
});
