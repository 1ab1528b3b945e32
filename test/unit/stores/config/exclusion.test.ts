/** An excluded directory is out of bounds by whatever name it is reached. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { Source } from '../../../../lib/php/provenance.js';
import { excludedBy } from '../../../../lib/stores/config/exclusion.js';
import { tempDir } from '../../../support/temp-dir.js';

const source: Source = { kind: 'file', file: '/etc/sescle/sescle.toml', line: 3 };

function check(directory: string, excluded: string, root = tempDir()): Source | null {
  const exclude = [{ value: excluded, source }];
  return excludedBy(directory, { exclude }, new FileTree(root));
}

test.each([
  ['/srv/a', '/srv/a'],
  ['/srv/a/b/c', '/srv/a'],
  ['/srv/a', '/srv/a/'],
  ['/srv//./a/', '/srv/a'],
  ['/anything', '/'],
])('%s is excluded by %s', (directory, excluded) => {
  expect(check(directory, excluded)).toEqual(source);
});

test.each([
  ['/srv', '/srv/a'],
  ['/srv/ab', '/srv/a'],
])('%s is not excluded by %s', (directory, excluded) => {
  expect(check(directory, excluded)).toBeNull();
});

test('links on either side change nothing', () => {
  const root = tempDir();
  mkdirSync(join(root, 'real/sessions'), { recursive: true });
  symlinkSync('/real', join(root, 'link'));
  expect(check('/link/sessions', '/real', root)).toEqual(source);
  expect(check('/real/sessions', '/link', root)).toEqual(source);
  expect(check('/link/../real/sessions', '/link/sessions', root)).toEqual(source);
});
