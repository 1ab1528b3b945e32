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
import { writeSessions } from '../support/sessions.js';
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

  it('survives a sweep by the watch too, and no write is lost', async () => {
    const store = tempDir();
    // So many that the watch pays (native/core/watch_choice.h).
    const old = writeSessions(store, 3_000, 'old', { ageSeconds: 10 * lifetime });
    const scripts = ['a', 'm', 'oldheld', 'x', 'z'].map((id) => ({ id, php: startPhp() }));
    for (const { id, php } of scripts) {
      await php.write([{ savePath: store, id, data: { item: 'tea' } }]);
      age(10 * lifetime, path.join(store, `sess_${id}`));
      await php.start(store, id);
    }

    const { totals, stores } = await sweep(store, { maxLifetimeSeconds: lifetime });
    expect(totals).toMatchObject({ removed: old.length, errorCount: 0 });
    expect(totals.skipped.in_use).toBe(scripts.length);
    expect(stores[0]?.protocol).toBe('watch+lock');

    for (const { id, php } of scripts) {
      await php.put('item', 'coffee');
      expect(await php.close()).toBe(true);
      const next = await php.start(store, id, { read_and_close: true });
      expect(next.data).toEqual({ item: 'coffee' });
    }
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
