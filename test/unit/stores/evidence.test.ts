/** PHP that is seen and not understood keeps sessions; what is understood does not, and others' word changes nothing. */
import { chmodSync, chownSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Store } from '../../../lib/stores/store.js';
import { phpProgram } from '../../support/php-program.js';
import { type Files, isRoot, writeTree } from '../php/trees.js';

const base: Files = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n',
  '/etc/nginx/nginx.conf': 'events { }\nhttp { }\n',
  '/srv/s': null,
};
const ini = 'session.save_path = "/srv/s"\nsession.gc_maxlifetime = 600\n';
const pool = '[www]\nuser = www-data\nlisten = /x\npm = ondemand\n';

async function storesIn(root: string): Promise<ReadonlyMap<string, Store>> {
  const { stores } = await discoverStores({ root: Buffer.from(root) });
  return new Map(stores.map((store) => [store.path.slice(root.length), store]));
}

async function storeIn(files: Files, path = '/srv/s'): Promise<Store | undefined> {
  return (await storesIn(writeTree({ ...base, ...files }))).get(path);
}

/** The lifetime by which sessions go; `kept` where a doubt keeps them, with why. */
async function lifetimeOf(files: Files, path = '/srv/s'): Promise<string | undefined> {
  const store = await storeIn(files, path);
  if (store === undefined) return undefined;
  return store.doubt === null
    ? `${store.maxLifetime} s`
    : `kept: ${store.doubt.reasons.join('; ')}`;
}

const cli = (paths: { ini: string; scan?: string }) =>
  phpProgram({ sapi: 'cli', scan: '', prefix: '/opt/a/php', ...paths });

describe('what a program says of itself', () => {
  it('is where its php.ini is, wherever others lie', async () => {
    const files = {
      '/opt/a/php/bin/php': cli({ ini: '/srv/conf' }),
      '/srv/conf/php.ini': ini,
      '/opt/a/php/lib/php.ini': 'session.save_path = "/srv/other"\n',
    };
    expect(await lifetimeOf(files)).toBe('600 s');
  });

  it('goes before the table: what nothing reads is no store', async () => {
    const files = {
      '/usr/bin/php': cli({ ini: '/etc/mine' }),
      '/etc/mine/php.ini': ini,
      '/etc/php.ini': 'session.save_path = "/srv/other"\nsession.gc_maxlifetime = 60\n',
      '/srv/other': null,
    };
    expect([...(await storesIn(writeTree({ ...base, ...files }))).keys()]).toEqual(['/srv/s']);
  });

  it('is its own default of session.save_path and of the lifetime', async () => {
    const text = phpProgram({
      sapi: 'cli',
      ini: '/etc/mine',
      scan: '',
      prefix: '/usr',
      savePath: '/srv/s',
      lifetime: '4000',
    });
    const files = { '/usr/bin/php': text, '/etc/mine/php.ini': '' };
    expect(await lifetimeOf(files)).toBe('4000 s');
  });

  it('is that no php.ini was found where it looks, which keeps its sessions', async () => {
    const text = phpProgram({
      sapi: 'cli',
      ini: '/etc/mine',
      scan: '',
      prefix: '/usr',
      savePath: '/srv/s',
    });
    expect(await lifetimeOf({ '/usr/bin/php': text })).toMatch(/^kept: no php\.ini of php-cli/);
  });

  it.runIf(isRoot)('is nobody’s word where others could have written the program', async () => {
    const root = writeTree({
      ...base,
      '/opt/a/php/bin/php': cli({ ini: '/srv/conf' }),
      '/srv/conf/php.ini': ini,
    });
    expect((await storesIn(root)).get('/srv/s')?.collectable).toBe(true);
    chownSync(`${root}/opt/a/php/bin/php`, 1001, 1001);
    expect((await storesIn(root)).has('/srv/s')).toBe(false);
    chownSync(`${root}/opt/a/php/bin/php`, 0, 0);
    chmodSync(`${root}/opt/a/php/bin/php`, 0o777);
    expect((await storesIn(root)).has('/srv/s')).toBe(false);
  });
});

describe('what is seen and not understood keeps the sessions', () => {
  it('of a program that does not show which php.ini it reads', async () => {
    // Its path is the same as other texts of it, and nothing with that name is there.
    const text = phpProgram({
      sapi: 'cli',
      ini: '/x',
      scan: '',
      prefix: '/usr',
      savePath: '/srv/s',
    }).replace('\0/x\0', '\0');
    expect(await lifetimeOf({ '/usr/bin/php': text })).toMatch(
      /^kept: sescle does not know which php\.ini \/usr\/bin\/php reads/,
    );
  });

  it('in a directory that only looks as if PHP scanned it, where that makes a difference', async () => {
    const files = { '/opt/v/php/etc/php.ini': ini };
    expect(await lifetimeOf(files)).toBe('600 s');
    expect(await lifetimeOf({ ...files, '/opt/v/php/etc/conf.d/a.ini': 'extension=a\n' })).toBe(
      '600 s',
    );
    const longer = { '/opt/v/php/etc/conf.d/a.ini': 'session.gc_maxlifetime = 60\n' };
    expect(await lifetimeOf({ ...files, ...longer })).toMatch(/^kept: .*whether php-cli reads/);
  });

  it('of pools that no php-fpm.conf was found for', async () => {
    const files = {
      '/opt/v/php8.2/etc/php.ini': 'session.gc_maxlifetime = 600\n',
      '/opt/v/php8.2/etc/php-fpm.d/a.conf': `${pool}php_value[session.save_path] = /srv/s\n`,
    };
    expect(await lifetimeOf(files)).toMatch(/^kept: no php-fpm\.conf was found that includes/);
    const main = {
      '/opt/v/php8.2/etc/php-fpm.conf': 'include=/opt/v/php8.2/etc/php-fpm.d/*.conf\n',
    };
    expect(await lifetimeOf({ ...files, ...main })).toBe('600 s');
  });

  const fpm = {
    '/opt/x/php-fpm': phpProgram({ sapi: 'fpm', ini: '/opt/x/conf', scan: '', prefix: '/opt/x' }),
    '/opt/x/conf/php.ini': 'session.gc_maxlifetime = 600\n',
    '/opt/x/pools': `[global]\npid = /x\n${pool}php_value[session.save_path] = /srv/s\n`,
  };
  const unit = (...lines: string[]) => ({
    ...fpm,
    '/etc/systemd/system/php-x.service': ['[Service]', ...lines, ''].join('\n'),
  });
  const start = 'ExecStart=/opt/x/php-fpm -F -y /opt/x/pools';

  for (const [what, files, expected] of [
    ['a unit that is plain', unit(start), /^600 s$/],
    ['a unit’s -d', unit(`${start} -d session.gc_maxlifetime=9000`), /^9000 s$/],
    [
      'a unit’s variable',
      unit('Environment=A=9000', `${start} -d session.gc_maxlifetime=\${A}`),
      /^9000 s$/,
    ],
    [
      'a unit with a root of its own',
      unit('RootDirectory=/srv/r', start),
      /^kept: php-x\.service is not followed/,
    ],
    [
      'a unit whose EnvironmentFile is gone',
      unit('EnvironmentFile=/srv/e', start),
      /^kept: php-x\.service is not followed/,
    ],
    [
      'a unit that names an empty directory to scan',
      unit('Environment=PHP_INI_SCAN_DIR=/srv/none', start),
      /^kept: \/srv\/none, which PHP_INI_SCAN_DIR names/,
    ],
    [
      'a unit whose pools are gone',
      { ...unit(`${start}.gone`), '/opt/x/conf/php.ini': ini },
      /^kept: \/opt\/x\/pools\.gone of php-fpm is gone/,
    ],
  ] as const) {
    it(`of ${what}`, async () => {
      expect(String(await lifetimeOf(files))).toMatch(expected);
    });
  }

  it('of a wrapper of nixpkgs that a shell alone could follow', async () => {
    const script = (...lines: string[]) => ['#!/nix/store/b/bin/bash -e', ...lines, ''].join('\n');
    const exec = 'exec -a "$0" "/opt/x/php-fpm"  "$@"';
    const wrapped = (...lines: string[]) => ({
      ...unit('ExecStart=/opt/y/php-fpm -y /opt/x/pools'),
      '/opt/y/php-fpm': script(...lines),
      '/opt/y/ini/a.ini': 'session.gc_maxlifetime = 700\n',
    });
    const scan = 'export PHP_INI_SCAN_DIR=$' + "{PHP_INI_SCAN_DIR-'/opt/y/ini'}";
    expect(await lifetimeOf(wrapped(scan, exec))).toBe('700 s');
    expect(await lifetimeOf(wrapped("export PHP_INI_SCAN_DIR='/opt/y/ini'", exec))).toBe('700 s');
    expect(await lifetimeOf(wrapped('if true; then', scan, 'fi', exec))).toMatch(
      /^kept: sescle does not know which php\.ini/,
    );
  });
});

describe('mod_php', () => {
  it('reads what its own program says, whatever else is installed', async () => {
    const module = phpProgram({ sapi: 'cgi', ini: '/etc/mod', scan: '', prefix: '/usr' });
    const files = {
      '/usr/bin/php': cli({ ini: '/etc/cli' }),
      '/etc/cli/php.ini': 'session.gc_maxlifetime = 60\n',
      '/etc/mod/php.ini': ini,
      '/usr/lib/libphp.so': `${module}apache2handler\0`,
      '/etc/apache2/apache2.conf': 'LoadModule php_module /usr/lib/libphp.so\nUser www-data\n',
    };
    expect(await lifetimeOf(files)).toBe('600 s');
  });
});
