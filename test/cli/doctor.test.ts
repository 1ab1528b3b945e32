/**
 * `sescle doctor` on machines that are broken, each in one way: the finding is there, and its remedy,
 * carried out as it is printed, makes it go.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Examination, Finding } from '../../lib/index.js';
import { quote, runCli, runShell } from '../support/cli.js';
import { canHangMounts, mountHungDirectory } from '../support/hung-mount.js';
import { canMountLoop, LoopFileSystem } from '../support/loop-file-system.js';
import { Machine } from '../support/machine.js';
import { requireTool } from '../support/require-tool.js';
import { leftOf, writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;

async function examined(machine: Machine, ...args: string[]): Promise<Examination> {
  const { text, stderr } = await runCli(['doctor', '--json', '--root', machine.root, ...args]);
  expect(stderr).toBe('');
  return JSON.parse(text);
}

async function findings(machine: Machine, ...args: string[]): Promise<Finding[]> {
  return [...(await examined(machine, ...args)).findings];
}

async function finding(machine: Machine, id: string, ...args: string[]): Promise<Finding> {
  const all = await findings(machine, ...args);
  const found = all.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no ${id} among ${all.map((each) => each.id)}`);
  expect(found.evidence.length).toBeGreaterThan(0);
  expect(found.consequence).not.toBe('');
  expect(found.remedy.length).toBeGreaterThan(0);
  return found;
}

async function expectMended(machine: Machine, id: string): Promise<void> {
  expect((await findings(machine)).map((each) => each.id)).not.toContain(id);
}

/** Carries out the commands of a remedy; `change` adapts them to a machine that is only files. */
async function apply(
  { remedy }: Finding,
  change: (command: string) => string = (command) => command,
): Promise<void> {
  for (const command of remedy.filter((line) => /^(?:[a-z0-9]+ |echo)/.test(line))) {
    const { status, stderr, text } = await runShell(
      `sescle() { "\${sescle[@]}" "$@"; }\n${change(command)}`,
    );
    expect([status, stderr + text], command).toEqual([0, expect.anything()]);
  }
}

describe('sescle doctor', () => {
  test('finds nothing on a machine where nothing is wrong', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'live');
    const { status, text, stderr } = await runCli(['doctor', '--root', machine.root]);
    expect(stderr).toBe('');
    expect(text).toBe('1 store looked at: nothing is wrong\n');
    expect(status).toBe(0);
  });

  test('the status tells how bad it is, and the worst comes first', async () => {
    const machine = new Machine();
    chmodSync(machine.store, 0o777);
    const { status, text } = await runCli(['doctor', '--root', machine.root]);
    expect(status).toBe(5);
    expect(text).toMatch(/^urgent: .*everyone may remove everyone's sessions/);
    expect(text).toMatch(/to mend it +chmod \+t /);
    expect(text).toMatch(/1 store looked at, 3 findings: 1 urgent, 1 to look at, 1 to know\n$/);
    chmodSync(machine.store, 0o1733);
    expect((await runCli(['doctor', '-q', '--root', machine.root])).status).toBe(4);
  });

  test.each<[string[], RegExp]>([
    [['--root', '/does/not/exist'], /no such file/],
    [['--search', '/does/not/exist'], /no such file/],
    [['-c', '/does/not/exist'], /no such file/],
    [['x'], /too many arguments/],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await runCli(['doctor', ...args]);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

describe.skipIf(!requireTool('systemctl'))('who collects', () => {
  const offline = (machine: Machine) => (command: string) =>
    command
      .replace('systemctl', `systemctl --quiet --root=${quote(machine.root)}`)
      .replace(' --now', '');

  test('nobody does: enabling sescle mends it', async () => {
    const machine = new Machine();
    writeSession(machine.store, 'old', { ageSeconds: 99_999 });
    const found = await finding(machine, 'nobody-collects');
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
    expect(found.evidence).toContainEqual(expect.stringMatching(/1 of 1 session are past/));
    expect(found.evidence).toContainEqual(expect.stringMatching(/gc_probability = 0 .*php\.ini:3/));
    await apply(found, offline(machine));
    await expectMended(machine, 'nobody-collects');
  });

  test("Debian's job does not see a nested store", async () => {
    const machine = new Machine();
    machine.write('/etc/cron.d/php', '9 * * * * root /usr/lib/php/sessionclean\n');
    await expectMended(machine, 'nobody-collects');
    machine.write(
      '/etc/php/8.2/cgi/php.ini',
      'session.save_path = "2;/var/lib/php/sessions"\nsession.gc_maxlifetime = 1440\n',
    );
    const found = await finding(machine, 'nobody-collects');
    expect(found.evidence.join('\n')).toMatch(/phpsessionclean does not see/);
    await apply(found, offline(machine));
    await expectMended(machine, 'nobody-collects');
  });

  test('what is late, though somebody should collect it', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'old', { ageSeconds: 99_999 });
    const found = await finding(machine, 'collected-late');
    expect(found.severity).toBe('urgent');
    const [sweep = ''] = found.remedy;
    await apply({ ...found, remedy: [sweep] }, (command) => `${command} -l 24m`);
    await expectMended(machine, 'collected-late');
  });

  test('another collector beside sescle', async () => {
    const machine = new Machine().withSescle();
    machine.write(
      '/usr/lib/systemd/system/phpsessionclean.timer',
      '[Timer]\nOnCalendar=*-*-* *:09,39:00\n[Install]\nWantedBy=timers.target\n',
    );
    machine.enable('phpsessionclean.timer', 'timers.target');
    const found = await finding(machine, 'other-collector');
    expect(found.severity).toBe('warning');
    await apply(found, offline(machine));
    await expectMended(machine, 'other-collector');
  });

  test("a line of cron's", async () => {
    const machine = new Machine().withSescle();
    machine.write('/etc/cron.d/php', '9 * * * * root /usr/lib/php/sessionclean\n');
    const found = await finding(machine, 'other-collector');
    expect(found.remedy).toEqual(['comment the line out in /etc/cron.d/php']);
    machine.write('/etc/cron.d/php', '#9 * * * * root /usr/lib/php/sessionclean\n');
    await expectMended(machine, 'other-collector');
  });

  test("PHP's own collector", async () => {
    const machine = new Machine(
      'session.gc_probability = 1\nsession.gc_divisor = 1000\n',
    ).withSescle();
    const found = await finding(machine, 'php-collects');
    expect(found.evidence[0]).toMatch(/1 in 1000 requests/);
    machine.write(
      '/etc/php/8.2/cgi/php.ini',
      'session.save_path = /var/lib/php/sessions\nsession.gc_probability = 0\n',
    );
    await expectMended(machine, 'php-collects');
  });

  test('systemd-tmpfiles removes what is alive', async () => {
    const machine = new Machine('session.gc_maxlifetime = 1209600\n').withSescle();
    machine.write('/usr/lib/tmpfiles.d/tmp.conf', '# old\nq /var/lib/php 1777 root root 10d\n');
    const found = await finding(machine, 'cleaned-by-age');
    expect(found.evidence.join('\n')).toMatch(
      /tmp\.conf:2: files below \/var\/lib\/php .* after 10d/,
    );
    machine.directory('/etc/tmpfiles.d');
    await apply(found, (command) =>
      command.replace(machine.root, '').replace('/etc/', `${machine.root}/etc/`),
    );
    await expectMended(machine, 'cleaned-by-age');
    machine.write('/usr/lib/tmpfiles.d/tmp.conf', 'q /var/lib/php 1777 root root 30d\n');
    unlinkSync(machine.path('/etc/tmpfiles.d/sescle.conf'));
    await expectMended(machine, 'cleaned-by-age');
  });

  test('tmpreaper removes what is alive', async () => {
    const machine = new Machine('session.gc_maxlifetime = 1209600\n').withSescle();
    machine.write('/etc/cron.daily/tmpreaper', '#!/bin/sh\n');
    machine.write('/etc/tmpreaper.conf', "TMPREAPER_TIME=7d\nTMPREAPER_DIRS='/tmp/. /var/lib/.'\n");
    const found = await finding(machine, 'cleaned-by-age');
    await apply(found, (command) =>
      command
        .replaceAll(/(?<= )\/etc|'\/tmp/g, (text) => text)
        .replace(machine.root, '')
        .replace('>> /etc', `>> ${machine.root}/etc`),
    );
    await expectMended(machine, 'cleaned-by-age');
  });
});

describe('the directory', () => {
  test('everyone may remove what is in it', async () => {
    const machine = new Machine().withSescle();
    chmodSync(machine.store, 0o733);
    await apply(await finding(machine, 'not-sticky'));
    await expectMended(machine, 'not-sticky');
  });

  test('everyone may list it', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'a');
    chmodSync(machine.store, 0o1777);
    const found = await finding(machine, 'listable');
    expect(found.severity).toBe('warning');
    await apply(found);
    await expectMended(machine, 'listable');
  });

  test('it is missing', async () => {
    const machine = new Machine().withSescle();
    rmSync(machine.store, { recursive: true });
    await apply(await finding(machine, 'store-missing'));
    await expectMended(machine, 'store-missing');
  });

  test('its levels are missing', async () => {
    const machine = new Machine(
      'session.save_path = "2;/var/lib/php/sessions"\nsession.sid_bits_per_character = 5\n',
    ).withSescle();
    mkdirSync(join(machine.store, 'a'));
    const found = await finding(machine, 'directories-missing');
    expect(found).toMatchObject({ severity: 'urgent' });
    expect(found.evidence[0]).toMatch(/1,055 .*= 5, .*php\.ini:5\)/);
    await apply(found);
    await expectMended(machine, 'directories-missing');
  });

  test.skipIf(!canMountLoop('ext4'))('it stays huge after its files are gone', async () => {
    const machine = new Machine().withSescle();
    const { directory } = new LoopFileSystem('ext4');
    const store = join(directory, 'sessions');
    execFileSync('mount', ['--bind', directory, machine.store]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', machine.store]));
    mkdirSync(store);
    chmodSync(store, 0o1733);
    machine.write(
      '/etc/php/8.2/cgi/php.ini',
      'session.save_path = /var/lib/php/sessions/sessions\nsession.gc_maxlifetime = 1440\n',
    );
    // Links to one file: a name of 255 bytes each, and a single inode.
    execFileSync('python3', [
      '-c',
      `import os, sys
os.chdir(sys.argv[1])
open('sess_first', 'w').close()
names = ['sess_%0250d' % i for i in range(17000)]
for name in names: os.link('sess_first', name)
for name in names: os.unlink(name)`,
      store,
    ]);
    const kept = writeSession(store, 'kept');
    const found = await finding(machine, 'directory-huge');
    expect(found.evidence[0]).toMatch(/ext4 never makes a directory smaller/);
    await apply({ ...found, remedy: found.remedy.filter((line) => line.startsWith('mkdir')) });
    expect(leftOf([kept])).toEqual([kept]);
    await expectMended(machine, 'directory-huge');
  });

  test.skipIf(!canMountLoop('ext4'))('its file system has no index of directories', async () => {
    const machine = new Machine().withSescle();
    const image = join(tempDir(), 'image');
    execFileSync('truncate', ['-s', '16M', image]);
    execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^dir_index', image]);
    const device = execFileSync('losetup', ['--find', '--show', image], {
      encoding: 'utf8',
    }).trim();
    onTestFinished(() => {
      spawnSync('umount', ['--lazy', machine.store]);
      spawnSync('losetup', ['--detach', device]);
    });
    execFileSync('mount', [device, machine.store]);
    chmodSync(machine.store, 0o1733);
    const found = await finding(machine, 'no-directory-index');
    // e2fsck says by its status that it has mended something.
    await apply(found);
    await expectMended(machine, 'no-directory-index');
  });
});

describe('the file system', () => {
  test.skipIf(!isRoot)('has few inodes left', async () => {
    const machine = new Machine().withSescle();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=100,mode=1733', 'few', machine.store]);
    onTestFinished(() => void spawnSync('umount', ['--lazy', machine.store]));
    writeSessions(machine.store, 98, 'old', { ageSeconds: 9999 });
    const found = await finding(machine, 'inodes-short');
    expect(found).toMatchObject({ severity: 'urgent', subject: machine.store });
    expect(found.evidence[0]).toMatch(/of 100 inodes/);
    const [sweep = ''] = found.remedy;
    await apply({ ...found, remedy: [sweep] }, (command) => `${command} -l 24m`);
    await expectMended(machine, 'inodes-short');
  });

  test.skipIf(!canHangMounts())('does not answer', async () => {
    const machine = new Machine().withSescle();
    await mountHungDirectory(machine.store);
    const { text } = await runCli(['doctor', '--json', '--root', machine.root, '--patience', '1s']);
    expect(() => JSON.parse(text)).not.toThrow();
  });
});

describe('lifetimes', () => {
  test('two in one directory', async () => {
    const machine = new Machine().withSescle();
    machine.write(
      '/etc/php/8.1/cgi/php.ini',
      'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 7200\n',
    );
    const found = await finding(machine, 'lifetimes-differ');
    expect(found.evidence[0]).toMatch(/7200 s .* 1440 s/);
    machine.write(
      '/etc/php/8.1/cgi/php.ini',
      'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 1440\n',
    );
    await expectMended(machine, 'lifetimes-differ');
  });

  test('cookies that outlive the sessions', async () => {
    const machine = new Machine('session.cookie_lifetime = 86400\n').withSescle();
    const found = await finding(machine, 'cookie-outlives-session');
    expect(found.evidence[0]).toMatch(/= 86400 \(\/etc\/php\/8\.2\/cgi\/php\.ini:4\)/);
    machine.write(
      '/etc/php/8.2/cgi/php.ini',
      'session.save_path = /var/lib/php/sessions\nsession.gc_maxlifetime = 86400\nsession.cookie_lifetime = 86400\nsession.gc_probability = 0\n',
    );
    await expectMended(machine, 'cookie-outlives-session');
  });

  test('a very short one', async () => {
    const machine = new Machine('session.gc_maxlifetime = 20\n').withSescle();
    expect((await finding(machine, 'lifetime-short')).evidence[0]).toMatch(/= 20 /);
  });

  test('sessions from the future', async () => {
    const machine = new Machine().withSescle();
    writeSession(machine.store, 'ahead', { ageSeconds: -9999 });
    const found = await finding(machine, 'written-in-the-future');
    await apply({ ...found, remedy: found.remedy.filter((line) => line.startsWith('find')) });
    await expectMended(machine, 'written-in-the-future');
  });
});

describe('forgotten directories', () => {
  test('are found, and adopting them mends it', async () => {
    const machine = new Machine().withSescle();
    const shop = machine.directory('/srv/shop/var/sessions');
    writeSessions(shop, 30, 'abcdefghij', { ageSeconds: 50 });
    const found = await finding(machine, 'forgotten-directory');
    expect(found).toMatchObject({ severity: 'note', subject: shop });
    expect(found.remedy[0]).toContain('sescle adopt -l 24m ');
    machine.directory('/etc/sescle');
    await apply(found, (command) =>
      command
        .replace('sescle adopt', `sescle adopt --yes --root ${quote(machine.root)}`)
        .replace(shop, '/srv/shop/var/sessions'),
    );
    await expectMended(machine, 'forgotten-directory');
  });

  test('with a hostile name are told in printable text, for a shell to read', async () => {
    const machine = new Machine().withSescle();
    const base = machine.directory('/srv');
    const hostile = mkdtempSync(join(base, "a'\u001b[31m\n"));
    writeSessions(hostile, 20, 'abcdefghij');
    const found = await finding(machine, 'forgotten-directory');
    for (const text of [found.subject, ...found.evidence, ...found.remedy]) {
      expect(text).not.toMatch(/\p{Cc}/u);
    }
    const word = /\$'.*'/.exec(found.remedy[0] ?? '')?.[0];
    const { stdout } = await runShell(`printf %s ${word}`);
    expect(stdout.toString()).toBe(hostile);
  });

  test('a store that a link leads to is none', async () => {
    const machine = new Machine().withSescle();
    writeSessions(machine.store, 30, 'abcdefghij');
    machine.directory('/srv');
    symlinkSync('/var/lib/php/sessions', machine.path('/srv/link'));
    await expectMended(machine, 'forgotten-directory');
  });
});
