// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is PHP's syntax too.
/**
 * Whose word counts in pools that several people write, and whose is lost where something is not read.
 */
import { chownSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { expandPoolName } from '../../../../lib/php/fpm/expand.js';
import { fpmUsages } from '../../../../lib/php/fpm/usages.js';
import { isRoot } from '../trees.js';
import { complete, mainFile, readPool, readPoolsBelow, writeFpmTree } from './configuration.js';

const alice = 1001;

/** Reads pools; what lies in /home/alice is hers. */
function readWithAlice(files: Readonly<Record<string, string>>) {
  const root = writeFpmTree(files);
  for (const name of Object.keys(files))
    if (name.startsWith('/home/alice')) chownSync(path.join(root, name), alice, alice);
  return readPoolsBelow(root);
}

const fromAlice = 'include = /home/alice/fpm.conf\n';

describe.skipIf(!isRoot)('a line of someone else’s', () => {
  it('that comes first has root’s value behind it', () => {
    const { pools } = readWithAlice({
      [mainFile]: `[www]\n${complete}${fromAlice}php_value[session.gc_maxlifetime] = 9000\n`,
      '/home/alice/fpm.conf': 'php_value[session.gc_maxlifetime] = 1\n',
    });
    expect(pools).toHaveLength(1);
    expect(pools[0]?.settings.get('session.gc_maxlifetime')).toMatchObject({
      value: '1',
      setBy: alice,
      displaced: { value: '9000', setBy: 0 },
    });
    const base = new Map([
      [
        'session.gc_maxlifetime',
        { value: '5', source: { kind: 'command line' }, setBy: 0 },
      ] as const,
    ]);
    const [usage] = fpmUsages(pools, base, { label: 'fpm', tree: new FileTree('/') });
    expect(usage?.settings.get('session.gc_maxlifetime')?.displaced?.value).toBe('9000');
  });

  it('has php.ini’s value behind it where root says nothing in the pool', () => {
    const { pools } = readWithAlice({
      [mainFile]: `[www]\n${complete}${fromAlice}`,
      '/home/alice/fpm.conf': 'php_value[session.gc_maxlifetime] = 1\n',
    });
    const setting = { value: '5', source: { kind: 'command line' }, setBy: 0 } as const;
    const base = new Map([['session.gc_maxlifetime', setting] as const]);
    const [usage] = fpmUsages(pools, base, { label: 'fpm', tree: new FileTree('/') });
    expect(usage?.settings.get('session.gc_maxlifetime')?.displaced?.value).toBe('5');
  });

  it.each(['user = alice', 'chroot = /home', 'clear_env = no', 'chdir = /home'])(
    'such as %s leaves the pool as root’s lines say beside it',
    (line) => {
      const { pools } = readWithAlice({
        [mainFile]: `[www]\n${complete}php_value[session.gc_maxlifetime] = 9000\n${fromAlice}`,
        '/home/alice/fpm.conf': `${line}\n`,
      });
      expect(pools.map(({ isRootsAlone }) => isRootsAlone)).toEqual([undefined, true]);
      expect(pools[1]).toMatchObject({
        user: { uid: 33 },
        chroot: null,
        chdir: null,
        clearEnv: true,
      });
      const usages = fpmUsages(pools, new Map(), { label: 'fpm', tree: new FileTree('/') });
      expect(new Set(usages.map(({ label }) => label)).size).toBe(2);
    },
  );

  it('that begins another section does not take root’s lines away with it', () => {
    const { pools } = readWithAlice({
      [mainFile]: `[www]\n${complete}${fromAlice}php_value[session.gc_maxlifetime] = 9000\n`,
      '/home/alice/fpm.conf': '[hers]\nuser = alice\n',
    });
    expect(pools.map(({ name, isRootsAlone }) => [name, isRootsAlone])).toEqual([
      ['www', undefined],
      ['www', true],
      ['hers', undefined],
    ]);
    expect(pools[1]?.settings.get('session.gc_maxlifetime')?.value).toBe('9000');
  });

  it('that empties root’s chroot makes the paths no longer root’s', () => {
    const { pools } = readWithAlice({
      [mainFile]: `[www]\n${complete}chroot = /home\n${fromAlice}`,
      '/home/alice/fpm.conf': 'chroot =\n',
    });
    expect(pools.map(({ chroot, chrootSetBy }) => [chroot, chrootSetBy])).toEqual([
      [null, alice],
      ['/home', 0],
    ]);
  });
});

describe.skipIf(!isRoot)('whom a pool of someone else’s runs as', () => {
  it.each([
    ['alice', { uid: alice, name: 'alice' }],
    ['www-data', null],
    ['root', null],
  ])('%s, is believed of themselves alone', (user, expected) => {
    const { pools } = readWithAlice({
      [mainFile]: fromAlice,
      '/home/alice/fpm.conf': `[hers]\n${complete}user = ${user}\n`,
    });
    expect(pools).toHaveLength(1);
    expect(pools[0]?.user).toEqual(expected);
    const reasons = pools[0]?.warnings.filter(({ message }) => /uid 1001/.test(message));
    expect(reasons).toHaveLength(expected === null ? 1 : 0);
  });
});

describe('what is not read', () => {
  it.skipIf(!isRoot)('of one user’s files is theirs, and root’s are read all the same', () => {
    const { pools, warnings } = readWithAlice({
      [mainFile]: `include = /home/alice/*.conf\ninclude = /etc/pool.d/*.conf\n`,
      '/home/alice/a.conf': ';\n'.repeat(100_001),
      '/home/alice/b.conf': ';\n'.repeat(99_000),
      '/home/alice/c.conf': ';\n'.repeat(99_000),
      '/etc/pool.d/www.conf': `[www]\n${complete}`,
    });
    expect(pools.map(({ name }) => name)).toEqual(['www']);
    expect(warnings.map(({ message, hides }) => [message, hides])).toEqual([
      ['/home/alice/a.conf is too long: the rest is not read', alice],
      ['/home/alice/c.conf is too long: the rest is not read', alice],
    ]);
  });

  it('is nothing of 10,000 files', { timeout: 60_000 }, () => {
    const root = writeFpmTree({ [mainFile]: 'include = /etc/d/*\n' });
    mkdirSync(path.join(root, 'etc/d'));
    for (let count = 0; count < 10_000; count += 1)
      writeFileSync(path.join(root, `etc/d/${count}`), `[p${count}]\n`);
    const { pools, warnings } = readPoolsBelow(root);
    expect(pools).toHaveLength(10_000);
    expect(warnings).toEqual([]);
    writeFileSync(path.join(root, 'etc/d/one-more'), '');
    expect(readPoolsBelow(root).warnings).toMatchObject([{ hides: 0 }]);
  });

  it.skipIf(!isRoot)('may be a file too large: then its writer’s word is lost', () => {
    const root = writeFpmTree({
      [mainFile]: 'include = /etc/d/*\n',
      '/etc/d/a': '',
      '/etc/d/b': '',
    });
    for (const name of ['a', 'b']) truncateSync(path.join(root, 'etc/d', name), 2 ** 24 + 1);
    chownSync(path.join(root, 'etc/d/a'), alice, alice);
    const { warnings } = readPoolsBelow(root);
    expect(warnings.map(({ hides }) => hides)).toEqual([alice, 0]);
    const chosen = readPoolsBelow(root, { setBy: alice });
    expect(chosen.warnings.map(({ hides }) => hides)).toEqual([alice, alice]);
  });

  it('is no loss where php-fpm does not read it either', () => {
    const files: Record<string, string> = { [mainFile]: 'include=/etc/1.conf\ninclude=/no\n' };
    for (let depth = 1; depth < 8; depth += 1)
      files[`/etc/${depth}.conf`] = `include = /etc/${depth + 1}.conf\n`;
    const root = writeFpmTree(files);
    mkdirSync(path.join(root, 'etc/d/x.conf'), { recursive: true });
    writeFileSync(path.join(root, 'etc/7.conf'), 'include=/etc/7.conf\n');
    const { warnings } = readPoolsBelow(root);
    expect(warnings).toHaveLength(2);
    // A file that is named stops php-fpm; one that runs has read it.
    expect(warnings.map(({ hides }) => hides).sort()).toEqual([0, undefined]);
  });

  it('is told of a directory that is named like a pool’s file', () => {
    const root = writeFpmTree({ [mainFile]: 'include = /etc/d/*.conf\n' });
    mkdirSync(path.join(root, 'etc/d/x.conf'), { recursive: true });
    const [warning] = readPoolsBelow(root).warnings;
    expect(warning?.message).toContain('/etc/d/x.conf is a directory');
    expect(warning?.hides).toBeUndefined();
  });

  it('may be what an unknown variable includes, or which pool it begins', () => {
    const root = writeFpmTree({ [mainFile]: 'include = ${WHERE}/*.conf\n[${POOL}]\n' });
    const hides = readPoolsBelow(root).warnings.flatMap((warning) => warning.hides ?? []);
    expect(hides).toEqual([0, 0]);
  });
});

describe('a variable that is not known in a pool', () => {
  it.each([
    ['php_value[session.gc_maxlifetime] = ${X}', [0]],
    ['env[TMPDIR] = $X', [0]],
    ['chroot = ${X}', [0]],
    ['php_value[session.name] = ${X}', []],
    ['pm.max_children = ${X}', []],
  ])('in %s loses %j', (line, expected) => {
    const hides = (environment: ReadonlyMap<string, string>) =>
      readPool(`${line}\n`, { environment }).warnings.flatMap((warning) => warning.hides ?? []);
    expect(hides(new Map())).toEqual(expected);
    expect(hides(new Map([['PATH', '/bin']]))).toEqual([]);
  });

  it('is told however much else is wrong', () => {
    const pool = readPool(`${'nonsense = 1\n'.repeat(50)}php_value[session.save_path] = \${X}\n`);
    expect(pool.warnings.at(-1)?.hides).toBe(0);
  });
});

describe('$pool', () => {
  it('is replaced again in what has been put together', () => {
    expect(expandPoolName('$p$poolol', 'o')).toBe('o');
    expect(expandPoolName('$pool/$pool', 'a$b')).toBe('a$b/a$b');
    expect(expandPoolName('$pool', 'x$pool')).toBeUndefined();
    expect(expandPoolName('$pool'.repeat(5000), 'w')).toBe('w'.repeat(5000));
  });
});
