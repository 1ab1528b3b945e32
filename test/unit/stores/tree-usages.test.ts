/** What a tree's configuration leaves in doubt, and how much of what a user put together is read. */
import { truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../lib/php/file-tree.js';
import type { Warning } from '../../../lib/php/provenance.js';
import { runningServers } from '../../../lib/php/web-servers/running.js';
import { defaultConfiguration } from '../../../lib/stores/config/configuration.js';
import type { FpmStart } from '../../../lib/stores/tree/pools.js';
import { TreeReader } from '../../../lib/stores/tree-usages.js';
import { addUsualPools } from '../../../lib/stores/usual-pools.js';
import { ActedProc } from '../../support/acted-proc.js';
import { type Files, treeOf, writeTree } from '../php/trees.js';
import { only, readerOf } from './usages.js';

const alice = 1001;

/** Those that hide someone's word, and whose. */
function hidden({ warnings }: { readonly warnings: readonly Warning[] }): unknown[] {
  return warnings.flatMap(({ message, hides }) => (hides === undefined ? [] : [[message, hides]]));
}

const about = (words: string): unknown => expect.stringContaining(words);

describe('a pool that keeps the environment of its master', () => {
  const pool = '[www]\nuser = www-data\nlisten = /x\npm = ondemand\n';

  /** The doubts about a pool of that PHP which brings no save_path of its own. */
  async function doubtsOf(
    lines: string,
    start: Partial<FpmStart> = {},
    ini = '',
  ): Promise<unknown> {
    const reader = await readerOf(
      treeOf({
        '/etc/passwd': 'www-data:x:33:33::/:\n',
        '/etc/php.ini': ini,
        '/etc/php-fpm.conf': `${pool}${lines}`,
      }),
    );
    const [installation] = reader.installations.filter(
      ({ installation: { sapi } }) => sapi === 'fpm',
    );
    if (installation === undefined) throw new Error('no FPM');
    const before = reader.usages.length;
    reader.addPools(
      {
        mainFile: '/etc/php-fpm.conf',
        prefix: null,
        label: 'php-fpm',
        environment: null,
        setBy: 0,
        ...start,
      },
      installation,
    );
    return hidden(only(reader.usages.slice(before)));
  }

  it('has its sessions nobody knows where, if that environment is not known', async () => {
    expect(await doubtsOf('clear_env = no\n')).toEqual([[about('clear_env = no'), 0]]);
    expect(await doubtsOf('clear_env = no\n', { setBy: alice })).toEqual([
      [about('clear_env = no'), alice],
    ]);
  });

  it('is in no doubt where the environment is known, or cleared', async () => {
    expect(await doubtsOf('clear_env = no\n', { environment: new Map() })).toEqual([]);
    expect(await doubtsOf('clear_env = yes\n')).toEqual([]);
    expect(await doubtsOf('')).toEqual([]);
  });

  it.each([
    ['php_value[session.save_path] = /srv/sessions\n', ''],
    ['php_admin_value[sys_temp_dir] = /srv/tmp\n', ''],
    ['env[TMPDIR] = /srv/tmp\n', ''],
    ['', 'session.save_path = /srv/sessions\n'],
  ])('is in no doubt where its directory is named by %j%j', async (lines, ini) => {
    expect(await doubtsOf(`clear_env = no\n${lines}`, {}, ini)).toEqual([]);
  });
});

describe('a part of Apache’s configuration that is not read', () => {
  it('leaves all usages of that Apache in doubt, and no others', async () => {
    const root = writeTree({
      '/etc/php.ini': '',
      '/etc/apache2/apache2.conf':
        'LoadModule php_module modules/libphp.so\nInclude more.conf\n<VirtualHost *:80>\n</VirtualHost>\n',
      '/etc/apache2/more.conf': '',
    });
    truncateSync(`${root}/etc/apache2/more.conf`, 17 * 2 ** 20);
    const reader = await readerOf(new FileTree(root));
    reader.addUsualApache();
    const doubt = ['/etc/apache2/more.conf cannot be read: larger than 16 MiB', 0];
    expect(reader.usages.map((usage) => [usage.label, ...hidden(usage)])).toEqual([
      ['php-cli'],
      ['apache2 server', doubt],
      ['apache2 vhost *:80', doubt],
    ]);
  });
});

describe('what a user put together is read only so far', () => {
  /** Files of more PHPs than are read of a user. */
  const many: Files = Object.fromEntries(
    Array.from({ length: 65 }, (_, count) => [`/etc/php${count}/php.ini`, '']),
  );

  it('of his PHPs 64 are, and the others are his lost word', async () => {
    const ofUser = await readerOf(treeOf(many, { setBy: alice }));
    expect(ofUser.installations).toHaveLength(64);
    expect(hidden(ofUser)).toEqual([[about('too many PHP installations'), alice]]);
    const ofRoot = await readerOf(treeOf(many));
    expect(ofRoot.installations).toHaveLength(65);
    expect(ofRoot.warnings).toEqual([]);
  });

  it('of his FPMs 16 are, and the others are his lost word', async () => {
    const pool = '[www]\nuser = www-data\nlisten = /x\npm = ondemand\n';
    const names = Array.from({ length: 20 }, (_, count) => `/srv/${count}.conf`);
    const reader = await readerOf(
      treeOf({
        '/etc/passwd': 'www-data:x:33:33::/:\n',
        '/etc/php.ini': '',
        ...Object.fromEntries(names.map((name) => [name, pool])),
      }),
    );
    const start = { prefix: null, environment: new Map(), label: 'php-fpm' };
    const countOf = (setBy: number): number => {
      const before = reader.usages.length;
      const read = reader.installationOf({ exe: null, version: null }, 'cli', setBy);
      for (const mainFile of names) reader.addPools({ ...start, mainFile, setBy }, read);
      return reader.usages.length - before;
    };
    expect(countOf(alice)).toBe(16);
    expect(hidden(reader)).toEqual(
      Array.from({ length: 4 }, () => [about('was not read: uid 1001 has too many'), alice]),
    );
    expect([countOf(alice + 1), countOf(0)]).toEqual([16, 20]);
  });

  it('and for no more than a second, which takes nothing from others', async () => {
    let now = 0;
    // Each way in which PHP is started takes 400 ms to read.
    const files: Record<string, string> = { '/etc/php.ini': '' };
    for (let at = 0; at < 20; at += 1) files[`/srv/${at}.ini`] = '';
    const reader = await readerOf(treeOf(files), { clock: () => (now += 400) });
    const [read] = reader.installations;
    if (read === undefined) throw new Error('no PHP');
    const doubtsOf = (setBy: number, count: number): unknown[] =>
      Array.from({ length: count }, (_, at) => {
        const { doubts } = reader.startedWith(read, { override: `/srv/${at}.ini`, setBy });
        return doubts.map(({ hides }) => hides);
      });
    expect(doubtsOf(alice, 5)).toEqual([[], [], [], [alice], [alice]]);
    expect(doubtsOf(alice + 1, 2)).toEqual([[], []]);
    expect(doubtsOf(0, 20).flat()).toEqual([]);
  });
});

describe('a web server that a user runs', () => {
  const alices = (uid: number) => {
    const proc = new ActedProc();
    proc.add(100, {
      exe: '/home/alice/nginx',
      uids: uid,
      arguments: 'nginx: master process ./nginx -c /srv/nginx.conf\0',
    });
    return runningServers(proc.proc, 0);
  };
  const pool = (name: string) =>
    `[${name}]\nuser = ${name}\nlisten = /${name}\npm = ondemand\nphp_value[session.save_path] = /srv/${name}\n`;
  const tree = () =>
    treeOf({
      '/etc/passwd': 'www-data:x:33:33::/:\nalice:x:1001:1001::/home/alice:\n',
      '/etc/php.ini': '',
      '/etc/php-fpm.conf': pool('www-data') + pool('alice'),
      '/srv/nginx.conf':
        'http { server { root /srv/web; fastcgi_param PHP_VALUE "session.gc_maxlifetime=90000"; } }\n',
      '/srv/web/.user.ini': 'session.gc_maxlifetime = 86400\n',
    });

  it('has a say in the PHP of that user only', async () => {
    const labelsOf = async (uid: number) => {
      const switches = { ...defaultConfiguration.discover, runPhp: false };
      const files = tree();
      const reader = new TreeReader(files, {
        switches,
        labelPrefix: '',
        runningServers: alices(uid),
      });
      await reader.readInstallations();
      addUsualPools(reader, files);
      reader.addUserFiles();
      return reader.usages.map(({ label }) => label).filter((label) => label.includes('fpm'));
    };
    const own = (name: string) => [
      `php-fpm pool ${name} by PHP_VALUE of nginx`,
      `php-fpm pool ${name} .user.ini in /srv/web`,
      `php-fpm pool ${name} by PHP_VALUE of nginx .user.ini in /srv/web`,
    ];
    const pools = ['php-fpm pool www-data', 'php-fpm pool alice'];
    expect((await labelsOf(alice)).sort()).toEqual([...pools, ...own('alice')].sort());
    expect((await labelsOf(0)).sort()).toEqual(
      [...pools, ...own('alice'), ...own('www-data')].sort(),
    );
    expect(await labelsOf(4711)).toEqual(pools);
  });
});
