/**
 * Which directory a save_path means, and what keeps it from being swept.
 */
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../lib/php/file-tree.js';
import { locate } from '../../../lib/stores/located-usage.js';
import { type Files, isRoot, treeOf, writeTree } from '../php/trees.js';
import { type UsageFacts, usageOf } from './usages.js';

const alice = 1001;

function found(
  settings: UsageFacts['settings'],
  files: Files = { '/srv/a': null, '/tmp': null },
  chroot: string | null = null,
) {
  const { handler, depth, prefix, path, place, obstacle } = locate(
    usageOf({ tree: treeOf(files), settings, chroot }),
  );
  return { handler, depth, prefix, path, place: place?.path ?? null, obstacle };
}

describe('a save path', () => {
  for (const [savePath, expected] of [
    ['/srv/a', { depth: 0, prefix: '', place: '/srv/a', obstacle: null }],
    ['2;/srv/a', { depth: 2, prefix: '2;', place: '/srv/a', obstacle: null }],
    ['2;0600;/srv/a', { depth: 2, prefix: '2;0600;', place: '/srv/a', obstacle: null }],
    ['/srv/../srv//a/', { place: '/srv/a', obstacle: null }],
    ['/../../srv/a', { place: '/srv/a', obstacle: null }],
    ['srv/a', { path: null, obstacle: expect.stringMatching(/^a relative path/) }],
    ['2;srv/a', { path: null, obstacle: expect.stringMatching(/^a relative path/) }],
    ['../a', { path: null, obstacle: expect.stringMatching(/^a relative path/) }],
    ['.', { path: null, obstacle: expect.stringMatching(/^a relative path/) }],
    ['2', { path: null, obstacle: "save path '2' names no directory, only a number" }],
    [';;', { path: null, obstacle: expect.stringMatching(/^save path ';;'/) }],
    ['2;', { path: null, obstacle: "save path '2;' names no directory" }],
    ['/srv/a;b', { path: null, obstacle: expect.stringMatching(/the depth '\/srv\/a'/) }],
    ['999;/srv/a', { path: null, obstacle: expect.stringMatching(/the depth '999'/) }],
    ['/srv/a\0b', { path: null, obstacle: expect.stringMatching(/NUL byte/) }],
    ['/srv/none', { path: '/srv/none', place: null, obstacle: 'the directory does not exist' }],
    ['/srv/file', { place: '/srv/file', obstacle: 'it is not a directory' }],
    ['/srv/file/x', { place: null, obstacle: 'the directory does not exist' }],
    ['/srv/loop', { place: null, obstacle: 'the directory cannot be looked at: ELOOP' }],
    ['/', { obstacle: 'the root directory is never a session store' }],
    ['/srv/root', { obstacle: 'the root directory is never a session store' }],
    ['/srv/..', { obstacle: 'the root directory is never a session store' }],
  ] as const) {
    it(`of ${JSON.stringify(savePath)} is understood as PHP does`, () => {
      const files = {
        '/srv/a': null,
        '/srv/file': '',
        '/srv/root': '-> /',
        '/srv/loop': '-> loop',
      };
      expect(found({ path: savePath }, files)).toMatchObject(expected);
    });
  }

  it('of 300 KB of text is told, in a moment', () => {
    const began = performance.now();
    for (const piece of ['x', '/', '../', 'x/../', ';', '9;', './'])
      expect(found({ path: `/${piece.repeat(300_000 / piece.length)}` }).obstacle).not.toBeNull();
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

describe('an empty save path', () => {
  const files = { '/tmp': null, '/var/tmp': null, '/srv/t': null };
  for (const [name, settings, place] of [
    ['/tmp', {}, '/tmp'],
    ['TMPDIR', { TMPDIR: '/var/tmp' }, '/var/tmp'],
    ['TMPDIR without its slash', { TMPDIR: '/var/tmp/' }, '/var/tmp'],
    ['sys_temp_dir, before TMPDIR', { TMPDIR: '/var/tmp', sys_temp_dir: '/srv/t' }, '/srv/t'],
    ['/tmp where sys_temp_dir is empty', { sys_temp_dir: '' }, '/tmp'],
    ['/tmp where sys_temp_dir is /', { sys_temp_dir: '/' }, '/tmp'],
  ] as const) {
    it(`is ${name}`, () => {
      expect(found({ ...settings, path: '' }, files)).toMatchObject({ place, obstacle: null });
      expect(found(settings, files)).toMatchObject({ place, obstacle: null });
    });
  }

  it('can be a temporary directory with levels', () => {
    expect(found({ TMPDIR: '1;/tmp' }, files)).toMatchObject({ depth: 1, place: '/tmp' });
  });
});

describe('in a chroot', () => {
  const files = {
    '/jail/srv/a': null,
    '/jail/srv/link': '-> /srv/a',
    '/jail/srv/above': '-> ../../../srv/a',
    '/srv/a': null,
  };
  for (const savePath of ['/srv/a', '/srv/link', '/srv/above', '/../srv/a', '/srv/../../srv/a']) {
    for (const chroot of ['/jail', '/jail/']) {
      it(`at ${chroot}, ${savePath} means a directory inside`, () => {
        expect(found({ path: savePath }, files, chroot)).toMatchObject({
          path: '/jail/srv/a',
          place: '/jail/srv/a',
          obstacle: null,
        });
      });
    }
  }

  it('its root is no store', () => {
    expect(found({ path: '/' }, files, '/jail').obstacle).toMatch(/root directory/);
    expect(found({ path: '/srv/../..' }, files, '/jail').obstacle).toMatch(/root directory/);
  });

  it('that is not there, nothing is', () => {
    expect(found({ path: '/srv/a' }, files, '/none')).toMatchObject({
      path: '/none/srv/a',
      obstacle: 'the directory does not exist',
    });
  });

  it('that is the whole tree, a path means what it says', () => {
    expect(found({ path: '/srv/a' }, files, '/')).toMatchObject({ place: '/srv/a' });
  });
});

describe('another handler', () => {
  for (const [handler, reason] of [
    ['redis', 'Redis expires them itself'],
    ['rediscluster', 'Redis expires them itself'],
    ['memcached', 'memcached expires them itself'],
    ['user', 'the application keeps them, and must collect them itself'],
    ['mm', 'they are in shared memory, and PHP collects them itself'],
    ['sqlite', 'they are in a database, and PHP collects them itself'],
    ['Redis', 'Redis expires them itself'],
    ['myown', 'the handler myown keeps them'],
    ['constructor', 'the handler constructor keeps them'],
    ['__proto__', 'the handler __proto__ keeps them'],
    ['a\nb', 'the handler a\\nb keeps them'],
  ]) {
    it(`${JSON.stringify(handler)} keeps no files`, () => {
      const { place, obstacle } = found({
        'session.save_handler': handler ?? '',
        path: '/srv/a',
      });
      expect(place).toBeNull();
      expect(obstacle).toBe(`not kept in files: ${reason}`);
    });
  }

  it('is not Files, however it is spelled', () => {
    expect(found({ 'session.save_handler': 'Files', path: '/srv/a' })).toMatchObject({
      handler: 'files',
      place: '/srv/a',
      obstacle: null,
    });
  });
});

describe('a save path that leads to a file', () => {
  const three = 'SQLite format 3\0 and the rest of the header';
  const two = '** This file contains an SQLite 2.1 database **';
  for (const [handler, text, obstacle] of [
    ['files', three, /^they are in an SQLite file.*database = "sqlite:.*\/srv\/s\.db" and profile/],
    ['sqlite', three, /^not kept in files: they are in an SQLite file.*sqlite:.*\/srv\/s\.db/],
    ['sqlite', two, /^not kept in files: they are in an SQLite 2 file/],
    ['files', two, /^they are in an SQLite 2 file/],
    ['files', 'SQLite', /^it is not a directory$/],
  ] as const) {
    it(`of ${handler}, ${JSON.stringify(text.slice(0, 15))}, says what it is`, () => {
      const settings = { 'session.save_handler': handler, path: '/srv/s.db' };
      expect(found(settings, { '/srv/s.db': text }).obstacle).toMatch(obstacle);
    });
  }
});

describe.runIf(isRoot)('whoever is not root', () => {
  function obstacleOf(savePath: string, setBy: number | null): string | null {
    const root = writeTree({ '/others': null, '/link': '-> own', '/to-others': '-> others' });
    mkdirSync(path.join(root, 'own'));
    chownSync(path.join(root, 'own'), alice, alice);
    const tree = new FileTree(root);
    return locate(usageOf({ tree, settings: { path: { value: savePath, setBy } } })).obstacle;
  }

  it('can name a directory that is his own', () => {
    expect(obstacleOf('/own', alice)).toBeNull();
    expect(obstacleOf('/link', alice)).toBeNull();
    expect(obstacleOf('/others/../own', alice)).toBeNull();
  });

  it("cannot name another's", () => {
    for (const savePath of ['/others', '/own/../others', '/to-others'])
      expect(obstacleOf(savePath, alice)).toBe(
        `uid ${alice} chose this directory, which belongs to uid 0`,
      );
    expect(obstacleOf('/own', 1002)).toMatch(/^uid 1002 chose this directory/);
  });

  it('cannot name any where it is not known who it was', () => {
    expect(obstacleOf('/own', null)).toBe(
      `users other than root can choose this directory, which belongs to uid ${alice}`,
    );
  });

  it('cannot name any by what stands in for an empty save path', () => {
    const tree = treeOf({ '/srv/t': null });
    const settings = { path: '', sys_temp_dir: { value: '/srv/t', setBy: alice } };
    expect(locate(usageOf({ tree, settings })).obstacle).toMatch(/chose this directory/);
  });

  it('cannot name any by having put the tree together', () => {
    const tree = treeOf({ '/srv/a': null }, { setBy: alice });
    expect(locate(usageOf({ tree, settings: { path: '/srv/a' } })).obstacle).toMatch(/uid 1001/);
  });
});

describe('a lifetime', () => {
  for (const [value, seconds] of [
    ['1440', 1440n],
    ['1K', 1024n],
    ['0x5A0', 1440n],
    ['-1', -1n],
    ['', 0n],
    ['soon', 0n],
  ] as const) {
    it(`of ${JSON.stringify(value)} is read as PHP reads it`, () => {
      const usage = usageOf({ tree: treeOf({}), settings: { lifetime: value } });
      expect(locate(usage).lifetimeSeconds).toBe(seconds);
    });
  }
});
