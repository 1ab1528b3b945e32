/** Who works on an SQLite file, where its way changes while it is followed. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { TableError } from '../../../lib/tables/failure.js';
import { ownedFile } from '../../../lib/tables/owned-file.js';
import { tempDir } from '../../support/temp-dir.js';

const gone = vi.hoisted(() => ({ isNow: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readlinkSync = (path: string) => {
    if (gone.isNow) fs.unlinkSync(path);
    return fs.readlinkSync(path);
  };
  return { ...fs, readlinkSync };
});

test('a link that has gone since it was looked at is missing, like one that never was', () => {
  const directory = tempDir();
  writeFileSync(`${directory}/file`, '');
  symlinkSync('file', `${directory}/link`);
  const caller = process.geteuid?.() ?? 0;
  const ask = () => ownedFile(`${directory}/link`, caller === 0 ? 1 : caller);
  expect(ask().path).toBe(`${directory}/file`);
  gone.isNow = true;
  expect(ask).toThrow(TableError);
  expect(ask).toThrow(/link is not there, or cannot be looked at \(ENOENT\)/);
});
