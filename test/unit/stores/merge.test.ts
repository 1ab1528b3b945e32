/**
 * Usages of one directory are one store, whatever they call it.
 */
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../../lib/index.js';
import { FileTree } from '../../../lib/php/file-tree.js';
import type { Usage } from '../../../lib/php/usage.js';
import type { Configuration } from '../../../lib/stores/config/configuration.js';
import { profiles } from '../../../lib/stores/profiles.js';
import type { Store } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { writeSession } from '../../support/sessions.js';
import { isRoot, treeOf, writeTree } from '../php/trees.js';
import { configurationOf, merged, only, type UsageFacts, usageOf } from './usages.js';

const alice = 1001;
const never = Number.MAX_SAFE_INTEGER;

type Settings = UsageFacts['settings'];

/** The stores of usages in one tree. */
function storesOf(tree: FileTree, all: readonly Settings[], toml = ''): Store[] {
  const configuration = configurationOf(toml);
  return withEntries(
    all.map((settings, index) => usageOf({ label: `php${index}`, tree, settings })),
    configuration,
    tree,
  );
}

/** As discovery does: the entries of the configuration are usages like the others. */
function withEntries(usages: readonly Usage[], configuration: Configuration, tree: FileTree) {
  const entries = new Map(
    configuration.stores.map((entry) => [
      usageOf({ label: 'entry', tree, settings: { path: entry.savePath.value } }),
      entry,
    ]),
  );
  return merged([...usages, ...entries.keys()], {
    configuration,
    entryOf: (usage) => entries.get(usage),
  });
}

describe('one directory', () => {
  const tree = () =>
    treeOf({ '/srv/a': null, '/srv/b': null, '/srv/link': '-> a', '/run': '-> /srv' });

  it('is one store by all its spellings', () => {
    const spellings = ['/srv/a', '/srv//a/', '/srv/b/../a', '/srv/link', '/run/a', '0;0600;/srv/a'];
    const store = only(
      storesOf(
        tree(),
        spellings.map((spelling) => ({ path: spelling, lifetime: '60' })),
      ),
    );
    expect(store.usedBy).toEqual(spellings.map((_, index) => `php${index}`));
    expect(store.path).toMatch(/\/srv\/a$/);
    expect(store.id).toMatch(/\S+ \/srv\/a$/);
  });

  it('is two where it is two', () => {
    const stores = storesOf(tree(), [{ path: '/srv/a' }, { path: '/srv/b' }]);
    expect(stores.map(({ path }) => path.slice(-2))).toEqual(['/a', '/b']);
  });

  it('is one through two trees that both reach it', () => {
    const root = writeTree({ '/jail/srv/a': null });
    const [outer, inner] = [new FileTree(root), new FileTree(`${root}/jail`)];
    const store = only(
      merged([
        usageOf({ tree: outer, settings: { path: '/jail/srv/a', lifetime: '60' } }),
        usageOf({ tree: inner, settings: { path: '/srv/a', lifetime: '90' } }),
        usageOf({ tree: outer, chroot: '/jail', settings: { path: '/srv/a', lifetime: '80' } }),
      ]),
    );
    expect(store).toMatchObject({ maxLifetime: 90, id: `${root} /jail/srv/a` });
  });

  it('has the depth of the deepest', () => {
    const store = only(
      storesOf(tree(), [{ path: '/srv/a' }, { path: '2;/srv/a', lifetime: '60' }]),
    );
    expect(store.depth).toBe(2);
    expect(filesTarget(store)?.savePath.toString()).toBe('2;/srv/a');
  });

  it('is called by its bytes where they are no UTF-8, and shown printably', () => {
    const root = writeTree({});
    mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff)]));
    const [store] = storesOf(new FileTree(root), [{ path: '/\xff', lifetime: '60' }]);
    expect(store?.path).toMatch(/\\xff$/i);
    expect(store && filesTarget(store)?.savePath).toEqual(Buffer.from('0;/\xff', 'latin1'));
  });
});

describe('a store', () => {
  it('has the settings of the one that its lifetime comes from', () => {
    const tree = treeOf({ '/srv/a': null });
    const store = only(
      storesOf(tree, [
        { path: '/srv/a', lifetime: '60' },
        { path: '/srv/a', lifetime: '7200' },
      ]),
    );
    expect(store).toMatchObject({
      maxLifetime: 7200,
      settings: {
        'session.save_path': { value: '/srv/a', source: '/etc/php0.ini:2' },
        'session.gc_maxlifetime': { value: '7200', source: '/etc/php1.ini:3' },
      },
    });
  });

  it('that an empty save path means says which directory stands in for it', () => {
    const store = only(storesOf(treeOf({ '/tmp': null }), [{ path: '', lifetime: '60' }]));
    expect(store.settings).toMatchObject({
      'session.save_path': { value: '' },
      'temporary directory': { value: '/tmp', source: 'the default of PHP' },
    });
  });

  it('has an id of its own, whatever keeps its sessions', () => {
    const tree = treeOf({ '/srv/a': null });
    const entry = '[[store]]\npath = "/srv/a"\nprofile = "laravel"\nlifetime = "2h"\n';
    const all: Settings[] = [
      { path: '/srv/a', lifetime: '60' },
      { path: '/srv/a', 'session.save_handler': 'sqlite' },
      { path: '/srv/a', 'session.save_handler': 'user' },
      { path: '2;rel' },
      { path: 'rel' },
      { path: '' },
      { path: '/none' },
    ];
    const ids = storesOf(tree, all, entry).map(({ id }) => id);
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
    expect(ids).toContain(`${tree.hostRoot} 2;rel`);
  });

  it("can have a ; in its path, which a sweep's save path keeps whole", async () => {
    const root = writeTree({});
    writeSession(`${root}/a;b`, 'old', { ageSeconds: 100 });
    const settings = { path: '0;0600;/a;b', lifetime: '60' };
    const store = only(
      merged([usageOf({ tree: new FileTree(root), settings })], {
        rootOf: () => ({ path: Buffer.from(root), process: null }),
      }),
    );
    if (store.target === null) throw new Error(store.reason ?? '');
    expect((await sweep(store.target)).totals.removed).toBe(1);
  });

  it('of ten thousand pools takes no time', () => {
    const passwd = Array.from({ length: 10_000 }, (_, uid) => `u${uid}:x:${uid}:1::/:/\n`).join('');
    const tree = treeOf({ '/etc/passwd': passwd, '/srv/a': null });
    const began = performance.now();
    const all = Array.from({ length: 10_000 }, (_, index) => ({ path: `/srv/none${index}` }));
    expect(storesOf(tree, all)).toHaveLength(10_000);
    expect(performance.now() - began).toBeLessThan(50_000);
  });
});

describe('a lifetime', () => {
  const tree = () => treeOf({ '/srv/a': null });
  const about = (...lifetimes: Settings['lifetime'][]): Store =>
    only(
      storesOf(
        tree(),
        lifetimes.map((lifetime) => ({
          path: '/srv/a',
          ...(lifetime === undefined ? {} : { lifetime }),
        })),
      ),
    );

  it('that nobody knows is no reason to collect', () => {
    expect(about(undefined)).toMatchObject({
      collectable: false,
      reason: 'no trusted setting gives a lifetime',
      target: null,
    });
  });

  it('of zero or less is listed, not collected', () => {
    for (const lifetime of ['0', '-1', 'soon'])
      expect(about(lifetime)).toMatchObject({
        collectable: false,
        reason: expect.stringMatching(/^session\.gc_maxlifetime is (0|-1): /),
        target: null,
      });
  });

  it("of a user's, zero or less, stops the collection of that user's files alone", () => {
    const store = only(
      merged([usageOf({ tree: tree(), uid: 33, settings: { path: '/srv/a', lifetime: '60' } })]),
    );
    expect(store.collectable).toBe(true);
    const shared = tree();
    const withUser = only(
      merged([
        usageOf({ tree: shared, uid: 33, settings: { path: '/srv/a', lifetime: '60' } }),
        usageOf({
          tree: shared,
          uid: alice,
          settings: { path: '/srv/a', lifetime: { value: '-5', setBy: alice } },
        }),
      ]),
    );
    expect(withUser).toMatchObject({ collectable: true, maxLifetime: 60 });
    expect(filesTarget(withUser)?.lifetimesByUid).toEqual(new Map([[alice, never]]));
    expect(withUser.warnings).toContain(
      `session.gc_maxlifetime is -5 for uid ${alice}: that user's sessions are never removed`,
    );
  });

  it('of more than a sweep can count is for ever, and no error', async () => {
    const value = '9223372036854775807';
    expect(about(value).target?.maxLifetimeSeconds).toBe(never);
    const root = writeTree({ '/srv/a': null });
    const inTree = new FileTree(root);
    const store = only(
      merged(
        [
          usageOf({ tree: inTree, settings: { path: '/srv/a', lifetime: '60' } }),
          usageOf({
            tree: inTree,
            settings: { path: '/srv/a', lifetime: { value, setBy: alice } },
          }),
        ],
        { rootOf: () => ({ path: Buffer.from(root), process: null }) },
      ),
    );
    if (store.target === null) throw new Error(store.reason ?? '');
    expect(filesTarget(store)?.lifetimesByUid).toEqual(new Map([[alice, never]]));
    expect((await sweep(store.target)).complete).toBe(true);
  });

  it('of users alone leaves the files of all others', () => {
    const store = about({ value: '60', setBy: alice });
    expect(store).toMatchObject({
      collectable: true,
      maxLifetime: null,
      lifetimesByUser: [{ uid: alice, user: null, maxLifetime: 60 }],
      target: { maxLifetimeSeconds: never },
    });
  });

  it('is the shortest where the configuration says so', () => {
    const lifetimes = ['60', '7200'].map((lifetime) => ({ path: '/srv/a', lifetime }));
    expect(only(storesOf(tree(), lifetimes, 'shared_lifetime = "shortest"\n')).maxLifetime).toBe(
      60,
    );
  });
});

describe('whose word does not count', () => {
  it('changes nothing but to be mentioned', () => {
    const tree = treeOf({ '/srv/a': null });
    const setBy = 4711;
    const root = { path: '/srv/a', lifetime: '1440' };
    const alone = only(storesOf(tree, [root]));
    const foreign = {
      path: { value: '9;/srv/a', setBy },
      lifetime: { value: '1', setBy },
      'session.gc_probability': { value: '100', setBy },
    };
    for (const order of [
      [root, foreign],
      [foreign, root],
    ]) {
      const { usedBy, warnings, settings, ...store } = only(storesOf(tree, order));
      expect({ ...alone, ...store }).toEqual(alone);
      expect(Object.values(settings).map(({ value }) => value)).toEqual(['/srv/a', '1440']);
      expect(usedBy).toHaveLength(2);
      expect(only(warnings)).toMatch(/is ignored: uid 4711 chose this directory/);
    }
  });

  it.skipIf(!isRoot)('counts in a directory that is his own', () => {
    const root = writeTree({ '/srv/a': null });
    chownSync(path.join(root, 'srv/a'), alice, alice);
    const settings = {
      path: { value: '1;/srv/a', setBy: alice },
      lifetime: { value: '60', setBy: alice },
    };
    expect(only(storesOf(new FileTree(root), [settings]))).toMatchObject({
      collectable: true,
      depth: 1,
      user: `uid ${alice}`,
      maxLifetime: null,
      lifetimesByUser: [{ uid: alice, maxLifetime: 60 }],
    });
  });
});

it.skipIf(!isRoot)('a user gives a directory of his own no depth where root chose it too', () => {
  const root = writeTree({ '/srv/a': null });
  chownSync(path.join(root, 'srv/a'), alice, alice);
  const ofAlice = { path: { value: '5;/srv/a', setBy: alice }, lifetime: '60' };
  const ofRoot = { path: '/srv/a', lifetime: '1440' };
  expect(only(storesOf(new FileTree(root), [ofAlice, ofRoot]))).toMatchObject({
    depth: 0,
    maxLifetime: 1440,
    settings: { 'session.save_path': { value: '/srv/a' } },
  });
});

describe("sescle's own configuration", () => {
  const tree = () =>
    treeOf({ '/srv/a': null, '/srv/link': '-> a', '/srv/b': null, '/out': '-> srv/b' });
  const php = { path: '/srv/a', lifetime: '1440' };
  const entry = (...lines: string[]) => `[[store]]\npath = "/srv/a"\n${lines.join('\n')}\n`;

  it('goes before all settings of PHP, and says which line', () => {
    const foreign = { path: '/srv/a', lifetime: { value: '9', setBy: alice } };
    const store = only(storesOf(tree(), [php, foreign], entry('lifetime = "2h"')));
    expect(store).toMatchObject({
      maxLifetime: 7200,
      lifetimesByUser: [],
      settings: {
        'session.gc_maxlifetime': { value: '7200', source: '/etc/sescle/sescle.toml:3' },
      },
      usedBy: ['php0', 'php1', 'entry'],
    });
  });

  it('without a lifetime takes the one of PHP', () => {
    expect(only(storesOf(tree(), [php], entry()))).toMatchObject({ maxLifetime: 1440 });
    expect(only(storesOf(tree(), [], entry()))).toMatchObject({ collectable: false });
  });

  it('can say never, by any spelling of the directory', () => {
    for (const savePath of ['/srv/a', '/srv/link']) {
      const toml = `[[store]]\npath = "${savePath}"\nlifetime = "never"\n`;
      expect(only(storesOf(tree(), [php], toml))).toMatchObject({
        collectable: false,
        maxLifetime: null,
        reason: 'never, says /etc/sescle/sescle.toml:1',
        target: null,
      });
    }
  });

  it('that says never once means it, whatever it says of a link to the same', () => {
    const toml = `[[store]]\npath = "/srv/link"\nlifetime = "1h"\n${entry('lifetime = "never"')}`;
    expect(only(storesOf(tree(), [php], toml))).toMatchObject({ collectable: false });
  });

  it('gives grace to all, or to one', () => {
    const stores = storesOf(
      tree(),
      [php, { path: '/srv/b', lifetime: '60' }],
      `grace = "5m"\n${entry('grace = "1h"')}`,
    );
    expect(stores.map(({ grace, target }) => [grace, target?.graceSeconds])).toEqual([
      [3600, 3600],
      [300, 300],
    ]);
  });

  it('excludes a directory by whatever path leads to it', () => {
    for (const [excluded, ...paths] of [
      ['/srv/b', '/srv/b'],
      ['/srv', '/srv/b'],
      ['/out', '/srv/b'],
      ['/srv/b', '/out'],
      ['/', '/srv/b'],
    ]) {
      const settings = paths.map((each) => ({ path: each, lifetime: '60' }));
      const store = only(storesOf(tree(), settings, `exclude = ["${excluded}"]\n`));
      expect(store).toMatchObject({
        collectable: false,
        reason: 'excluded by /etc/sescle/sescle.toml:1',
        target: null,
      });
    }
    const other = [{ path: '/srv/b', lifetime: '60' }];
    expect(only(storesOf(tree(), other, 'exclude = ["/srv/bb", "/sr"]\n')).collectable).toBe(true);
  });

  it('excludes what only the second of two trees sees at that path', () => {
    const root = writeTree({ '/jail/srv/a': null });
    const settings = { path: '/srv/a', lifetime: '60' };
    const usages = [
      usageOf({ tree: new FileTree(`${root}/jail`), settings }),
      usageOf({ tree: new FileTree(root), chroot: '/jail', settings }),
    ];
    const configuration = configurationOf('exclude = ["/jail"]\n');
    expect(only(merged(usages, { configuration }))).toMatchObject({ collectable: false });
  });

  it('keeps files of another shape in the same directory apart', () => {
    const toml = entry('profile = "laravel"', 'lifetime = "2h"');
    const stores = storesOf(tree(), [php], toml);
    expect(
      stores.map(filesTarget).map((target) => [target?.shape?.prefix, target?.maxLifetimeSeconds]),
    ).toEqual([
      [profiles.php.shape.prefix, 1440],
      [profiles.laravel.shape.prefix, 7200],
    ]);
  });
});

it.skipIf(!isRoot)('a store has the name of its owner, from the /etc/passwd of its tree', () => {
  const root = writeTree({ '/srv/a': null, '/etc/passwd': 'ali\nce\nal:x:1001:1::/:/bin/sh\n' });
  chownSync(path.join(root, 'srv/a'), alice, alice);
  const settings = { path: '/srv/a', lifetime: '60' };
  expect(only(storesOf(new FileTree(root), [settings])).user).toBe('al');
});
