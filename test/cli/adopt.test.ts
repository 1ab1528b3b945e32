/** `sescle adopt`: what it writes into sescle.toml, what it keeps, and how it is undone. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, runShell, startCli } from '../support/cli.js';
import { Machine } from '../support/machine.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const file = '/etc/sescle/sescle.toml';

const written = `# Ours, with care.
grace = "5m" # for the shop

[discover]
run_php = false

# The forum
[[store]]
save_path = "2;/srv/forum/s"
lifetime = "1d"
# The end.
`;

function machine(text?: string): Machine {
  const made = new Machine();
  made.directory('/etc/sescle');
  made.directory('/srv/shop/sessions');
  if (text !== undefined) made.write(file, text);
  return made;
}

function adopt(made: Machine, ...args: string[]) {
  return runCli(['adopt', '--root', made.root, ...args]);
}

const textOf = (made: Machine) => readFileSync(made.path(file), 'utf8');

describe('sescle adopt', () => {
  test('adds to the file and changes no byte of what is there', async () => {
    const made = machine(written);
    const { status, text, stderr } = await adopt(made, '--yes', '-l', '2h', '/srv/shop/sessions');
    expect([status, stderr]).toEqual([0, '']);
    const after = textOf(made);
    expect(after.startsWith(written)).toBe(true);
    expect(after.slice(written.length)).toMatch(
      /^\n# Adopted by sescle adopt, \d{4}-\d\d-\d\dT[\d:]+Z\n\[\[store\]\]\npath = "\/srv\/shop\/sessions"\nlifetime = "2h"\n$/,
    );
    expect(text).toContain('[[store]]\npath = "/srv/shop/sessions"\nlifetime = "2h"\n');
    const stores = await runCli(['stores', '--json', '--root', made.root]);
    const shop = JSON.parse(stores.text).stores.find(
      ({ path }: { path: string }) => path === made.path('/srv/shop/sessions'),
    );
    expect(shop).toMatchObject({ collectable: true, maxLifetime: 7200 });
  });

  test('--undo gives back the very file', async () => {
    const made = machine(written);
    await adopt(made, '--yes', '-l', '2h', '/srv/shop/sessions');
    const { status, text } = await adopt(made, '--undo', '--yes');
    expect(status).toBe(0);
    expect(text).toMatch(/loses 1 store:\n {2}\/srv\/shop\/sessions\n/);
    expect(textOf(made)).toBe(written);
    const again = await adopt(made, '--undo', '--yes');
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/sescle adopt has added nothing to it/);
  });

  test('--undo DIR takes out what was written by hand, and leaves the comments around it', async () => {
    const made = machine(written);
    const { status } = await adopt(made, '--undo', '--yes', '/srv/forum/s');
    expect(status).toBe(0);
    expect(textOf(made)).toBe(
      '# Ours, with care.\ngrace = "5m" # for the shop\n\n[discover]\nrun_php = false\n\n# The forum\n# The end.\n',
    );
  });

  test('several at once, undone at once; one that is a store already needs nothing', async () => {
    const made = machine();
    made.directory('/srv/b');
    const args = ['/srv/shop/sessions', '/srv/b', '/var/lib/php/sessions'];
    const { text, status } = await adopt(made, '--yes', ...args);
    expect(status).toBe(2);
    expect(text).toBe('');
    const told = await adopt(made, '--yes', '/var/lib/php/sessions');
    expect(told.text).toMatch(
      /^\/var\/lib\/php\/sessions is a store already \(24m, from \/etc\/php\/8\.2\/cgi\/php\.ini:2\)\n$/,
    );
    expect(existsSync(made.path(file))).toBe(false);
    await adopt(made, '--yes', '-l', '1h', '/srv/shop/sessions', '/srv/b');
    expect(textOf(made).match(/^\[\[store\]\]$/gm)).toHaveLength(2);
    expect(statSync(made.path(file)).mode & 0o777).toBe(0o644);
    await adopt(made, '--yes', '--undo');
    expect(textOf(made)).not.toContain('[[store]]');
  });

  test('without a terminal nothing is written unless --yes says so', async () => {
    const made = machine(written);
    const { status, text, stderr } = await adopt(made, '-l', '2h', '/srv/shop/sessions');
    expect(status).toBe(2);
    expect(text).toContain('path = "/srv/shop/sessions"');
    expect(stderr).toMatch(/nothing was written; pass --yes/);
    const dry = await adopt(made, '-n', '-l', '2h', '/srv/shop/sessions');
    expect([dry.status, dry.stderr]).toEqual([0, '']);
    expect(textOf(made)).toBe(written);
  });

  test("takes a Laravel application's lifetime from its .env, with the line", async () => {
    const made = machine();
    const sessions = made.directory('/srv/app/storage/framework/sessions');
    for (let i = 0; i < 12; i += 1) {
      writeFileSync(
        join(sessions, `${String(i).padStart(2, '0')}${'aB3'.repeat(13).slice(0, 38)}`),
        '',
      );
    }
    const asked = await adopt(made, '--yes', '/srv/app/storage/framework/sessions');
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(
      /the lifetime of its sessions is unknown; pass it with -l \(Laravel's default is 2h/,
    );
    made.write('/srv/app/.env', 'APP_NAME=x\nSESSION_LIFETIME=90\nSESSION_LIFETIME=1\n');
    expect((await adopt(made, '--yes', '/srv/app/storage/framework/sessions')).status).toBe(0);
    expect(textOf(made)).toMatch(
      /profile = "laravel"\nlifetime = "1h30m" # \/srv\/app\/\.env:2\n$/,
    );
  });

  test('sees the levels of directories by itself', async () => {
    const made = machine();
    writeSessions(made.directory('/srv/shop/sessions/a/b'), 12, 'abc');
    await adopt(made, '--yes', '-l', '1h', '/srv/shop/sessions');
    expect(textOf(made)).toContain('save_path = "2;/srv/shop/sessions"');
  });

  test('keeps the mode of the file, and follows a link to it', async () => {
    const made = machine();
    made.write('/srv/real.toml', written);
    symlinkSync('../../srv/real.toml', made.path(file));
    expect((await adopt(made, '--yes', '-l', '2h', '/srv/shop/sessions')).status).toBe(0);
    expect(readFileSync(made.path('/srv/real.toml'), 'utf8')).toContain('/srv/shop/sessions');
  });

  test.each<[string[], RegExp]>([
    [[], /no directory was given; name one/],
    [['/srv/no'], /\/srv\/no does not exist; give the directory/],
    [['/etc/passwd'], /\/etc\/passwd is not a directory/],
    [['/srv/shop/sessions'], /unknown; pass it with -l \(PHP's default is 24m/],
    [['-l', '2h', '/srv/kept'], /is excluded in line 1/],
    [['--undo', '/srv/shop/sessions'], /has no \[\[store\]\] for \/srv\/shop\/sessions/],
    [['--profile', 'drupal', '/srv'], /--profile 'drupal' is not valid; write php, laravel/],
  ])('%j is refused, and nothing is written', async (args, message) => {
    const text = 'exclude = ["/srv/kept"]\n';
    const made = machine(text);
    made.directory('/srv/kept');
    const { status, stderr } = await adopt(made, '--yes', ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    expect(textOf(made)).toBe(text);
  });

  test('a file that is broken, or that others can write to, is left alone', async () => {
    const broken = machine('grace = \n');
    expect((await adopt(broken, '--yes', '-l', '1h', '/srv/shop/sessions')).stderr).toMatch(
      /sescle\.toml:1: not valid TOML/,
    );
    expect(textOf(broken)).toBe('grace = \n');
  });

  test('names with control characters are written escaped; what is no UTF-8 cannot be named', async () => {
    const made = machine();
    const name = '/srv/a\u001b[31m"\n';
    made.directory(name);
    const { status, text } = await adopt(made, '--yes', '-l', '1h', name);
    expect(status).toBe(0);
    expect(text).not.toContain('\u001b');
    expect(textOf(made)).toContain('path = "/srv/a\\u001b[31m\\"\\n"');
    const bytes = await runShell(
      `mkdir "${made.root}/srv/"$'\\xff' && "\${sescle[@]}" adopt --yes --root ${made.root} -l 1h /srv/$'\\xff'`,
    );
    expect(bytes.stderr).toMatch(/no configuration can name it, since its path is not UTF-8/);
    expect(bytes.status).toBe(2);
  });

  test('a monitor that goes by the file takes the store up', async () => {
    const base = tempDir();
    const configuration = join(base, 'sescle.toml');
    writeFileSync(
      configuration,
      '[discover]\nini = false\nrun_php = false\nfpm = false\napache = false\nuser_files = false\nprocesses = false\n',
      { mode: 0o644 },
    );
    const store = join(base, 'sessions');
    mkdirSync(store);
    const session = writeSession(store, 'old', { ageSeconds: 9999 });
    const run = startCli(['watch', '-c', configuration, '--state', tempDir()]);
    await run.awaitStderr(/no store/);
    const { status, text } = await runCli([
      'adopt',
      '--yes',
      '-c',
      configuration,
      '-l',
      '1h',
      store,
    ]);
    expect(status).toBe(0);
    expect(text).toMatch(/the monitor \(process \d+\) was told to read it/);
    await until(() => !existsSync(session));
    run.kill('SIGTERM');
    await run.ended;
  });
});
