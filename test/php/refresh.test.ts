/**
 * What keeps a session alive: which of PHP's ways to use one refresh its modification time, and so
 * the sweep's verdict on it.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type SweepTotals, sweep } from '../../lib/index.js';
import { type Php, startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { age } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';

const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);
const lifetime = 1440;

describe.skipIf(!hasTools)('an expired session', () => {
  it('is live again once a script opened and closed it unchanged (lazy_write)', async () => {
    const totals = await sweepAfter(async (php, store) => {
      await php.start(store, 'visitor', { lazy_write: true });
      await php.close();
    });
    expect(totals).toMatchObject({ live: 1, expired: 0, removed: 0 });
  });

  it('is live again once a script opened and closed it unchanged without lazy_write', async () => {
    const totals = await sweepAfter(async (php, store) => {
      await php.start(store, 'visitor', { lazy_write: false });
      await php.close();
    });
    expect(totals).toMatchObject({ live: 1, expired: 0, removed: 0 });
  });

  it('is live again once a script wrote to it', async () => {
    const totals = await sweepAfter(async (php, store) => {
      await php.start(store, 'visitor');
      await php.put('page', 2);
      await php.close();
    });
    expect(totals).toMatchObject({ live: 1, expired: 0, removed: 0 });
  });

  it('is removed though a script has just read it with read_and_close: that refreshes nothing', async () => {
    const totals = await sweepAfter(async (php, store) => {
      const { data } = await php.start(store, 'visitor', { read_and_close: true });
      expect(data).toEqual({ page: 1 });
    });
    expect(totals).toMatchObject({ live: 0, expired: 1, removed: 1 });
  });
});

async function sweepAfter(use: (php: Php, store: string) => Promise<void>): Promise<SweepTotals> {
  const store = tempDir();
  const php = startPhp();
  await php.write([{ savePath: store, id: 'visitor', data: { page: 1 } }]);
  age(10 * lifetime, path.join(store, 'sess_visitor'));
  await use(php, store);
  return (await sweep(store, { maxLifetimeSeconds: lifetime })).totals;
}
