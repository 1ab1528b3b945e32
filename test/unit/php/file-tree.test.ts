/**
 * Reading below a root: nothing leads out of it, nothing blocks, and it is known whose word each
 * file is.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree, maxEntries, maxFileBytes, Unreadable } from '../../../lib/php/file-tree.js';
import { tempDir } from '../../support/temp-dir.js';
import { isRoot, treeOf, writeTree } from './trees.js';

function reasonOf(found: unknown): string {
  return found instanceof Unreadable ? found.reason : `found ${JSON.stringify(found)}`;
}

function pathOf(tree: FileTree, name: string): string {
  const place = tree.find(name);
  return place instanceof Unreadable ? place.reason : place.path;
}

describe('a path', () => {
  const tree = () =>
    treeOf({
      '/etc/php.ini': 'inside',
      '/srv/absolute': '-> /etc',
      '/srv/relative': '-> ../etc',
      '/srv/above': '-> ../../../../../../etc/php.ini',
      '/srv/root': '-> /',
      '/srv/chain': '-> absolute/../srv/relative/php.ini',
      '/srv/loop': '-> loop',
      '/srv/dangling': '-> /nowhere',
      '/srv/file': '-> /etc/php.ini/',
    });

  for (const [name, expected] of [
    ['/etc/php.ini', '/etc/php.ini'],
    ['//etc/./php.ini', '/etc/php.ini'],
    ['/srv/absolute/php.ini', '/etc/php.ini'],
    ['/srv/relative/php.ini', '/etc/php.ini'],
    ['/srv/above', '/etc/php.ini'],
    ['/srv/chain', '/etc/php.ini'],
    ['/../../../etc/php.ini', '/etc/php.ini'],
    ['/srv/absolute/../srv', '/srv'],
    ['/srv/root', '/'],
    ['/srv/root/etc', '/etc'],
    ['/', '/'],
    ['/..', '/'],
    ['', '/'],
    ['/srv/loop', 'ELOOP'],
    ['/srv/dangling', 'ENOENT'],
    ['/nowhere', 'ENOENT'],
    ['/etc/php.ini/x', 'ENOTDIR'],
    ['/etc/php.ini/..', 'ENOTDIR'],
    ['/etc/php.ini/', 'ENOTDIR'],
    ['/srv/file', 'ENOTDIR'],
    [`/${'x'.repeat(256)}`, 'ENAMETOOLONG'],
    [`/${'../'.repeat(100_000)}`, 'ENAMETOOLONG'],
  ] as const) {
    it(`as ${JSON.stringify(name.slice(0, 40))} leads to ${expected}`, () => {
      expect(pathOf(tree(), name)).toBe(expected);
    });
  }

  it('to / by a link has the status of the root, not of where the link lies', () => {
    const root = writeTree({ '/srv/root': '-> /' });
    const place = new FileTree(root).find('/srv/root');
    expect(place).toMatchObject({ path: '/', stat: { ino: statSync(root, { bigint: true }).ino } });
  });

  it('with bytes that are no UTF-8 is found', () => {
    const root = tempDir();
    mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff, 0xe4)]));
    const tree = new FileTree(root);
    expect(pathOf(tree, '/\xff\xe4')).toBe('/\xff\xe4');
    expect(tree.list('/')).toEqual(['\xff\xe4']);
  });

  it('may have 40 links on its way, and no more', () => {
    const root = tempDir();
    writeFileSync(`${root}/l0`, '');
    for (let count = 1; count <= 41; count += 1) symlinkSync(`l${count - 1}`, `${root}/l${count}`);
    expect(pathOf(new FileTree(root), '/l40')).toBe('/l0');
    expect(pathOf(new FileTree(root), '/l41')).toBe('ELOOP');
  });

  it('below a directory that is another root stays in that one', () => {
    const tree = treeOf({ '/jail/a/link': '-> /b', '/jail/b': null, '/b': null, '/c': null });
    const jail = tree.find('/jail');
    if (jail instanceof Unreadable) throw new Error(jail.reason);
    expect(pathOf(tree.below(jail), '/a/link')).toBe('/b');
    expect(tree.below(jail).find('/a/link')).toMatchObject({ hostPath: `${jail.hostPath}/b` });
    expect(pathOf(tree.below(jail), '/../c')).toBe('ENOENT');
  });
});

describe('what is there to read', () => {
  it('says so where it is not a regular file, and never waits for it', () => {
    const root = writeTree({ '/dir': null, '/null': '-> /fifo' });
    execFileSync('mkfifo', [`${root}/fifo`]);
    const tree = new FileTree(root);
    for (const name of ['/dir', '/fifo', '/null'])
      expect(reasonOf(tree.read(name))).toBe('not a regular file');
    expect(reasonOf(tree.list('/fifo'))).toBe('ENOTDIR');
  });

  it('is read up to 16 MiB', () => {
    const root = writeTree({ '/largest': '', '/huge': '' });
    truncateSync(`${root}/largest`, maxFileBytes);
    truncateSync(`${root}/huge`, maxFileBytes + 1);
    const tree = new FileTree(root);
    expect(tree.read('/largest')).toMatchObject({ path: '/largest' });
    expect(reasonOf(tree.read('/huge'))).toBe('larger than 16 MiB');
  });

  it('is read up to as much as is asked for', () => {
    const tree = treeOf({ '/few': 'x'.repeat(1024), '/more': 'x'.repeat(1025) });
    expect(tree.read('/few', 1024)).toMatchObject({ path: '/few' });
    expect(reasonOf(tree.read('/more', 1024))).toBe('larger than 1 KiB');
  });

  it('is listed, sorted by byte, up to 10,000 entries', () => {
    const root = writeTree({
      '/few/b': '',
      '/few/B': '',
      '/few/a.b': '',
      '/few/\xe4': '',
      '/many': null,
    });
    for (let count = 0; count < maxEntries; count += 1) writeFileSync(`${root}/many/${count}`, '');
    const tree = new FileTree(root);
    expect(tree.list('/few')).toEqual(['B', 'a.b', 'b', '\xc3\xa4']);
    expect(tree.list('/many')).toHaveLength(maxEntries);
    writeFileSync(`${root}/many/one-more`, '');
    expect(reasonOf(tree.list('/many'))).toBe('more than 10000 entries');
  });

  it('has vanished where the root has', () => {
    const root = writeTree({ '/x': '' });
    const tree = new FileTree(root);
    rmSync(root, { recursive: true });
    for (const found of [tree.find('/x'), tree.read('/x'), tree.list('/'), tree.find('/')])
      expect(found).toMatchObject({ reason: 'ENOENT', isMissing: true });
  });

  it.skipIf(isRoot)('says so where it may not be read', () => {
    const root = writeTree({ '/x': '' });
    chmodSync(`${root}/x`, 0);
    expect(reasonOf(new FileTree(root).read('/x'))).toBe('EACCES');
  });
});

describe.runIf(isRoot)('who could have written a file', () => {
  const alice = 1001;
  const bob = 1002;

  interface Entry {
    readonly uid?: number;
    readonly gid?: number;
    readonly mode?: number;
  }

  function setBy({ dir = {}, file = {} }: { dir?: Entry; file?: Entry }, options = {}) {
    const root = writeTree({ '/dir/file': '' });
    for (const [name, entry, mode] of [
      ['dir', dir, 0o755],
      ['dir/file', file, 0o644],
    ] as const) {
      chownSync(path.join(root, name), entry.uid ?? 0, entry.gid ?? 0);
      chmodSync(path.join(root, name), entry.mode ?? mode);
    }
    const place = new FileTree(root, options).find('/dir/file');
    return place instanceof Unreadable ? place.reason : place.setBy;
  }

  for (const [name, entries, expected] of [
    ['root where all is his', {}, 0],
    ['its owner', { file: { uid: alice } }, alice],
    ["its directory's owner", { dir: { uid: alice } }, alice],
    ['its owner in his own directory', { dir: { uid: alice }, file: { uid: alice } }, alice],
    ['several where another owns the directory', { dir: { uid: bob }, file: { uid: alice } }, null],
    ['anyone where anyone may write to it', { file: { mode: 0o666 } }, null],
    ['anyone where anyone may write to its directory', { dir: { mode: 0o777 } }, null],
    ["a group that is not root's", { file: { mode: 0o664, gid: 33 } }, null],
    ["root's group too, which an access control list looks like", { file: { mode: 0o664 } }, null],
    ["a directory's group", { dir: { mode: 0o775, gid: 33 } }, null],
    ['root in a sticky directory', { dir: { mode: 0o1777 } }, 0],
    ["root in a group's sticky directory", { dir: { mode: 0o1770, gid: 33 } }, 0],
    ['its owner in a sticky directory', { dir: { mode: 0o1777 }, file: { uid: alice } }, alice],
    ['anyone for all that a sticky bit says of a file', { file: { mode: 0o1666 } }, null],
  ] as const) {
    it(`is ${name}`, () => {
      expect(setBy(entries)).toBe(expected);
    });
  }

  it("is whoever owns a link on the way, too, but a link's own mode means nothing", () => {
    const root = writeTree({ '/file': '', '/rootly': '-> file', '/alices': '-> file' });
    lchownSync(`${root}/alices`, alice, alice);
    const tree = new FileTree(root);
    expect(tree.find('/rootly')).toMatchObject({ setBy: 0 });
    expect(tree.find('/alices')).toMatchObject({ setBy: alice });
    expect(tree.read('/alices')).toMatchObject({ path: '/file', setBy: alice });
  });

  it('is no more than the word of whoever put the tree together', () => {
    expect(setBy({}, { setBy: alice })).toBe(alice);
    expect(setBy({ file: { uid: alice } }, { setBy: alice })).toBe(alice);
    expect(setBy({ file: { uid: bob } }, { setBy: alice })).toBe(null);
    expect(setBy({}, { setBy: null })).toBe(null);
  });

  describe('with a group that', () => {
    const passwd = `root:x:0:0::/:\nalice:x:${alice}:${alice}::/:\nbob:x:${bob}:${bob}::/:\n`;

    function setterOfAlices(users: string, groups: string, mode = 0o644) {
      const root = writeTree({ '/etc/passwd': users, '/etc/group': groups, '/site/.user.ini': '' });
      chmodSync(path.join(root, 'etc/group'), mode);
      for (const [name, bits] of [
        ['site', 0o775],
        ['site/.user.ini', 0o664],
      ] as const) {
        chownSync(path.join(root, name), alice, alice);
        chmodSync(path.join(root, name), bits);
      }
      return new FileTree(root).find('/site/.user.ini');
    }

    for (const [name, users, groups, expected] of [
      ["is its owner's alone is its owner", passwd, `alice:x:${alice}:\n`, alice],
      ['names its owner is its owner', passwd, `alice:x:${alice}:alice\n`, alice],
      ['has another member is several', passwd, `alice:x:${alice}:alice,bob\n`, null],
      ['has another name for the same', passwd, `a:x:${alice}:\nb:x:${alice}:bob\n`, null],
      ["is another's first group too is several", `${passwd}eve:x:7:${alice}::/:\n`, '', null],
      ['nobody has as his own is several', `root:x:0:0::/:\n`, `alice:x:${alice}:\n`, null],
    ] as const) {
      it(name, () => {
        expect(setterOfAlices(users, groups)).toMatchObject({ setBy: expected });
      });
    }

    it('a file that others may write tells of is several', () => {
      expect(setterOfAlices(passwd, `alice:x:${alice}:\n`, 0o666)).toMatchObject({ setBy: null });
      expect(setterOfAlices(passwd, `alice:x:${alice}:\n`, 0o664)).toMatchObject({ setBy: null });
    });
  });

  describe('and who could lead the path elsewhere', () => {
    it("is whoever rules the way, not the directory's own owner and mode", () => {
      const root = writeTree({ '/var/sessions': null, '/home/alice/s': null, '/tmp/s': null });
      chownSync(`${root}/var/sessions`, alice, alice);
      chmodSync(`${root}/var/sessions`, 0o777);
      chownSync(`${root}/home/alice`, alice, alice);
      chmodSync(`${root}/tmp`, 0o1777);
      const tree = new FileTree(root);
      expect(tree.find('/var/sessions')).toMatchObject({ wayBy: 0, setBy: null });
      expect(tree.find('/home/alice/s')).toMatchObject({ wayBy: alice });
      expect(tree.find('/tmp/s')).toMatchObject({ wayBy: 0 });
      chmodSync(`${root}/tmp`, 0o777);
      expect(tree.find('/tmp/s')).toMatchObject({ wayBy: null });
    });

    it('is the owner of a link on the way, the last one too', () => {
      const root = writeTree({ '/s': null, '/link': '-> s', '/home/../x/link': '-> ../s' });
      lchownSync(`${root}/link`, alice, alice);
      expect(new FileTree(root).find('/link')).toMatchObject({ path: '/s', wayBy: alice });
      chownSync(`${root}/x`, bob, bob);
      expect(new FileTree(root).find('/x/link')).toMatchObject({ path: '/s', wayBy: bob });
      expect(new FileTree(root).find('/x/../s')).toMatchObject({ path: '/s', wayBy: bob });
    });
  });

  it('a snapshot looks once at what is root’s alone, and each time at all else', () => {
    const root = writeTree({ '/etc/x': '', '/home/alice/x': '', '/link': '-> etc' });
    chownSync(`${root}/home/alice`, alice, alice);
    const tree = new FileTree(root, { isSnapshot: true });
    const found = () => ['/etc/x', '/link/x', '/home/alice/x'].map((name) => tree.find(name).setBy);
    expect(found()).toEqual([0, 0, alice]);
    for (const name of ['etc', 'home/alice', 'home/alice/x']) chmodSync(`${root}/${name}`, 0o777);
    expect(found()).toEqual([0, 0, null]);
    chmodSync(`${root}/etc/x`, 0o666);
    expect(tree.find('/etc/x').setBy).toBeNull();
  });

  it("counts as root where it is the caller's own", () => {
    expect(setBy({ dir: { uid: alice } }, { trustedUids: [alice] })).toBe(0);
  });
});
