/** Files that are replaced between the look at them and their opening, as editors and packages do. */
import { chownSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { FileTree } from '../../../lib/php/file-tree.js';
import { isRoot, writeTree } from './trees.js';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, openSync: vi.fn(real.openSync) };
});

const { openSync: reallyOpen } = await vi.importActual<typeof import('node:fs')>('node:fs');

let root: string;
beforeEach(() => {
  root = writeTree({ '/php.ini': 'at first' });
});

/** Has each of the next openings find another file where that of the look was. */
function replaceBefore(openings: number, uid?: number): void {
  vi.mocked(openSync).mockClear();
  for (let count = 1; count <= openings; count += 1) {
    vi.mocked(openSync).mockImplementationOnce((...given) => {
      writeFileSync(`${root}/new`, `replaced ${count}`);
      if (uid !== undefined) chownSync(`${root}/new`, uid, uid);
      renameSync(`${root}/new`, `${root}/php.ini`);
      return reallyOpen(...given);
    });
  }
}

it('a file that is replaced is read anew, at most three times in all', () => {
  replaceBefore(2);
  expect(new FileTree(root).read('/php.ini')).toMatchObject({ text: 'replaced 2' });
  expect(openSync).toHaveBeenCalledTimes(3);
});

it('a file that is replaced each time is one that cannot be read', () => {
  replaceBefore(3);
  expect(new FileTree(root).read('/php.ini')).toMatchObject({ reason: 'ESTALE', setBy: 0 });
  expect(openSync).toHaveBeenCalledTimes(3);
});

it.runIf(isRoot)('what is read is the word of whoever owns the file that was read', () => {
  replaceBefore(1, 1001);
  expect(new FileTree(root).read('/php.ini')).toMatchObject({ text: 'replaced 1', setBy: 1001 });
});
