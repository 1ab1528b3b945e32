/** Where all stores or none are to be swept, one that is named by mistake keeps the others. */
import { readdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sweep } from '../../../lib/index.js';
import { writeSession } from '../../support/sessions.js';
import { tempDir } from '../../support/temp-dir.js';

function store(): string {
  const directory = tempDir();
  writeSession(directory, 'old', { ageSeconds: 9999 });
  return directory;
}

const options = { maxLifetimeSeconds: 60, isAllOrNone: true };

it('nothing is swept, and each mistake is in the report', async () => {
  const directory = store();
  const file = `${tempDir()}/file`;
  writeFileSync(file, '');
  const report = await sweep([directory, `${directory}/missing`, file, '2'], options);
  expect(report.stores).toEqual([]);
  expect(report.unusable.map(({ code }) => code)).toEqual([
    'ENOENT',
    'ENOTDIR',
    'ERR_INVALID_SAVE_PATH',
  ]);
  expect(report.complete).toBe(false);
  expect(readdirSync(directory)).toEqual(['sess_old']);
});

it('without a mistake all are swept', async () => {
  const directories = [store(), store()];
  const report = await sweep(directories, options);
  expect(report.totals.removed).toBe(2);
  expect(report.complete).toBe(true);
});

it('otherwise the others are swept', async () => {
  const directory = store();
  const report = await sweep([directory, `${directory}/missing`], { maxLifetimeSeconds: 60 });
  expect(report.totals.removed).toBe(1);
  expect(report.unusable).toHaveLength(1);
});
