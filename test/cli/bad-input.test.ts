/** Bad input: one line with the reason and the remedy, the right exit status, nothing removed. */
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CliEnd, quote, runCli, runShell } from '../support/cli.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.getuid?.() === 0;

function expectRefusal({ status, text, stderr }: CliEnd, message: RegExp): void {
  expect(stderr).toMatch(/^sescle: [^\n]+; [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect(text).toBe('');
  expect(status).toBe(2);
}

describe('the command line', () => {
  test.each<[string[], RegExp]>([
    [['watch', '/x'], /\/x: no such directory/],
    [['watch', '2;', '-l', '24m'], /names no directory/],
    [['watch', '--http', '9184'], /--http '9184' names no address/],
    [['watch', '--shard', '3/3'], /--shard '3\/3' names a shard that does not exist/],
    [['watch', '--index-limit', '1'], /--index-limit '1' is not valid/],
    [['stores', '--systemd-paths', '--json'], /--systemd-paths cannot be combined/],
    [['-v', 'sweep', '/x'], /-v before sweep.*sescle sweep -v/],
    [['-i', '', 'stores'], /-i '' is not valid/],
    [['stores', '/x'], /too many arguments/],
    [['stores', '-n'], /unknown option '-n'/],
    [['stores', '--root', '/does/not/exist'], /--root \/does\/not\/exist: no such file/],
    [['stores', '-c', '/does/not/exist'], /-c \/does\/not\/exist: no such file/],
    [['stores', '-p', '/does/not/exist'], /-p \/does\/not\/exist: no such file/],
    [['stor'], /unknown command 'stor'; did you mean stores\?/],
    [['sweep', 'help'], /help: no such directory/],
    [['swep', '/x'], /unknown command 'swep'; did you mean sweep\?/],
    [['/var/lib/php'], /unknown command '\/var\/lib\/php'/],
    [['--nn'], /unknown option '--nn'/],
    [['sweep', '-n', '--root', '/', 'x'], /x is relative, which means nothing with --root/],
    [['sweep', '-n', '2;'], /names no directory/],
    [['sweep', '-n', '-c', '/does/not/exist', '/x'], /-c \/does\/not\/exist: no such file/],
    [['sweep', '-c', '/etc/hostname', '-l', '1', '/x'], /-p, -i and -c have no effect/],
    [['sweep', '--dry-rum', '/x'], /unknown option '--dry-rum'; did you mean --dry-run\?/],
    [['sweep', '--evil\n\u001b[31m', '/x'], /unknown option '--evil\\n\\x1b\[31m'/],
    [['sweep', '-l'], /'-l, --max-lifetime <DURATION>' argument missing/],
  ])('%j', async (args, message) => {
    expectRefusal(await runCli(args), message);
  });

  test.each<[string[], RegExp]>([
    [[], /no lifetime is configured for this directory; .*-l/],
    [['-l', '0'], /-l '0'.*at least 1 second/],
    [['-l', '-5'], /-l '-5'.*at least 1 second/],
    [['-l', 'soon'], /-l 'soon' is not a duration; .*1440, 24m/],
    [['-l', '24M'], /units in lower case/],
    [['-l', '99999999999999'], /-l '99999999999999' is longer than 3,660 days/],
    [['-l', '3661d'], /-l '3661d' is longer than 3,660 days/],
    [['-l', ''], /-l '' is not a duration/],
    [['-l', '1', '--threads', '0'], /--threads '0'.*from 1 to 64/],
    [['-l', '1', '--shard', '1'], /--shard '1' is not of the form I\/N; .*0\/16/],
    [['-l', '1', '--shard', '2/2'], /--shard '2\/2' .*from 0; write a number from 0 to 1/],
    [['-l', '1', '--shard', '0/0'], /--shard '0\/0' has 0 shards/],
    [['-l', '1', '--shard', '0/9999999'], /--shard '0\/9999999' has 9999999 shards/],
    [['-l', '1', '--max-rate', '0'], /--max-rate '0'/],
    [['-l', '1', '--progress', 'maybe'], /--progress 'maybe'.*auto, always, never/],
    [['-l', '1', '--json', '--print0'], /--json and --print0/],
    [['-l', '1', '-q', '-v'], /-q and -v/],
    [['-l', '1', '-vvvvv'], /at most -vvvv/],
  ])('sweep STORE %j removes nothing', async (args, message) => {
    const store = tempDir();
    writeSession(store, 'old', { ageSeconds: 9999 });
    expectRefusal(await runCli(['sweep', ...args, store]), message);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test('an option that is not UTF-8 is shown escaped', async () => {
    expectRefusal(
      await runShell(`"\${sescle[@]}" sweep $'--\\xff' /x`),
      /unknown option '--\\xff'/,
    );
  });
});

describe('a SAVE_PATH', () => {
  test.each<[string, RegExp]>([
    ['', /save path is empty/],
    ['2', /quote the ; as in '2;\/path'/],
    ['2;', /names no directory/],
    ['x;/tmp', /depth 'x'/],
    ['2;0999;/tmp', /mode '0999'/],
    ['/', /\/ is the root directory, which is never a session store/],
    ['/tmp/../', /root directory, which is never a session store/],
    ['/does/not/exist', /\/does does not exist/],
    ['/etc/passwd', /\/etc\/passwd is not a directory/],
    ['/etc/passwd/x', /\/etc\/passwd is not a directory/],
    ['/proc/self/root/etc', /is a \/proc link/],
  ])('%j', async (savePath, message) => {
    expectRefusal(await runCli(['sweep', '-l', '1', savePath]), message);
  });

  test('that loops', async () => {
    const base = tempDir();
    symlinkSync('b', join(base, 'a'));
    symlinkSync('a', join(base, 'b'));
    expectRefusal(await runCli(['sweep', '-l', '1', join(base, 'a')]), /too many symbolic links/);
  });

  test('with hostile bytes is shown escaped', async () => {
    const end = await runShell(`"\${sescle[@]}" sweep -l 1 $'/nope\\n\\x1b[31m\\xff'`);
    expectRefusal(end, /\/nope\\n\\x1b\[31m\\xff does not exist/);
  });

  test('that is unusable keeps the others from being swept: what was named is looked at first', async () => {
    const store = tempDir();
    writeSession(store, 'old', { ageSeconds: 9999 });
    const end = await runCli(['sweep', '-l', '24m', '/does/not/exist', '2', store]);
    expect(end.status).toBe(2);
    expect(end.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^sescle: .*does not exist; /),
      expect.stringMatching(/^sescle: save path '2' .*; /),
      expect.stringMatching(/^sescle: nothing was swept; /),
    ]);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test.each<[string, () => string]>([
    ['missing', () => join(tempDir(), 'missing')],
    [
      'a file',
      () => {
        const file = join(tempDir(), 'file');
        writeFileSync(file, '');
        return file;
      },
    ],
    [
      'a loop of links',
      () => {
        const link = join(tempDir(), 'loop');
        symlinkSync(link, link);
        return link;
      },
    ],
    ['the root directory', () => '/'],
    ['a part of /proc', () => '/proc/self/root/etc'],
    ['empty', () => ''],
  ])('that is %s, behind another: nothing is removed there', async (_, make) => {
    const store = tempDir();
    writeSession(store, 'old', { ageSeconds: 9999 });
    const end = await runCli(['sweep', '-l', '24m', store, make()]);
    expect(end.status).toBe(2);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test.runIf(isRoot)('that this user may not read, behind another', async () => {
    const [store, closed] = [tempDir(), tempDir()];
    chownSync(store, 65_534, 65_534);
    writeSession(store, 'old', { ageSeconds: 9999 });
    chmodSync(closed, 0o711);
    const end = await runShell(
      `setpriv --reuid=65534 --regid=65534 --clear-groups "\${sescle[@]}" sweep -l 1 ${quote(store)} ${quote(closed)}`,
    );
    expect(end.status).toBe(2);
    expect(end.stderr).toMatch(/permission denied/);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test.runIf(isRoot)('that this user may not read', async () => {
    const store = tempDir();
    writeSession(store, 'old', { ageSeconds: 9999 });
    chmodSync(store, 0o700);
    const end = await runShell(
      `setpriv --reuid=65534 --regid=65534 --clear-groups "\${sescle[@]}" sweep -l 1 ${quote(store)}`,
    );
    expectRefusal(end, /permission denied; run sescle as root/);
    expect(readdirSync(store)).toEqual(['sess_old']);
  });

  test.runIf(isRoot)("reached through a user's link to another's directory", async () => {
    const base = tempDir();
    const attacker = join(base, 'attacker');
    const victim = join(base, 'victim');
    for (const [directory, uid] of [
      [attacker, 1001],
      [victim, 1002],
    ] as const) {
      mkdirSync(directory);
      chownSync(directory, uid, uid);
    }
    writeSession(victim, 'old', { ageSeconds: 9999 });
    symlinkSync(victim, join(attacker, 'sessions'));
    const end = await runCli(['sweep', '-l', '1', join(attacker, 'sessions')]);
    expectRefusal(end, /uid 1001 owns a directory above it/);
    expect(readdirSync(victim)).toEqual(['sess_old']);
  });

  test.runIf(isRoot)('whose files this user may not remove: status 1, and the remedy', async () => {
    const store = tempDir();
    const [path = ''] = writeSessions(store, 2, 'old', { ageSeconds: 9999 });
    for (const name of readdirSync(store)) chmodSync(join(store, name), 0o644);
    const end = await runShell(
      `setpriv --reuid=65534 --regid=65534 --clear-groups "\${sescle[@]}" sweep -l 1 ${quote(store)}`,
    );
    expect(end.status).toBe(1);
    expect(end.stderr).toMatch(
      /^sescle: \S+sess_old00000\d: unlinkat: permission denied \(EACCES\), and 1 more time; run sescle as root[^\n]+\n$/,
    );
    expect(end.text).toMatch(/kept +2 could not be looked at or removed/);
    expect(path).not.toBe('');
    expect(readdirSync(store)).toHaveLength(2);
  });

  test.runIf(isRoot)(
    'whose files this user may not open: they are kept, and that is no failure',
    async () => {
      const store = tempDir();
      chmodSync(store, 0o777);
      writeSession(store, 'old', { ageSeconds: 9999 });
      const end = await runShell(
        `setpriv --reuid=65534 --regid=65534 --clear-groups "\${sescle[@]}" sweep -l 1 ${quote(store)}`,
      );
      expect(end.status).toBe(0);
      expect(end.text).toMatch(/kept +1 could not be opened and locked/);
      expect(readdirSync(store)).toEqual(['sess_old']);
    },
  );
});

test('a full disk under standard output is told, and the status is not 0', async () => {
  const store = tempDir();
  writeFileSync(join(store, 'foreign'), '');
  const end = await runShell(`"\${sescle[@]}" sweep -l 1 ${quote(store)} > /dev/full`);
  expect(end.stderr).toMatch(/^sescle: cannot write to standard output: [^\n]*ENOSPC[^\n]*\n$/);
  expect(end.status).toBe(1);
});
