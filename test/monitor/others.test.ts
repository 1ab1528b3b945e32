/** Two monitors of one real directory: one leaves the sessions to the other, and takes over when that ends. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { playedMonitor } from '../support/played-monitor.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const lifetimeSeconds = 2;

/** When a session that was written at that moment is due. */
const dueMs = (atMs: number) => (Math.floor(atMs / 1000) + lifetimeSeconds + 1) * 1000;

it('one of two monitors leaves the sessions to the other, and removes them when that one has ended', async () => {
  const directory = tempDir();
  const one = await playedMonitor(directory, lifetimeSeconds);
  const two = await playedMonitor(directory, lifetimeSeconds);
  const written: { readonly path: string; readonly dueMs: number }[] = [];
  const early = new Set<string>();
  let isWriting = true;
  const writing = (async () => {
    for (let i = 0; isWriting; i += 1) {
      // By a moment before it was written.
      const nowMs = Date.now();
      written.push({ path: one.write(`visit${i}`), dueMs: dueMs(nowMs) });
      for (const session of written.filter((it) => it.dueMs > nowMs)) {
        if (!existsSync(session.path) && Date.now() < session.dueMs) early.add(session.path);
      }
      await pause(20);
    }
  })();
  const isLeft = ({ status }: typeof one) => typeof status()?.leftToOthersSinceMs === 'number';
  await until(() => isLeft(one) || isLeft(two));
  const [active, checking] = isLeft(one) ? [two, one] : [one, two];
  expect(checking.has('left-to-others')).toBe(true);
  await active.end();
  const removedBefore = checking.status()?.removed ?? 0;
  await until(() => checking.has('taken-over'));
  expect(checking.status()?.leftToOthersSinceMs).toBeNull();
  await until(() => (checking.status()?.removed ?? 0) > removedBefore);
  isWriting = false;
  await writing;
  await until(() => written.every(({ path }) => !existsSync(path)));
  expect([...early]).toEqual([]);
});
