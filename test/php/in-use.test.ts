/**
 * A session that a PHP script has open is in use, however old its file is, and what the script
 * writes at its end is there for the next request.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { serialized, startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { age } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';

const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);
const lifetime = 1440;

describe.skipIf(!hasTools)('a session that a running script holds open', () => {
  it('survives the sweep as in_use, and the script’s later write is not lost', async () => {
    const store = tempDir();
    const session = path.join(store, 'sess_basket');
    const script = startPhp();
    await script.write([{ savePath: store, id: 'basket', data: { item: 'tea' } }]);
    age(10 * lifetime, session);
    await script.start(store, 'basket');

    const during = await sweep(store, { maxLifetimeSeconds: lifetime });
    expect(during.totals).toMatchObject({ scanned: 1, expired: 1, removed: 0 });
    expect(during.totals.skipped.in_use).toBe(1);

    await script.put('item', 'coffee');
    expect(await script.close()).toBe(true);
    expect(readFileSync(session, 'utf8')).toBe(serialized('item', 'coffee'));
    const next = await startPhp().start(store, 'basket', { read_and_close: true });
    expect(next.data).toEqual({ item: 'coffee' });

    const afterwards = await sweep(store, { maxLifetimeSeconds: lifetime });
    expect(afterwards.totals).toMatchObject({ scanned: 1, live: 1, removed: 0 });
  });

  it('is removed by the first sweep after the script ended, if it was never written again', async () => {
    const store = tempDir();
    const session = path.join(store, 'sess_idle');
    const script = startPhp();
    await script.write([{ savePath: store, id: 'idle', data: { item: 'tea' } }]);
    await script.start(store, 'idle');
    age(10 * lifetime, session);
    expect((await sweep(store, { maxLifetimeSeconds: lifetime })).totals.skipped.in_use).toBe(1);

    await script.close();
    age(10 * lifetime, session);

    expect((await sweep(store, { maxLifetimeSeconds: lifetime })).totals.removed).toBe(1);
  });

  it('does not make its neighbours wait: they are removed in the same sweep', async () => {
    const store = tempDir();
    const script = startPhp();
    const ids = ['a', 'b', 'c', 'd'];
    await script.write(ids.map((id) => ({ savePath: store, id, data: { id } })));
    for (const id of ids) age(10 * lifetime, path.join(store, `sess_${id}`));
    await script.start(store, 'b');

    const report = await sweep(store, { maxLifetimeSeconds: lifetime });

    expect(report.totals).toMatchObject({ scanned: 4, removed: 3 });
    expect(report.totals.skipped.in_use).toBe(1);
  });
});
