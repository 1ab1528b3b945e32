/** What the monitor begins with where looking for the stores does not get on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemClock } from '../../../lib/clock/clock.js';
import { SescleError } from '../../../lib/errors.js';
import {
  collectableStores,
  foundByLook,
  type WatchedOptions,
} from '../../../lib/monitor/discover-watched.js';
import { loadAddon } from '../../../lib/native/load.js';
import { discoverHere } from '../../../lib/stores/discover-here.js';
import { checkOptions } from '../../../lib/sweep/options.js';
import { planStores } from '../../../lib/sweep/target.js';
import { tempDir } from '../../support/temp-dir.js';

/** @param toml sescle's own configuration, beside a php-fpm that names a store of its own */
function machine(toml: string): WatchedOptions {
  const root = tempDir();
  for (const directory of ['etc/sescle', 'etc/php/8.2/fpm', 'srv/named', 'srv/unnamed']) {
    mkdirSync(`${root}/${directory}`, { recursive: true });
  }
  writeFileSync(`${root}/etc/sescle/sescle.toml`, toml);
  writeFileSync(`${root}/etc/php/8.2/fpm/php.ini`, 'session.save_path = /srv/unnamed\n');
  return {
    discover: { root: Buffer.from(root) },
    choose: collectableStores,
    plan: (target) => planStores([target], checkOptions({})),
    clock: systemClock(loadAddon()),
    lookFor: async (options) => {
      if (options.isNamedOnly === true) return discoverHere(options);
      throw new SescleError('a file system does not answer', { code: 'ERR_NOT_ANSWERING' });
    },
  };
}

const { signal } = new AbortController();

it('is what sescle.toml names with a lifetime, and that this is not all is told', async () => {
  const options = machine(
    '[[store]]\npath = "/srv/named"\nlifetime = "1h"\n[[store]]\npath = "/srv/unnamed"\n',
  );
  const found = await foundByLook(options, signal, true);
  expect(found.stores.map(({ planned }) => planned.policy.maxLifetimeSeconds)).toEqual([3600]);
  expect(found.stores[0]?.id).toMatch(/\/srv\/named$/);
  expect(found.notCollected).toMatchObject([{ reason: expect.stringMatching(/lifetime/) }]);
  expect(found.problem).toBe('a file system does not answer');
});

it('is nothing where nothing is named: the error says why', async () => {
  await expect(foundByLook(machine(''), signal, true)).rejects.toThrow('does not answer');
});

it('is only for the beginning: later, what was known stays', async () => {
  const options = machine('[[store]]\npath = "/srv/named"\nlifetime = "1h"\n');
  await expect(foundByLook(options, signal)).rejects.toThrow('does not answer');
});
