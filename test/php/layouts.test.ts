/**
 * Debian's real php-fpm in the places of other layouts: its program with the layout's paths in it, or
 * started with the layout's own means. What its files tell and what the process that runs tells are the
 * same answer, which is the one that PHP prints, and the same sessions go.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { discoverStores, type Store, sweep } from '../../lib/index.js';
import { age, makeDirectory, targetsOf, uidOf } from '../support/discovered.js';
import { runByFastCgi } from '../support/fastcgi.js';
import { findPhpFpm } from '../support/php-fpm.js';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';

const phpFpm = findPhpFpm() ?? '';
const canRun = process.getuid?.() === 0 && phpFpm.endsWith('php-fpm8.2') && requireTool('chroot');

interface Layout {
  readonly name: string;
  readonly program: string;
  readonly ini: string;
  readonly scan: string;
  readonly fpm: string;
  readonly pools: string;
  readonly include: string;
  /** What it is started with, where its own paths are not the layout's. */
  readonly means?: {
    readonly words: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

const layouts: readonly Layout[] = [
  {
    name: 'openSUSE, with its paths in the program',
    program: '/usr/sbin/php-fpm',
    ini: '/etc/php8/fpm',
    scan: '/etc/php8/conf.d',
    fpm: '/etc/php8/fpm/php-fpm.conf',
    pools: '/etc/php8/fpm/php-fpm.d',
    include: '/etc/php8/fpm/php-fpm.d/*.conf',
  },
  {
    name: 'a prefix that nobody knows, with its paths in the program',
    program: '/opt/x/php/sbin/php-fpm',
    ini: '/opt/x/cfg',
    scan: '/opt/x/cfg/more',
    fpm: '/opt/x/cfg/php-fpm.conf',
    pools: '/opt/x/sites',
    include: '/opt/x/sites/*.conf',
  },
  {
    name: 'DirectAdmin, by its unit’s options',
    program: '/usr/local/php82/sbin/php-fpm82',
    ini: '/usr/local/php82/lib',
    scan: '/usr/local/php82/lib/php.conf.d',
    fpm: '/usr/local/php82/etc/php-fpm.conf',
    pools: '/usr/local/directadmin/data/users/bob/php',
    include: '/usr/local/directadmin/data/users/*/php/*.conf',
    means: {
      words: ['-c', '/usr/local/php82/lib'],
      env: { PHP_INI_SCAN_DIR: '/usr/local/php82/lib/php.conf.d' },
    },
  },
];

const page = `<?php
session_id($_SERVER['QUERY_STRING']);
session_start(['use_cookies' => 0, 'use_strict_mode' => 0, 'gc_probability' => 0]);
$_SESSION['a'] = 1;
session_write_close();
echo ini_get('session.save_path'), ' ', ini_get('session.gc_maxlifetime');
`;

/** A root directory with what the program needs to run in it. */
function rootWith({ program, ini, scan, means }: Layout): string {
  const root = tempDir();
  const put = (from: string, to: string) => {
    mkdirSync(path.dirname(`${root}${to}`), { recursive: true });
    copyFileSync(from, `${root}${to}`);
  };
  for (const [, library = ''] of execFileSync('ldd', [phpFpm], { encoding: 'utf8' }).matchAll(
    /(?:=> |^\s+)(\/\S+) \(/gm,
  ))
    put(library, library);
  put(phpFpm, program);
  put('/etc/passwd', '/etc/passwd');
  put('/etc/group', '/etc/group');
  for (const directory of ['/dev', '/run', '/tmp']) mkdirSync(`${root}${directory}`);
  writeFileSync(`${root}/dev/null`, '');
  chmodSync(`${root}/dev/null`, 0o666);
  chmodSync(`${root}/tmp`, 0o1777);
  if (means === undefined) {
    const bytes = readFileSync(`${root}${program}`);
    replaceText(bytes, '/etc/php/8.2/fpm', ini);
    replaceText(bytes, '/etc/php/8.2/fpm/conf.d', scan);
    writeFileSync(`${root}${program}`, bytes);
  }
  chmodSync(`${root}${program}`, 0o755);
  return root;
}

/** In the place of a text that ends with a NUL stands a shorter one. */
function replaceText(bytes: Buffer, old: string, text: string): void {
  const wanted = Buffer.from(`\0${old}\0`);
  const at = bytes.indexOf(wanted);
  if (at < 0 || text.length > old.length) throw new Error(`${text} does not fit for ${old}`);
  bytes.fill(0, at + 1, at + wanted.length);
  bytes.write(text, at + 1);
}

function write(file: string, ...lines: string[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** All that an answer says of the stores of a tree, but for what names the tree itself. */
function answer(stores: readonly Store[], root: string) {
  return stores
    .map(({ path: directory, depth, maxLifetime, collectable, settings }) => [
      directory.slice(root.length),
      depth,
      maxLifetime,
      collectable,
      settings['session.save_path'],
      settings['session.gc_maxlifetime'],
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe.skipIf(!canRun)('Debian’s php-fpm in the layout of', () => {
  for (const layout of layouts) {
    it(layout.name, async () => {
      const root = rootWith(layout);
      const www = uidOf('www-data');
      const { ini, scan, fpm, pools, include, program, means } = layout;
      write(
        `${root}${ini}/php.ini`,
        'session.save_path = /srv/default',
        'session.gc_maxlifetime = 900',
      );
      write(`${root}${scan}/50-site.ini`, 'session.gc_maxlifetime = 1800');
      const global = [
        '[global]',
        'error_log = /run/fpm.log',
        'daemonize = no',
        `include = ${include}`,
      ];
      write(`${root}${fpm}`, ...global);
      const pool = (name: string, ...lines: string[]) =>
        write(
          `${root}${pools}/${name}.conf`,
          `[${name}]`,
          'user = www-data',
          'group = www-data',
          `listen = /run/${name}.sock`,
          'pm = static',
          'pm.max_children = 1',
          ...lines,
        );
      pool('plain');
      pool(
        'site',
        'php_admin_value[session.save_path] = /srv/site',
        'php_admin_value[session.gc_maxlifetime] = 7200',
      );
      // It serves nothing: without any, FPM is served by one that nobody knows.
      write(`${root}/etc/nginx/nginx.conf`, 'events { }', 'http { }');
      write(
        `${root}/etc/systemd/system/php.service`,
        '[Service]',
        ...Object.entries(means?.env ?? {}).map(([name, value]) => `Environment=${name}=${value}`),
        `ExecStart=${[program, '-F', '-y', fpm, ...(means?.words ?? [])].join(' ')}`,
      );
      write(`${root}/srv/page.php`, page);
      for (const name of ['default', 'site']) makeDirectory(`${root}/srv/${name}`, www);

      const byFiles = await discoverStores({ root: Buffer.from(root) });
      const onlyProcesses = path.join(tempDir(), 'sescle.toml');
      write(
        onlyProcesses,
        '[discover]',
        'ini = false',
        'fpm = false',
        'apache = false',
        'run_php = false',
      );
      const { pid } = await startProgram(
        ['chroot', root, program, '-F', '-O', '-y', fpm, ...(means?.words ?? [])],
        /ready to handle connections/,
        { env: { PATH: '/usr/sbin:/usr/bin', ...means?.env } },
      );
      const live = await discoverStores({ configuration: Buffer.from(onlyProcesses) });
      const seen = `/proc/${pid}/root`;
      const ofProcess = live.stores.filter(({ path: directory }) =>
        directory.startsWith(`${seen}/`),
      );

      const fill = async () => {
        const printed: string[] = [];
        for (const [name, directory, seconds] of [
          ['plain', 'default', 1800],
          ['site', 'site', 7200],
        ] as const) {
          for (const [id, seconds_] of [
            ['old', seconds + 60],
            ['new', seconds - 60],
          ] as const) {
            const { body } = await runByFastCgi(`${root}/run/${name}.sock`, '/srv/page.php', {
              QUERY_STRING: id,
            });
            printed.push(body);
            age(`${root}/srv/${directory}/sess_${id}`, seconds_);
          }
        }
        return printed;
      };
      const left = () =>
        ['default', 'site'].flatMap((name) =>
          ['old', 'new'].filter((id) => existsSync(`${root}/srv/${name}/sess_${id}`)),
        );

      expect(new Set(await fill())).toEqual(new Set(['/srv/default 1800', '/srv/site 7200']));
      expect(answer(byFiles.stores, root)).toEqual(answer(ofProcess, seen));
      expect(answer(byFiles.stores, root).map((store) => store.slice(0, 4))).toEqual([
        ['/srv/default', 0, 1800, true],
        ['/srv/site', 0, 7200, true],
      ]);
      expect((await sweep(targetsOf(byFiles.stores))).totals).toMatchObject({
        removed: 2,
        live: 2,
      });
      expect(left()).toEqual(['new', 'new']);
      await fill();
      expect((await sweep(targetsOf(ofProcess))).totals).toMatchObject({ removed: 2, live: 2 });
      expect(left()).toEqual(['new', 'new']);
    });
  }
});
