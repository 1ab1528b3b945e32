/** Directories that sescle.toml names: what is a mistake in the file, and what is not. */
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { describeWarning } from '../../../../lib/php/provenance.js';
import { checkNamedDirectories } from '../../../../lib/stores/config/named-directories.js';
import { parseConfiguration } from '../../../../lib/stores/config/parse.js';
import { discoverStores } from '../../../../lib/stores/discover.js';
import { tempDir } from '../../../support/temp-dir.js';

const isRoot = process.geteuid?.() === 0;

/** @returns the warnings, or what was thrown */
function check(text: string, make: (root: string) => void = () => {}): string[] | string {
  const root = tempDir();
  mkdirSync(join(root, 'srv'));
  make(root);
  const configuration = parseConfiguration(text, '/etc/sescle/sescle.toml');
  try {
    return checkNamedDirectories(configuration, new FileTree(root)).map(describeWarning);
  } catch (error) {
    return (error as Error).message;
  }
}

const store = (path: string) => `[[store]]\npath = "${path}"\nlifetime = "1h"\n`;

describe('is a mistake', () => {
  test('each of them, with its line', () => {
    const text = `exclude = [\n"/srv/x",\n"/srv/b/c"]\n[discover]\ndocument_roots = ["/srv/loop"]\n${store('/srv/a')}`;
    const found = check(text, (root) => {
      for (const name of ['a', 'b', 'x']) writeFileSync(join(root, 'srv', name), '');
      symlinkSync('loop', join(root, 'srv/loop'));
    });
    expect(found).toBe(
      [
        "/etc/sescle/sescle.toml:2: '/srv/x' is not a directory",
        "/etc/sescle/sescle.toml:3: '/srv/b/c' lies below something that is not a directory",
        "/etc/sescle/sescle.toml:5: '/srv/loop' is a symbolic link that leads to itself",
        "/etc/sescle/sescle.toml:7: '/srv/a' is not a directory",
      ].join('; '),
    );
  });

  test('a file of root’s that everybody may write into', () => {
    const found = check(store('/srv/a'), (root) => {
      writeFileSync(join(root, 'srv/a'), '');
      chmodSync(join(root, 'srv/a'), 0o666);
    });
    expect(found).toMatch(/'\/srv\/a' is not a directory$/);
  });
});

describe('is none', () => {
  test('a directory, a link to one, and what is not there', () => {
    const text = `[discover]\ndocument_roots = ["/srv/a"]\n${store('/srv/b')}${store('/srv/none')}`;
    const found = check(text, (root) => {
      mkdirSync(join(root, 'srv/a'));
      symlinkSync('a', join(root, 'srv/b'));
    });
    expect(found).toEqual([]);
  });

  test('an exclusion of what is not there, which keeps nothing and is warned of', () => {
    expect(check('exclude = ["/srv/none"]')).toEqual([
      '/etc/sescle/sescle.toml:1: the excluded directory /srv/none does not exist: only a store of exactly this path is left alone',
    ]);
  });

  test.runIf(isRoot)('what a user put there, in a directory of theirs or in a shared one', () => {
    for (const spoil of [
      (root: string) => {
        mkdirSync(join(root, 'srv/home'));
        chownSync(join(root, 'srv/home'), 1001, 1001);
        writeFileSync(join(root, 'srv/home/s'), '');
      },
      (root: string) => {
        mkdirSync(join(root, 'srv/home'));
        chmodSync(join(root, 'srv/home'), 0o1777);
        writeFileSync(join(root, 'srv/home/s'), '');
        chownSync(join(root, 'srv/home/s'), 1001, 1001);
      },
      (root: string) => {
        mkdirSync(join(root, 'srv/home'));
        symlinkSync('s', join(root, 'srv/home/s'));
        chownSync(join(root, 'srv/home'), 1001, 1001);
      },
    ])
      expect(check(store('/srv/home/s'), spoil)).toEqual([]);
  });
});

test('discovery asks, before it looks at anything else', async () => {
  const root = tempDir();
  mkdirSync(join(root, 'etc/sescle'), { recursive: true });
  const toml = join(root, 'etc/sescle/sescle.toml');
  writeFileSync(toml, store('/etc/sescle/sescle.toml'));
  await expect(discoverStores({ root: Buffer.from(root) })).rejects.toMatchObject({
    code: 'ERR_INVALID_CONFIGURATION',
  });
  writeFileSync(toml, 'exclude = ["/srv/none"]\n');
  const { warnings } = await discoverStores({ root: Buffer.from(root) });
  expect(warnings.join()).toContain('the excluded directory /srv/none does not exist');
});
