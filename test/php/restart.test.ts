/**
 * The moment between the sweep's first look at a session and its removal, with real PHP in it: what
 * PHP made of the session meanwhile must survive.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canTrace, type HoldAt, holdSweep } from '../support/held-sweep.js';
import { type Php, type SessionData, startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { age } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';

const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);
const lifetime = 1440;

interface Outcome {
  readonly verdicts: Readonly<Record<string, number>>;
  /** What the session's file holds afterwards, read by another PHP. */
  readonly data: SessionData;
  readonly sameInode: boolean;
}

describe.skipIf(!hasTools || !canTrace())('between the look and the removal', () => {
  it.each<[string, HoldAt, (php: Php, store: string) => Promise<unknown>]>([
    [
      'destroyed and started again under the same name',
      'before_lock',
      async (php, store) => {
        await php.start(store, 'returning');
        await php.destroy();
      },
    ],
    [
      'that PHP’s own collector removed, and that was started again,',
      'after_lock',
      (php, store) => php.collectOne(store, lifetime),
    ],
  ])('a session %s survives as changed', async (_, at, remove) => {
    const outcome = await meanwhile(at, async (php, store) => {
      await remove(php, store);
      await php.start(store, 'returning');
      await php.put('login', 'second');
      await php.close();
    });
    expect(outcome.sameInode).toBe(false);
    expect(outcome.data).toEqual({ login: 'second' });
    expect(outcome.verdicts).toMatchObject({ scanned: 1, removed: 0, changed: 1 });
  });

  it('a session started again that is still open survives, and its later write is not lost', async () => {
    const outcome = await meanwhile(
      'after_lock',
      async (php, store) => {
        await php.collectOne(store, lifetime);
        await php.start(store, 'returning');
      },
      async (php) => {
        await php.put('login', 'second');
        await php.close();
      },
    );
    expect(outcome.data).toEqual({ login: 'second' });
    expect(outcome.verdicts).toMatchObject({ scanned: 1, removed: 0, changed: 1 });
  });

  it('a session that a request refreshed survives as changed', async () => {
    const outcome = await meanwhile('before_lock', async (php, store) => {
      await php.start(store, 'returning');
      await php.close();
    });
    expect(outcome.sameInode).toBe(true);
    expect(outcome.data).toEqual({ login: 'first' });
    expect(outcome.verdicts).toMatchObject({ scanned: 1, removed: 0, changed: 1 });
  });

  it('a session that a request opened and still holds survives as in_use', async () => {
    const outcome = await meanwhile(
      'before_lock',
      async (php, store) => void (await php.start(store, 'returning')),
      async (php) => void (await php.close()),
    );
    expect(outcome.data).toEqual({ login: 'first' });
    expect(outcome.verdicts).toMatchObject({ scanned: 1, removed: 0, in_use: 1 });
  });

  it('a session that was destroyed is vanished, which is no error', async () => {
    const store = await expiredSession();
    const release = await holdSweep(store, lifetime, 'before_lock');
    const php = startPhp();
    await php.start(store, 'returning');
    await php.destroy();
    const { totals } = await release();
    expect(totals).toMatchObject({ scanned: 1, removed: 0, vanished: 1, errorCount: 0 });
  });
});

/** A store with one session, long expired. */
async function expiredSession(): Promise<string> {
  const store = tempDir();
  await startPhp().write([{ savePath: store, id: 'returning', data: { login: 'first' } }]);
  age(10 * lifetime, path.join(store, 'sess_returning'));
  return store;
}

/**
 * Sweeps one expired session; while the sweep is stopped, PHP does something with it.
 *
 * @param afterwards what PHP does when the sweep is over
 */
async function meanwhile(
  at: HoldAt,
  during: (php: Php, store: string) => Promise<void>,
  afterwards: (php: Php) => Promise<void> = async () => {},
): Promise<Outcome> {
  const store = await expiredSession();
  const session = path.join(store, 'sess_returning');
  const inode = statSync(session).ino;
  const release = await holdSweep(store, lifetime, at);
  const php = startPhp();
  await during(php, store);
  const { totals } = await release();
  await afterwards(php);

  const reader = startPhp();
  const { data } = await reader.start(store, 'returning', { read_and_close: true });
  const { skipped, ...counts } = totals;
  return {
    verdicts: { ...counts, ...skipped },
    data,
    sameInode: statSync(session).ino === inode,
  };
}
