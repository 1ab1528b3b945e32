import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DirectoryOverrides,
  type ScanOptions,
  scanDocumentRoots,
} from '../../../../lib/php/apache/document-roots.js';
import { overrideUsages } from '../../../../lib/php/apache/override-usages.js';
import { apacheUsages } from '../../../../lib/php/apache/usages.js';
import { parseIni } from '../../../../lib/php/ini/parse-ini.js';
import type { Usage } from '../../../../lib/php/usage.js';
import { type Read, readTree, summary, texts, writeTree } from './trees.js';

const main = 'etc/apache2/apache2.conf';
const site = `<VirtualHost *:80>
ServerName shop
DocumentRoot /srv/shop
<Directory /srv/shop>
AllowOverride Options
php_value session.gc_divisor 9
</Directory>
<Directory /srv/shop/closed>
AllowOverride None
</Directory>
</VirtualHost>
`;

function scan(
  { tree, configuration }: Read,
  options: Partial<ScanOptions> = {},
): DirectoryOverrides {
  return scanDocumentRoots(tree, configuration.documentRoots, {
    deadline: () => false,
    parseIni,
    userIniName: '.user.ini',
    apache: configuration,
    ...options,
  });
}

function pool(read: Read, more: Partial<Usage> = {}): Usage {
  return {
    label: 'php-fpm pool www',
    sapi: 'fpm',
    tree: read.tree,
    runsAs: { uid: 33, name: 'www-data' },
    chroot: null,
    settings: new Map([
      ['session.gc_divisor', { value: '5', source: { kind: 'default', of: 'PHP' }, setBy: 0 }],
    ]),
    warnings: [],
    ...more,
  };
}

const lifetime = (value: number): string => `php_value session.gc_maxlifetime ${value}\n`;

describe('.htaccess files', () => {
  it('count for their directory and below where AllowOverride lets them', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/.htaccess': lifetime(1),
      'srv/shop/a/b/.htaccess': `<IfModule mod_php.c>\n${lifetime(2)}</IfModule>`,
      'srv/shop/closed/.htaccess': lifetime(3),
      'srv/shop/c/.htaccess': 'RewriteEngine on\n',
    });
    const { overrides, warnings } = scan(read);
    expect(texts(warnings)).toEqual([]);
    const usages = apacheUsages(read.configuration, new Map(), {
      tree: read.tree,
      labelPrefix: 'apache2',
    });
    expect(overrideUsages(overrides, usages).map(summary)).toEqual([
      'apache2 vhost shop:80 .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=1',
      'apache2 vhost shop:80 .htaccess in /srv/shop/a/b: gc_divisor=9 gc_maxlifetime=2',
      'apache2 vhost shop:80 <Directory /srv/shop> .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=1',
    ]);
  });

  it('count below for sections whose own .htaccess does not', () => {
    const read = readTree({
      [main]: site.replace(
        'AllowOverride None',
        'AllowOverride None\nphp_value session.save_path /x',
      ),
      'srv/shop/.htaccess': lifetime(1),
      'srv/shop/closed/.htaccess': lifetime(3),
    });
    const usages = apacheUsages(read.configuration, new Map(), {
      tree: read.tree,
      labelPrefix: 'apache2',
    });
    expect(overrideUsages(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 <Directory /srv/shop/closed> .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=1 save_path=/x',
    );
  });

  it('are the word of whoever could write them', () => {
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': lifetime(1) });
    if (process.getuid?.() !== 0) return;
    chownSync(path.join(read.root, 'srv/shop/.htaccess'), 1234, 1234);
    const { overrides } = scan(read);
    expect(overrides.map(({ setBy }) => setBy)).toEqual([1234]);
    expect(overrides[0]?.section?.settings[0]?.setBy).toBe(1234);
  });

  it('have usages of their own for the <Files> in them', () => {
    const text = `${lifetime(1)}<Files admin.php>\n${lifetime(2)}</Files>`;
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': text });
    const usages = apacheUsages(read.configuration, new Map(), {
      tree: read.tree,
      labelPrefix: 'apache2',
    });
    expect(overrideUsages(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 <Files admin.php> .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=2',
    );
  });

  it('above the document root count too', () => {
    const read = readTree({
      [main]: `<Directory />\nAllowOverride All\n</Directory>\n${site}`,
      'srv/.htaccess': lifetime(4),
    });
    const usages = apacheUsages(read.configuration, new Map(), {
      tree: read.tree,
      labelPrefix: 'apache2',
    });
    expect(overrideUsages(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 .htaccess in /srv: gc_divisor=9 gc_maxlifetime=4',
    );
  });

  it('with an expression made to take for ever take no time', () => {
    const text = `<FilesMatch "^((((a|n|y|p|h|\\.)*)*)*)*!$">\n${lifetime(1)}</FilesMatch>`;
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': text });
    if (process.getuid?.() === 0) chownSync(path.join(read.root, 'srv/shop/.htaccess'), 1234, 1234);
    const usages = apacheUsages(read.configuration, new Map(), {
      tree: read.tree,
      labelPrefix: 'apache2',
    });
    const started = performance.now();
    expect(overrideUsages(scan(read).overrides, usages).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('that are links, FIFOs, directories or huge are warnings', () => {
    const read = readTree({
      [main]: site,
      'etc/secret': lifetime(1),
      'srv/shop/d/.htaccess/x': '',
      'srv/shop/e/x': '',
      'srv/shop/f/x': '',
      'srv/shop/g/x': '',
    });
    symlinkSync('/etc/secret', path.join(read.root, 'srv/shop/e/.htaccess'));
    execFileSync('mkfifo', [path.join(read.root, 'srv/shop/f/.htaccess')]);
    execFileSync('truncate', ['-s', '17M', path.join(read.root, 'srv/shop/g/.htaccess')]);
    const { overrides, warnings } = scan(read);
    expect(overrides).toEqual([]);
    expect(texts(warnings).sort()).toEqual([
      '/srv/shop/d/.htaccess:1: is not a regular file: not read',
      '/srv/shop/e/.htaccess:1: is a link, which is not followed: what it sets is not known',
      '/srv/shop/f/.htaccess:1: is not a regular file: not read',
      '/srv/shop/g/.htaccess:1: /srv/shop/g/.htaccess cannot be read: larger than 16 MiB',
    ]);
  });
});

describe('.user.ini files', () => {
  it('count for pools, from the document root down, but not over what an administrator fixed', () => {
    const read = readTree({
      [main]: site,
      'srv/.user.ini': 'session.gc_maxlifetime = 99',
      'srv/shop/.user.ini': 'session.gc_maxlifetime = 1\nsession.gc_divisor = 2\nsys_temp_dir=/x\n',
      'srv/shop/a/.user.ini':
        '[PATH=/x]\nsession.gc_divisor = 7\n[other]\nsession.save_path = /y\n',
    });
    const { overrides } = scan(read);
    const usages = overrideUsages(overrides, [
      { ...pool(read), fixedSettings: new Set(['session.gc_divisor'] as const) },
    ]);
    expect(usages.map(summary)).toEqual([
      'php-fpm pool www .user.ini in /srv/shop: gc_divisor=5 gc_maxlifetime=1',
      'php-fpm pool www .user.ini in /srv/shop/a: gc_divisor=5 gc_maxlifetime=1 save_path=/y',
    ]);
  });

  it('of a user with a pool of their own count for that pool, and once for equal pools', () => {
    const read = readTree({ [main]: site, 'srv/shop/.user.ini': 'session.gc_maxlifetime = 1' });
    if (process.getuid?.() !== 0) return;
    chownSync(path.join(read.root, 'srv/shop/.user.ini'), 1234, 1234);
    const own = pool(read, { label: 'bob', runsAs: { uid: 1234, name: 'bob' } });
    const { overrides } = scan(read);
    const labels = (base: Usage[]): string[] =>
      overrideUsages(overrides, base).map(({ label }) => label);
    expect(labels([pool(read), own])).toEqual(['bob .user.ini in /srv/shop']);
    expect(labels([pool(read), pool(read, { label: 'two' })])).toEqual([
      'php-fpm pool www .user.ini in /srv/shop',
    ]);
  });

  it('are not asked for by the command line', () => {
    const read = readTree({ [main]: site, 'srv/shop/.user.ini': 'session.gc_maxlifetime = 1' });
    expect(overrideUsages(scan(read).overrides, [pool(read, { sapi: 'cli' })])).toEqual([]);
  });

  it('with a syntax error count as far as PHP reads them, with a warning', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/.user.ini': 'session.gc_maxlifetime = 1\n= = (\nsession.gc_divisor = 3\n',
    });
    const { overrides, warnings } = scan(read);
    expect([...(overrides[0]?.settings.keys() ?? [])]).toEqual(['session.gc_maxlifetime']);
    expect(texts(warnings)[0]).toMatch(/^\/srv\/shop\/\.user\.ini:2: /);
  });
});

describe('the scan of document roots', () => {
  it('follows no link and leaves no document root', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/x': '',
      'srv/other/.user.ini': 'session.gc_maxlifetime = 1',
    });
    symlinkSync('../other', path.join(read.root, 'srv/shop/link'));
    symlinkSync('..', path.join(read.root, 'srv/shop/up'));
    expect(scan(read).overrides).toEqual([]);
  });

  it('follows the links of a document root’s own path', () => {
    const read = readTree({
      [main]: site,
      'srv/releases/7/.user.ini': 'session.gc_maxlifetime = 1',
    });
    symlinkSync('releases/7', path.join(read.root, 'srv/shop'));
    expect(scan(read).overrides.map(({ file }) => file)).toEqual(['/srv/shop/.user.ini']);
  });

  it('ends at its limits, and says so', () => {
    const deep = Array.from({ length: 8 }, () => 'd').join('/');
    const read = readTree({ [main]: site, [`srv/shop/${deep}/x`]: '' });
    for (let index = 0; index < 50; index++)
      mkdirSync(path.join(read.root, 'srv/shop', `n${index}`));
    expect(texts(scan(read, { maxDirectories: 20 }).warnings)).toEqual([
      '/etc/apache2/apache2.conf:4: not all directories below /srv/shop were looked into: more than 20 directories',
    ]);
    expect(texts(scan(read, { maxDepth: 3 }).warnings)[0]).toMatch(/deeper than 3/);
    let asked = 0;
    expect(texts(scan(read, { deadline: () => ++asked > 5 }).warnings)[0]).toMatch(/out of time/);
  });

  it('says which document root is not there', () => {
    const read = readTree({ [main]: site });
    expect(texts(scan(read).warnings)).toEqual([
      '/etc/apache2/apache2.conf:4: /srv/shop cannot be read: ENOENT',
    ]);
  });

  it('looks for nothing where nothing reads such files', () => {
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': lifetime(1) });
    let asked = 0;
    const deadline = (): boolean => ++asked < 0;
    expect(scan(read, { apache: null, userIniName: null, deadline }).overrides).toEqual([]);
    expect(asked).toBe(0);
    writeTree({}, read.root);
  });
});
