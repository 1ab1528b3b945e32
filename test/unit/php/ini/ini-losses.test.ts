// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of PHP's, not templates
/**
 * Whose word is lost where ini files cannot be read, or hold what is not known here, and what root
 * said where others wrote over it.
 */
import { chmodSync, chownSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { type IniFilesOptions, readIniFiles } from '../../../../lib/php/ini/ini-files.js';
import { isRoot, treeOf } from '../trees.js';

function read(tree: FileTree, options: Partial<IniFilesOptions> = {}) {
  return readIniFiles(tree, {
    sapiName: 'fpm-fcgi',
    searchDirs: ['/etc/php'],
    scanPath: '/etc/php/conf.d',
    ...options,
  });
}

function hidden(tree: FileTree, options: Partial<IniFilesOptions> = {}) {
  return read(tree, options).warnings.map(({ hides }) => hides);
}

describe('what cannot be read', () => {
  it.skipIf(!isRoot)('is the lost word of whoever could have written it', () => {
    const tree = treeOf({ 'etc/php/php.ini': '', 'etc/php/conf.d/a.ini': '' });
    for (const name of ['php.ini', 'conf.d/a.ini'])
      truncateSync(path.join(tree.hostRoot, 'etc/php', name), 2 ** 24 + 1);
    chownSync(path.join(tree.hostRoot, 'etc/php/conf.d/a.ini'), 1001, 1001);
    expect(hidden(tree)).toEqual([0, 1001]);
    expect(hidden(tree, { setBy: 1001 })).toEqual([1001, 1001]);
  });

  it('may be a directory of too many entries', () => {
    const tree = treeOf({ 'etc/php/conf.d/a.ini': '' });
    for (let count = 0; count < 10_000; count += 1)
      writeFileSync(path.join(tree.hostRoot, 'etc/php/conf.d', `${count}`), '');
    expect(hidden(tree)).toEqual([0]);
  });

  it('of a user is all that is more than his allowance, which root does not share', () => {
    const line = `session.gc_maxlifetime = 9\n;${'x'.repeat(100_000)}\n`;
    const files = Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [`etc/php/conf.d/${index}.ini`, line]),
    );
    expect(hidden(treeOf(files))).toEqual([]);
    expect(hidden(treeOf(files), { setBy: 1001 })).toEqual([1001, 1001]);
    const many = treeOf({ 'etc/php/conf.d/a.ini': '' });
    for (let count = 0; count < 512; count += 1)
      writeFileSync(path.join(many.hostRoot, 'etc/php/conf.d', `${count}.ini`), '');
    expect(hidden(many)).toEqual([]);
    expect(hidden(many, { setBy: 1001 })).toEqual([1001]);
    const again = Array.from({ length: 1000 }, () => '/etc/php/conf.d').join(':');
    expect(hidden(many, { setBy: 1001, scanPath: again })).toEqual([1001]);
  });

  it.skipIf(!isRoot)('is nobody’s where the kernel opens it for nobody', () => {
    const tree = treeOf({ 'home/alice/x': '' });
    symlinkSync('loop', path.join(tree.hostRoot, 'home/alice/loop'));
    chownSync(path.join(tree.hostRoot, 'home/alice'), 1001, 1001);
    expect(hidden(tree, { scanPath: '/home/alice/loop' })).toEqual([undefined]);
  });

  it('may be relative to a directory that is not known', () => {
    const environment = new Map([['PHP_INI_SCAN_DIR', 'conf.d']]);
    expect(hidden(treeOf({}), { environment, setBy: 1001 })).toEqual([1001]);
  });

  it('is what follows a mistake: PHP may have read it before', () => {
    expect(hidden(treeOf({ 'etc/php/php.ini': 'a = 1\n(' }))).toEqual([0]);
  });

  it('is what a link to nothing led to', () => {
    const tree = treeOf({ 'etc/php/conf.d/1.ini': '-> /gone.ini' });
    const { warnings } = read(tree, { scanPath: '/etc/php/conf.d' });
    expect(warnings.map(({ hides }) => hides)).toEqual([0]);
  });

  it('is nothing where PHP reads nothing either', () => {
    expect(read(new FileTree('/'), { override: '/dev/null', scanPath: '' }).warnings).toEqual([]);
  });

  it('is what follows more than this parser takes', () => {
    const text = `b=x\n${'b=${b}${b}\n'.repeat(40)}session.gc_maxlifetime=9\n`;
    expect(hidden(treeOf({ 'etc/php/php.ini': text }))).toEqual([0]);
  });

  it('is what one more section than are kept apart says, told once', () => {
    const sections = Array.from({ length: 10_010 }, (_, at) => `[PATH=/${at}]\n`).join('');
    const { overrides, warnings } = read(
      treeOf({ 'etc/php/php.ini': `${sections}session.gc_maxlifetime=9\n` }),
    );
    expect(overrides).toHaveLength(10_000);
    expect(warnings.map(({ hides }) => hides)).toEqual([0]);
  });
});

describe('a variable that is not known', () => {
  const unset = '${SESCLE_TEST}';

  it.each([
    [`session.gc_maxlifetime = ${unset}`],
    [`session.save_path = "/srv/${unset}"`],
    [`base = ${unset}\nmore = /x/\${base}\nsession.save_path = \${more}`],
    [`[PATH=/srv]\nsession.save_handler = ${unset}`],
    [`[PATH=/${unset}]\nsession.gc_maxlifetime = 99`],
    ['sys_temp_dir = PHP_LOCALSTATEDIR "/tmp"'],
  ])('loses the word of whoever wrote %j', (text) => {
    expect(hidden(treeOf({ 'etc/php/php.ini': `${text}\n` }))).toEqual([0]);
  });

  it.each([
    [`session.name = ${unset}`],
    [`session.gc_maxlifetime = ${unset}\nsession.gc_maxlifetime = 5`],
    ['base = 7\nsession.gc_maxlifetime = ${base}'],
    ['session.save_path = "PHP_OS/PHP_VERSION"'],
    [`base = ${unset}\nbase = 7\nsession.gc_maxlifetime = \${base}`],
  ])('loses nothing in %j', (text) => {
    expect(read(treeOf({ 'etc/php/php.ini': `${text}\n` })).warnings).toEqual([]);
  });

  it('is known to be empty where the environment is known', () => {
    const tree = treeOf({ 'etc/php/php.ini': `session.gc_maxlifetime = ${unset}\n` });
    expect(read(tree, { environment: new Map(), isEnvironmentKnown: true }).warnings).toEqual([]);
  });
});

describe.skipIf(!isRoot)('root’s word', () => {
  it('is kept behind what another writes over it, in sections too', () => {
    const lines = (lifetime: number) =>
      `session.gc_maxlifetime = ${lifetime}\n[HOST=a]\nsession.gc_maxlifetime = ${lifetime + 1}\n`;
    const tree = treeOf({
      'etc/php/php.ini': lines(90),
      'etc/php/conf.d/a.ini': lines(1),
      'etc/php/conf.d/b.ini': lines(3),
    });
    chownSync(path.join(tree.hostRoot, 'etc/php/conf.d/a.ini'), 1001, 1001);
    chmodSync(path.join(tree.hostRoot, 'etc/php/conf.d/b.ini'), 0o666);
    const { settings, overrides } = read(tree);
    expect(settings.get('session.gc_maxlifetime')).toMatchObject({
      value: '3',
      setBy: null,
      displaced: { value: '90', setBy: 0 },
    });
    expect(overrides[0]?.settings.get('session.gc_maxlifetime')).toMatchObject({
      value: '4',
      displaced: { value: '91', setBy: 0 },
    });
  });

  it('counts where another makes an array of it', () => {
    const tree = treeOf({
      'etc/php/php.ini': 'session.gc_maxlifetime = 90\n',
      'etc/php/conf.d/a.ini': 'session.gc_maxlifetime[] = 1\n',
    });
    chownSync(path.join(tree.hostRoot, 'etc/php/conf.d/a.ini'), 1001, 1001);
    expect(read(tree).settings.get('session.gc_maxlifetime')).toMatchObject({ value: '90' });
  });
});
