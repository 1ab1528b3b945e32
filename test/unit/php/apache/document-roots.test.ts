import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DirectoryOverrides,
  type ScanOptions,
  scanDocumentRoots,
} from '../../../../lib/php/apache/document-roots.js';
import { overrideUsages } from '../../../../lib/php/apache/override-usages.js';
import { readApache } from '../../../../lib/php/apache/read-apache.js';
import { ScanBudget } from '../../../../lib/php/apache/scan-budget.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { parseIni } from '../../../../lib/php/ini/parse-ini.js';
import type { Warning } from '../../../../lib/php/provenance.js';
import type { Usage } from '../../../../lib/php/usage.js';
import { isRoot, writeTree } from '../trees.js';
import { loadPhp, type Read, readTree, summary, texts, usagesIn } from './trees.js';

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
    parseIni,
    userIniNames: ['.user.ini'],
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

/** What overrides make of these, none of it left out. */
function usagesWith(
  overrides: DirectoryOverrides['overrides'],
  base: Parameters<typeof overrideUsages>[1],
): Usage[] {
  const warnings: Warning[] = [];
  const usages = overrideUsages(overrides, base, warnings);
  expect(warnings).toEqual([]);
  return usages;
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
    const usages = usagesIn(read);
    expect(usagesWith(overrides, usages).map(summary)).toEqual([
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
    const usages = usagesIn(read);
    expect(usagesWith(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 <Directory /srv/shop/closed> .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=1 save_path=/x',
    );
  });

  it('are the word of whoever could write them', () => {
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': lifetime(1) });
    if (!isRoot) return;
    chownSync(path.join(read.root, 'srv/shop/.htaccess'), 1234, 1234);
    const { overrides } = scan(read);
    expect(overrides.map(({ setBy }) => setBy)).toEqual([1234]);
    expect(overrides[0]?.section?.settings[0]?.setBy).toBe(1234);
  });

  it('have usages of their own for the <Files> in them', () => {
    const text = `${lifetime(1)}<Files admin.php>\n${lifetime(2)}</Files>`;
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': text });
    const usages = usagesIn(read);
    expect(usagesWith(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 <Files admin.php> .htaccess in /srv/shop: gc_divisor=9 gc_maxlifetime=2',
    );
  });

  it('above the document root count too', () => {
    const read = readTree({
      [main]: `<Directory />\nAllowOverride All\n</Directory>\n${site}`,
      'srv/.htaccess': lifetime(4),
    });
    const usages = usagesIn(read);
    expect(usagesWith(scan(read).overrides, usages).map(summary)).toContain(
      'apache2 vhost shop:80 .htaccess in /srv: gc_divisor=9 gc_maxlifetime=4',
    );
  });

  it('with an expression made to take for ever take no time', () => {
    const text = `<FilesMatch "^((((a|n|y|p|h|\\.)*)*)*)*!$">\n${lifetime(1)}</FilesMatch>`;
    const read = readTree({ [main]: site, 'srv/shop/.htaccess': text });
    if (isRoot) chownSync(path.join(read.root, 'srv/shop/.htaccess'), 1234, 1234);
    const usages = usagesIn(read);
    const started = performance.now();
    expect(usagesWith(scan(read).overrides, usages).length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('that are FIFOs, directories, links to such or huge are warnings', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/d/.htaccess/x': '',
      'srv/shop/e/x': '',
      'srv/shop/f/x': '',
      'srv/shop/g/x': '',
    });
    symlinkSync('/srv/shop', path.join(read.root, 'srv/shop/e/.htaccess'));
    execFileSync('mkfifo', [path.join(read.root, 'srv/shop/f/.htaccess')]);
    execFileSync('truncate', ['-s', '17M', path.join(read.root, 'srv/shop/g/.htaccess')]);
    const { overrides, warnings } = scan(read);
    // What is too large for us is not too large for Apache.
    expect(overrides.map(({ file, section }) => [file, section?.doubts?.length])).toEqual([
      ['/srv/shop/g/.htaccess', 1],
    ]);
    expect(texts(warnings).sort()).toEqual([
      '/srv/shop/d/.htaccess:1: is not a regular file: not read',
      '/srv/shop/e/.htaccess:1: is not a regular file: not read',
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
    const usages = usagesWith(overrides, [
      { ...pool(read), fixedSettings: new Set(['session.gc_divisor'] as const) },
    ]);
    expect(usages.map(summary)).toEqual([
      'php-fpm pool www .user.ini in /srv/shop: gc_divisor=5 gc_maxlifetime=1',
      'php-fpm pool www .user.ini in /srv/shop/a: gc_divisor=5 gc_maxlifetime=1 save_path=/y',
    ]);
  });

  it('of a user with a pool of their own count for that pool, and once for equal pools', () => {
    const read = readTree({ [main]: site, 'srv/shop/.user.ini': 'session.gc_maxlifetime = 1' });
    if (!isRoot) return;
    chownSync(path.join(read.root, 'srv/shop/.user.ini'), 1234, 1234);
    const own = pool(read, { label: 'bob', runsAs: { uid: 1234, name: 'bob' } });
    const { overrides } = scan(read);
    const labels = (base: Usage[]): string[] =>
      usagesWith(overrides, base).map(({ label }) => label);
    expect(labels([pool(read), own])).toEqual(['bob .user.ini in /srv/shop']);
    expect(labels([pool(read), pool(read, { label: 'two' })])).toEqual([
      'php-fpm pool www .user.ini in /srv/shop',
    ]);
  });

  it('are not asked for by the command line', () => {
    const read = readTree({ [main]: site, 'srv/shop/.user.ini': 'session.gc_maxlifetime = 1' });
    expect(usagesWith(scan(read).overrides, [pool(read, { sapi: 'cli' })])).toEqual([]);
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
    const budget = new ScanBudget({ root: { directories: 20, ms: 1e9 } });
    const few = scan(read, { budget }).warnings;
    expect(texts(few)).toEqual([
      '/etc/apache2/apache2.conf:4: sescle did not search all directories below /srv/shop: more than 20 directories',
    ]);
    const shallow = scan(read, { maxDepth: 3 }).warnings;
    expect(texts(shallow)[0]).toMatch(/looked only 3 levels deep/);
    // Each look at the clock takes a second.
    let now = 0;
    const clock = () => (now += 1000);
    const seconds = new ScanBudget({ root: { directories: 1e9, ms: 5000 }, clock });
    const short = scan(read, { budget: seconds }).warnings;
    expect(texts(short)[0]).toMatch(/out of time/);
    for (const warnings of [few, shallow, short])
      expect(warnings.map(({ hides }) => hides)).toEqual([0]);
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
    const budget = new ScanBudget({ clock: () => ++asked });
    asked = 0;
    expect(scan(read, { apache: null, userIniNames: [], budget }).overrides).toEqual([]);
    expect(asked).toBe(0);
  });
});

describe.runIf(isRoot)('what one user has below a document root', () => {
  const [alice, bob] = [1234, 1235];
  const ini = 'session.gc_maxlifetime = 99';

  function give(read: Read, names: readonly string[], uid: number): void {
    for (const name of names) {
      const file = path.join(read.root, name);
      lchownSync(file, uid, uid);
      if (!lstatSync(file).isDirectory() || lstatSync(file).isSymbolicLink()) continue;
      for (const entry of readdirSync(file)) give(read, [path.join(name, entry)], uid);
    }
  }

  const losses = (warnings: readonly Warning[]): unknown[] =>
    warnings.map(({ hides, message }) => [hides, message]);

  it('takes nothing from what is looked at of others: directories', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/alice/x/y/z/.user.ini': ini,
      'srv/shop/bob/x/y/z/.user.ini': ini,
    });
    for (let index = 0; index < 50; index++)
      mkdirSync(path.join(read.root, 'srv/shop/alice', `n${index}`));
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/bob'], bob);
    const budget = new ScanBudget({ user: { directories: 20, ms: 1e9 } });
    const { overrides, warnings } = scan(read, { budget });
    expect(overrides.map(({ setBy, file }) => [setBy, file])).toEqual([
      [bob, '/srv/shop/bob/x/y/z/.user.ini'],
    ]);
    expect(losses(warnings)).toEqual([
      [alice, 'sescle did not search all directories below /srv/shop: more than 20 directories'],
    ]);
  });

  it('takes nothing from what is looked at of others: time, in one huge directory too', () => {
    const files: Record<string, string> = { [main]: site, 'srv/shop/bob/a/.user.ini': ini };
    for (let index = 0; index < 2000; index++) files[`srv/shop/alice/${index}`] = '';
    const read = readTree(files);
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/bob'], bob);
    let now = 0;
    // A look at the clock takes a second, and bob's directories need two each.
    const budget = new ScanBudget({
      user: { directories: 100, ms: 5000 },
      clock: () => (now += 1000),
    });
    const { overrides, warnings } = scan(read, { budget });
    expect(overrides.map(({ setBy }) => setBy)).toEqual([bob]);
    expect(losses(warnings)).toEqual([
      [alice, 'sescle did not search all directories below /srv/shop: out of time'],
    ]);
  });

  it('is read up to 64 KiB a file, and what is larger hides only the user’s own word', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/alice/.user.ini': `${ini}\n${';'.repeat(64 * 1024)}`,
      'srv/shop/alice/h/.htaccess': `${lifetime(1)}${'#'.repeat(64 * 1024)}`,
      'srv/shop/bob/.user.ini': ini,
      'srv/shop/.user.ini': `${ini}\n${';'.repeat(64 * 1024)}`,
    });
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/bob'], bob);
    const { overrides, warnings } = scan(read);
    const read64 = overrides.filter(({ settings }) => settings.size > 0);
    expect(read64.map(({ setBy }) => setBy).sort()).toEqual([0, bob]);
    expect(losses(warnings)).toEqual([
      [alice, '/srv/shop/alice/.user.ini cannot be read: larger than 64 KiB'],
      [alice, '/srv/shop/alice/h/.htaccess cannot be read: larger than 64 KiB'],
    ]);
  });

  it('that lies too deep hides only the user’s own word', () => {
    const read = readTree({ [main]: site, 'srv/shop/alice/a/b/c/.user.ini': ini });
    give(read, ['srv/shop/alice'], alice);
    expect(scan(read, { maxDepth: 2 }).warnings.map(({ hides }) => hides)).toEqual([alice]);
  });

  it('is read where several users could change it too, as nobody’s own word, which is said once', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/alice/.user.ini': ini,
      'srv/shop/alice/bob/.user.ini': ini,
      'srv/shop/alice/bob2/.user.ini': ini,
    });
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/alice/bob', 'srv/shop/alice/bob2'], bob);
    const { overrides, warnings } = scan(read);
    expect(overrides.map(({ setBy }) => setBy)).toEqual([alice, null, null]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.hides).toBe(undefined);
    expect(warnings[0]?.message).toMatch(/^several users could change files in .*alice\/bob/);
  });

  it('is read through links, as far as the user may read it himself, and is then his word', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/alice/x': '',
      'srv/shop/bob/x': '',
      'srv/shop/gone/x': '',
      'etc/public.ini': ini,
      'etc/secret.ini': ini,
    });
    chmodSync(path.join(read.root, 'etc/secret.ini'), 0o600);
    symlinkSync('/etc/public.ini', path.join(read.root, 'srv/shop/alice/.user.ini'));
    symlinkSync('/etc/secret.ini', path.join(read.root, 'srv/shop/bob/.user.ini'));
    symlinkSync('/etc/nothing', path.join(read.root, 'srv/shop/gone/.user.ini'));
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/bob', 'srv/shop/gone'], bob);
    const { overrides, warnings } = scan(read);
    expect(overrides.map(({ setBy, file }) => [setBy, file])).toEqual([
      [alice, '/srv/shop/alice/.user.ini'],
    ]);
    expect([...(overrides[0]?.settings.values() ?? [])].map(({ setBy }) => setBy)).toEqual([alice]);
    expect(losses(warnings)).toEqual([
      [bob, 'is a link to a file that its owner may not read: its settings are unknown'],
    ]);
  });

  it('that depends on a variable or an unknown constant hides the user’s own word', () => {
    const read = readTree({
      [main]: site,
      'srv/shop/alice/.user.ini': `session.gc_maxlifetime = \${X}\nsession.gc_divisor = 5\n`,
      'srv/shop/alice/a/.user.ini': 'session.gc_maxlifetime = PHP_VERSION_ID',
      'srv/shop/alice/b/.user.ini': 'session.gc_maxlifetime = E_ALL\nsession.save_handler = files',
      'srv/shop/alice/c/.user.ini': `session.save_path = \${X}`,
    });
    give(read, ['srv/shop/alice'], alice);
    const { overrides, warnings } = scan(read);
    const isNotKnown = 'is unknown, and so is the lifetime of the sessions';
    const byFile = [...overrides].sort((a, b) => (a.file < b.file ? -1 : 1));
    expect(byFile.map(({ doubts = [] }) => losses(doubts))).toEqual([
      [[alice, `the value of \${X} ${isNotKnown}`]],
      [[alice, `the value of PHP_VERSION_ID ${isNotKnown}`]],
      [],
      [],
    ]);
    expect(losses(warnings)).toEqual([[alice, `\${X} is unknown`]]);
  });

  it('is paid for by the user who calls it a document root', () => {
    const files: Record<string, string> = {
      [main]: 'Include /home/alice/site.conf',
      'home/alice/site.conf': 'DocumentRoot /opt',
    };
    for (let index = 0; index < 50; index++) files[`opt/${index}/x`] = '';
    const root = writeTree({ ...files, [main]: `${loadPhp}${files[main]}` });
    chownSync(path.join(root, 'home/alice/site.conf'), alice, alice);
    const tree = new FileTree(root);
    const read = { root, tree, configuration: readApache(tree, { mainFile: `/${main}` }) };
    const budget = new ScanBudget({ user: { directories: 20, ms: 1e9 } });
    expect(scan(read, { budget }).warnings.map(({ hides }) => hides)).toEqual([alice]);
  });

  it('with thousands of nested sections is read without a stack overflow, and says what is not', () => {
    const text = `${lifetime(1)}${'<Files a>\n'.repeat(3_000)}${lifetime(2)}${'</Files>\n'.repeat(3_000)}`;
    const read = readTree({ [main]: site, 'srv/shop/alice/.htaccess': text });
    give(read, ['srv/shop/alice'], alice);
    const { overrides, warnings } = scan(read);
    expect(overrides.map(({ section }) => section?.settings.length)).toEqual([1]);
    expect(losses(warnings)).toEqual([
      [alice, 'sections nest deeper than 64: this one is not read'],
    ]);
  });

  it('makes no more than 1,000 usages, and then hides the user’s own word only', () => {
    const section = (index: number): string =>
      `<Files ${index}>\nphp_value session.gc_divisor ${index}\n</Files>\n`;
    const text = Array.from({ length: 1050 }, (_, index) => section(index)).join('');
    const read = readTree({
      [main]: site,
      'srv/shop/alice/.htaccess': text,
      'srv/shop/bob/.htaccess': lifetime(7),
    });
    give(read, ['srv/shop/alice'], alice);
    give(read, ['srv/shop/bob'], bob);
    const usages = usagesIn(read);
    const warnings: Warning[] = [];
    const found = overrideUsages(scan(read).overrides, usages, warnings);
    expect(found).toHaveLength(1001);
    expect(found.map(summary)).toContain(
      'apache2 vhost shop:80 .htaccess in /srv/shop/bob: gc_divisor=9 gc_maxlifetime=7',
    );
    expect(losses(warnings)).toEqual([
      [
        alice,
        'more than 1000 combinations with .htaccess and .user.ini files: sescle ignores the rest',
      ],
    ]);
  });

  it('leaves root’s word behind the user’s', () => {
    const read = readTree({
      [main]: site.replace('php_value', `${lifetime(50)}php_value`),
      'srv/shop/alice/.htaccess': lifetime(1),
      'srv/shop/alice/.user.ini': 'session.gc_divisor = 1',
    });
    give(read, ['srv/shop/alice'], alice);
    const usages = usagesIn(read);
    const { overrides } = scan(read);
    const [apache] = usagesWith(overrides, usages);
    expect(apache?.settings.get('session.gc_maxlifetime')).toMatchObject({
      value: '1',
      setBy: alice,
      displaced: { value: '50', setBy: 0 },
    });
    const [fpm] = usagesWith(overrides, [pool(read)]);
    expect(fpm?.settings.get('session.gc_divisor')).toMatchObject({
      value: '1',
      setBy: alice,
      displaced: { value: '5', setBy: 0 },
    });
  });
});

describe('many .user.ini files', () => {
  it('that say the same count once where there would be too many combinations', () => {
    const files: Record<string, string> = { [main]: site };
    for (let index = 0; index < 150; index++)
      files[`srv/shop/${index}/.user.ini`] = 'session.gc_maxlifetime = 1';
    const read = readTree(files);
    const pools = Array.from({ length: 100 }, (_, index) =>
      pool(read, { label: `pool ${index}`, runsAs: { uid: 2000 + index, name: null } }),
    );
    const warnings: Warning[] = [];
    expect(overrideUsages(scan(read).overrides, pools, warnings)).toHaveLength(100);
    expect(overrideUsages(scan(read).overrides, pools.slice(0, 2), warnings)).toHaveLength(300);
    expect(warnings).toEqual([]);
  });
});

describe('the .user.ini files below the document roots of nginx', () => {
  it('are found without any Apache, by all names that PHPs have for them', () => {
    const read = readTree({
      'srv/shop/.user.ini': 'session.gc_maxlifetime = 1',
      'srv/shop/a/.php81.ini': 'session.gc_maxlifetime = 2',
      'srv/shop/.htaccess': lifetime(3),
    });
    const { overrides, warnings } = scanDocumentRoots(
      read.tree,
      [{ path: '/srv/shop', source: { kind: 'default', of: 'this test' } }],
      { parseIni, userIniNames: ['.user.ini', '.php81.ini'], apache: null },
    );
    expect(texts(warnings)).toEqual([]);
    expect(usagesWith(overrides, [pool(read)]).map(summary)).toEqual([
      'php-fpm pool www .user.ini in /srv/shop: gc_divisor=5 gc_maxlifetime=1',
      'php-fpm pool www .user.ini in /srv/shop/a: gc_divisor=5 gc_maxlifetime=2',
    ]);
  });
});
