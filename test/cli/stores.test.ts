/** `sescle stores`, and a sweep of what it finds: on systems below --root, end to end. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quote, runCli, runShell } from '../support/cli.js';
import { writeSession, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';

const fpm = '/etc/php/8.2/fpm';

/** A Debian system with nginx and three pools: the default directory, levels of directories, Redis. */
function debian(): string {
  const root = tempDir();
  const files = {
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n',
    '/etc/group': 'root:x:0:\nwww-data:x:33:\n',
    '/etc/nginx/nginx.conf': 'events { }\nhttp { }\n',
    [`${fpm}/php.ini`]: `session.save_path = /var/lib/php/sessions
session.gc_maxlifetime = 1440
session.gc_probability = 0
`,
    [`${fpm}/php-fpm.conf`]: `[global]\ninclude=${fpm}/pool.d/*.conf\n`,
    [`${fpm}/pool.d/www.conf`]: pool('www'),
    [`${fpm}/pool.d/shop.conf`]: pool(
      'shop',
      'php_admin_value[session.save_path] = "2;0600;/srv/shop"',
      'php_admin_value[session.gc_maxlifetime] = 7200',
    ),
    [`${fpm}/pool.d/cache.conf`]: pool(
      'cache',
      'php_admin_value[session.save_handler] = redis',
      'php_admin_value[session.save_path] = "tcp://127.0.0.1:6379"',
    ),
  };
  for (const [path, text] of Object.entries(files)) writeTo(root, path, text);
  for (const directory of ['/var/lib/php/sessions', '/srv/shop/a/b']) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  return root;
}

function pool(name: string, ...lines: string[]): string {
  const common = `user = www-data\ngroup = www-data\nlisten = /run/${name}.sock\npm = static\npm.max_children = 1`;
  return `[${name}]\n${common}\n${lines.join('\n')}\n`;
}

function writeTo(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('sescle stores', () => {
  test('lists every store with where its values came from', async () => {
    const root = debian();
    const { status, text, stderr } = await runCli(['stores', '--root', root]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(text).toContain(`${root}/var/lib/php/sessions
  lifetime     24m (from ${fpm}/php.ini:2)
  owner        `);
    expect(text).toContain('  used by      php8.2-fpm pool www\n');
    expect(text).toContain(`  save path    from ${fpm}/php.ini:1\n  collectable  yes\n`);
    expect(text).toContain(`${root}/srv/shop
  depth        2: below 2 levels of directories
  lifetime     2h (from ${fpm}/pool.d/shop.conf:8)
`);
    expect(text).toMatch(/^redis: tcp:\/\/127\.0\.0\.1:6379\n(?: .*\n)* {2}collectable {2}no: /m);
    expect(text).toMatch(/\n\nnote: [^\n]* ini_set\(\)[^\n]*\n3 stores, 2 collectable\n$/);
  });

  test('-v tells every setting with its line, -q nothing', async () => {
    const root = debian();
    const { text } = await runCli(['stores', '-v', '--root', root]);
    expect(text).toContain(`session.gc_probability = 0 (${fpm}/php.ini:3)`);
    expect(await runCli(['stores', '-q', '--root', root])).toMatchObject({
      status: 0,
      text: '',
      stderr: '',
    });
  });

  test('--json is one object without anything of the engine', async () => {
    const root = debian();
    const { status, text } = await runCli(['stores', '--json', '--root', root]);
    expect(status).toBe(0);
    const json = JSON.parse(text);
    expect(Object.keys(json)).toEqual(['version', 'stores', 'warnings']);
    expect(json.version).toBe(1);
    const shop = json.stores.find(({ path }: { path: string }) => path === `${root}/srv/shop`);
    expect(shop).toMatchObject({
      handler: 'files',
      depth: 2,
      maxLifetime: 7200,
      collectable: true,
    });
    expect(shop).not.toHaveProperty('target');
    expect(shop.settings['session.gc_maxlifetime']).toEqual({
      value: '7200',
      source: `${fpm}/pool.d/shop.conf:8`,
    });
  });

  test('nothing found: status 3 and what to do, with --json too', async () => {
    const root = tempDir();
    const end = await runCli(['stores', '--root', root]);
    expect(end).toMatchObject({ status: 3, text: '' });
    expect(end.stderr).toMatch(/^sescle: no session store was found; [^\n]*--search[^\n]*\n$/);
    const json = await runCli(['stores', '--json', '--root', root]);
    expect(json.status).toBe(3);
    expect(JSON.parse(json.text)).toEqual({ version: 1, stores: [], warnings: [] });
  });

  test('what is amiss apart from any store is a warning on standard error', async () => {
    const root = debian();
    symlinkSync('broken.conf', join(root, `${fpm}/pool.d/broken.conf`));
    const { status, text, stderr } = await runCli(['stores', '--root', root]);
    expect(status).toBe(0);
    expect(text).toMatch(/\n3 stores, 2 collectable\n$/);
    expect(stderr).toMatch(/^(?:sescle: warning: [^\n]+\n)+$/);
    expect(stderr).toContain('broken.conf');
  });

  test('every error of the configuration is one line; the status is 2', async () => {
    const configuration = join(tempDir(), 'sescle.toml');
    writeFileSync(configuration, 'grase = "5m"\nexclude = 5\n');
    for (const command of [['stores'], ['sweep', '-n']]) {
      const end = await runCli([...command, '-c', configuration, '--root', tempDir()]);
      expect(end).toMatchObject({ status: 2, text: '' });
      expect(end.stderr.trimEnd().split('\n')).toEqual([
        expect.stringMatching(/^sescle: \S+sescle\.toml:1: unknown key 'grase'/),
        expect.stringMatching(/^sescle: \S+sescle\.toml:2: /),
      ]);
    }
  });

  test('--search tells of directories nobody configured, with lines ready to paste', async () => {
    const base = tempDir();
    writeSessions(join(base, 'app'), 20, 'old', { ageSeconds: 90_000 });
    const args = ['--root', tempDir(), '--search', 'app'];
    const { status, text, stderr } = await runCli(['stores', ...args], { cwd: base });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(text).toMatch(
      /^\S+\/app\n {2}found {2}20 sessions as php writes them\n {2}age {4}oldest 1d 1h[^\n]*\n/,
    );
    const lines = text.slice(text.indexOf('[[store]]'), text.lastIndexOf('\n\n') + 1);
    expect(text).toMatch(/\n\n0 stores, 0 collectable; the search found 1 more directory[^\n]*\n$/);
    const json = await runCli(['stores', '--json', ...args], { cwd: base });
    expect(JSON.parse(json.text).found).toMatchObject([
      { path: join(base, 'app'), sessionCount: 20, store: null, configuration: lines },
    ]);
    // Pasted, it is a store, and the search says so.
    const configuration = join(tempDir(), 'sescle.toml');
    writeFileSync(configuration, lines);
    const adopted = await runCli(['stores', '-c', configuration, '--search', join(base, 'app')]);
    expect(adopted.text).toContain('  store  already, see above\n');
  });

  test('--search takes names that are not UTF-8, from a directory that is not', async () => {
    const base = tempDir();
    const end = await runShell(
      `cd ${quote(base)} && mkdir -p $'\\xff/\\xfe' && cd $'\\xff' && touch $'\\xfe'/sess_{a..z} && "\${sescle[@]}" stores --root ${quote(tempDir())} --search $'\\xfe'`,
    );
    expect(end.stderr).toBe('');
    expect(end.text).toContain(`${base}/\\xff/\\xfe\n  found  26 sessions`);
    expect(end.text).toContain('no configuration can name it');
  });
});

describe('sescle sweep', () => {
  const ages = { old: 5000, older: 9000 };

  function filled(): { root: string; plain: string; nested: string } {
    const root = debian();
    const plain = join(root, 'var/lib/php/sessions');
    const nested = join(root, 'srv/shop/a/b');
    for (const [name, ageSeconds] of Object.entries(ages)) {
      writeSession(plain, name, { ageSeconds });
      writeSession(nested, `ab${name}`, { ageSeconds });
    }
    return { root, plain, nested };
  }

  test('without a SAVE_PATH sweeps every store by its own lifetime', async () => {
    const { root, plain, nested } = filled();
    const { status, text, stderr } = await runCli(['sweep', '--root', root]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readdirSync(plain)).toEqual([]);
    expect(readdirSync(nested)).toEqual(['sess_abold']);
    expect(text).toContain(`lifetime     2h (from ${fpm}/pool.d/shop.conf:8)`);
    expect(text).toMatch(/\n1 store is not collected; run sescle stores to see why\n$/);
  });

  test('-n shows what that would remove, and removes nothing', async () => {
    const { root, plain, nested } = filled();
    const { status, text, stderr } = await runCli(['sweep', '-n', '-vv', '--root', root]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect([...readdirSync(plain), ...readdirSync(nested)]).toHaveLength(4);
    expect(text.match(/^would remove \S+/gm)?.sort()).toEqual([
      `would remove ${nested}/sess_abolder`,
      `would remove ${plain}/sess_old`,
      `would remove ${plain}/sess_older`,
    ]);
    expect(text).toMatch(/\nnot collected: redis/);
  });

  test('-v says of each store why it is left alone; --json stays the report alone', async () => {
    const { root } = filled();
    const { text } = await runCli(['sweep', '-n', '-v', '--root', root]);
    expect(text).toMatch(
      /\nnot collected: redis: tcp:\/\/127\.0\.0\.1:6379: not kept in files[^\n]*\n$/,
    );
    const json = JSON.parse((await runCli(['sweep', '-n', '--json', '--root', root])).text);
    expect(json.stores).toHaveLength(2);
    expect(json.totals).toMatchObject({ scanned: 4, wouldRemove: 3 });
  });

  test('-l rules all stores, with a warning for each whose own lifetime is longer', async () => {
    const { root, plain, nested } = filled();
    const { status, text, stderr } = await runCli(['sweep', '-l', '1h', '--root', root]);
    expect(status).toBe(0);
    expect(stderr).toBe(
      `sescle: warning: ${root}/srv/shop: -l 1h is shorter than PHP's 2h (from ${fpm}/pool.d/shop.conf:8): users may be logged out early\n`,
    );
    expect(text).toMatch(/ {2}lifetime +1h\n/);
    expect([...readdirSync(plain), ...readdirSync(nested)]).toEqual([]);
  });

  test('no store that may be collected: status 3', async () => {
    const end = await runCli(['sweep', '--root', tempDir()]);
    expect(end).toMatchObject({ status: 3, text: '' });
    expect(end.stderr).toMatch(/^sescle: no session store was found; [^\n]+sescle sweep -l 24m/);
    const root = debian();
    writeTo(root, '/etc/sescle/sescle.toml', 'exclude = ["/var", "/srv"]\n');
    const excluded = await runCli(['sweep', '--root', root]);
    expect(excluded.status).toBe(3);
    expect(excluded.text).toMatch(/^3 stores are not collected/);
    expect(excluded.stderr).toMatch(/^sescle: no store was found that sescle may clean; /);
  });

  test('a SAVE_PATH that was found takes its lifetime, however it is spelt', async () => {
    const { root, nested, plain } = filled();
    symlinkSync('shop', join(root, 'srv/link'));
    const end = await runCli(['sweep', '--root', root, '2;/srv/./link']);
    expect(end).toMatchObject({ status: 0, stderr: '' });
    expect(end.text).toContain(`lifetime     2h (from ${fpm}/pool.d/shop.conf:8)`);
    expect(end.text).not.toContain('not collected');
    expect(readdirSync(nested)).toEqual(['sess_abold']);
    expect(readdirSync(plain)).toHaveLength(2);
  });

  test('on this machine too', async () => {
    const store = tempDir();
    const configuration = join(tempDir(), 'sescle.toml');
    writeFileSync(configuration, `[[store]]\npath = "${store}"\nlifetime = "1h"\n`);
    writeSession(store, 'old', { ageSeconds: 5000 });
    writeSession(store, 'new', { ageSeconds: 3000 });
    const end = await runCli(['sweep', '-c', configuration, store]);
    expect(end).toMatchObject({ status: 0, stderr: '' });
    expect(end.text).toContain(`(from ${configuration}:`);
    expect(readdirSync(store)).toEqual(['sess_new']);
  });

  test.each([
    [
      'another directory',
      '/srv',
      /^sescle: \/srv: no lifetime is configured for this directory; .*-l/,
    ],
    ['another depth', '/srv/shop', /only known for depth 2, not 0; give '2;/],
    ['what is not there', '/nope', /\/nope: no such directory/],
  ])('%s needs -l: nothing is removed', async (_, savePath, message) => {
    const { root, plain, nested } = filled();
    const end = await runCli(['sweep', '--root', root, '/var/lib/php/sessions', savePath]);
    expect(end).toMatchObject({ status: 2, text: '' });
    expect(end.stderr).toMatch(message);
    expect([...readdirSync(plain), ...readdirSync(nested)]).toHaveLength(4);
  });

  test('a store that is not collectable is refused with the reason, but for -l', async () => {
    const { root, plain } = filled();
    writeTo(root, '/etc/sescle/sescle.toml', 'exclude = ["/var/lib/php"]\n');
    const args = ['sweep', '--root', root, '/var/lib/php/sessions'];
    const refused = await runCli(args);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/is not collected: excluded by [^\n]+; pass -l/);
    expect(readdirSync(plain)).toHaveLength(2);
    expect((await runCli([...args, '-l', '1h'])).status).toBe(0);
    expect(readdirSync(plain)).toEqual([]);
  });

  test('a SAVE_PATH with -l is meant below --root, links included', async () => {
    const root = tempDir();
    const outside = tempDir();
    writeSession(outside, 'old', { ageSeconds: 5000 });
    mkdirSync(join(root, 'srv'));
    symlinkSync(outside, join(root, 'srv/out'));
    const end = await runCli(['sweep', '--root', root, '-l', '1', '/srv/out']);
    expect(end.status).toBe(2);
    expect(readdirSync(outside)).toEqual(['sess_old']);
  });
});
