/** Stores that cannot be found for a while: what is known stays, its age is shown, and each minute tries again. */
import { expect, it } from 'vitest';
import { systemClock } from '../../lib/clock/clock.js';
import { SescleError } from '../../lib/errors.js';
import type { Found } from '../../lib/monitor/found-stores.js';
import { loadAddon } from '../../lib/native/load.js';
import { checkOptions } from '../../lib/sweep/options.js';
import { planStores } from '../../lib/sweep/target.js';
import { cautionsOf } from '../../lib/telemetry/health.js';
import { playedMonitor } from '../support/played-monitor.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';

const silence = new SescleError('a file system does not answer', { code: 'ERR_NOT_ANSWERING' });

/** A clock on which a minute goes by in a moment; ten minutes have passed for each look at it. */
const real = systemClock(loadAddon());
const hasty = {
  ...real,
  after: (ms: number, ring: () => void) => real.after(Math.min(ms, 50), ring),
};

function found(
  directory: string,
  maxLifetimeSeconds: number,
  problem: string | null = null,
): Found {
  const planned = planStores([directory], checkOptions({ maxLifetimeSeconds }));
  return {
    stores: planned.map((store) => ({ id: directory, planned: store, usedBy: [] })),
    notCollected: [],
    warnings: [],
    problem,
    hasChanged: async () => false,
  };
}

it('a change whose look failed is looked for again within a minute, though it is told only once', async () => {
  const directory = tempDir();
  let looks = 0;
  const monitor = await playedMonitor(directory, 1000, {
    clock: hasty,
    find: async () => {
      looks += 1;
      if (looks === 2) throw silence;
      let isTold = false;
      return {
        ...found(directory, looks === 1 ? 1000 : 2000),
        hasChanged: async () => {
          const hasChanged = looks === 1 && !isTold;
          isTold = true;
          return hasChanged;
        },
      };
    },
  });
  await until(() => monitor.status()?.maxLifetime === 2000);
  expect(looks).toBe(3);
  expect(monitor.has('not-discovered')).toBe(true);
  expect(monitor.whole().discoveryProblem).toBeNull();
});

it('what is watched from the beginning without all being found is said so, until all is', async () => {
  const directory = tempDir();
  let isSilent = true;
  const monitor = await playedMonitor(directory, 1000, {
    clock: hasty,
    find: async (_, isFirst) => {
      if (isFirst) return found(directory, 1000, silence.message);
      if (isSilent) throw silence;
      return found(directory, 1000);
    },
  });
  await until(() => monitor.events.filter(({ kind }) => kind === 'not-discovered').length > 2);
  expect(monitor.whole()).toMatchObject({
    stores: [{ id: directory }],
    discoveryProblem: silence.message,
    discoveryAgeSeconds: null,
  });
  expect(cautionsOf(monitor.whole())[0]).toContain('only the stores that sescle.toml names');
  isSilent = false;
  await until(() => monitor.whole().discoveryProblem === null);
  expect(monitor.whole().discoveryAgeSeconds).toBe(0);
});

it('the age of what stays is said once it is old', async () => {
  const directory = tempDir();
  let aheadMs = 0;
  let isFirst = true;
  const monitor = await playedMonitor(directory, 1000, {
    clock: { ...hasty, sinceBoot: () => real.sinceBoot() + aheadMs },
    find: async () => {
      if (!isFirst) throw silence;
      isFirst = false;
      return found(directory, 1000);
    },
  });
  await until(() => monitor.status() !== undefined);
  aheadMs = 3 * 3_600_000;
  await until(() => monitor.has('not-discovered'));
  expect(cautionsOf(monitor.whole())[0]).toMatch(
    /keeping the previous list of stores, which is 3h( 0m)? old/,
  );
  expect(monitor.whole().discoveryAgeSeconds).toBeGreaterThanOrEqual(3 * 3600);
});
