/**
 * What only our glob() does: stay within bounds, and say where it did not look.
 * (That it finds what glob(3) finds is shown in test/php/fpm-pools.test.ts.)
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { glob } from '../../../../lib/php/fpm/glob.js';
import { tempDir } from '../../../support/temp-dir.js';

describe('glob()', () => {
  it('sorts whole paths by byte', () => {
    const root = tempDir();
    for (const name of ['b/x', 'a/x', 'a.b/x', 'B/x']) {
      mkdirSync(path.join(root, path.dirname(name)));
      writeFileSync(path.join(root, name), '');
    }
    expect(glob(new FileTree(root), '/*/x').paths).toEqual(['/B/x', '/a.b/x', '/a/x', '/b/x']);
  });

  it('does not follow a link out of the tree', () => {
    const root = tempDir();
    mkdirSync(path.join(root, 'etc'));
    expect(glob(new FileTree(root), '/../../*')).toEqual({
      paths: ['/../../etc'],
      problem: null,
    });
  });

  it('gives none of more than 10,000 matches, and says so', () => {
    const root = tempDir();
    for (let count = 0; count < 22; count += 1) mkdirSync(path.join(root, `d${count}`));
    expect(glob(new FileTree(root), '/d*/../d*').paths).toHaveLength(22 ** 2);
    expect(glob(new FileTree(root), '/d*/../d*/../d*')).toEqual({
      paths: [],
      problem: 'more than 10000 matches',
    });
  });

  it('takes no longer for many stars', () => {
    const root = tempDir();
    writeFileSync(path.join(root, 'a'.repeat(250)), '');
    const pattern = `/${'*a'.repeat(120)}b`;
    expect(glob(new FileTree(root), pattern)).toEqual({ paths: [], problem: null });
  });
});
