/**
 * PHP is the oracle: over many random directories, its own session_gc() and a sweep at the same
 * second must leave the same names.
 *
 * A directory is written by PHP, given its times, and copied. PHP collects one copy and tells which
 * second it took for now; where a second passed meanwhile, its answer is thrown away and that copy
 * is made again. Then sescle sweeps the other copy with the clock set to that second.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { type Php, startPhp } from '../support/php.js';
import { Random } from '../support/random.js';
import { requireTool } from '../support/require-tool.js';
import { seconds, setTimes } from '../support/set-times.js';
import { tempDir } from '../support/temp-dir.js';
import { time64Dir } from '../support/time64-dir.js';
import { ageSeconds, isExpired, type RandomStore, randomStore } from './random-store.js';

const storeCount = 300;
const hasTools = [requireTool('php'), requireTool('python3')].every(Boolean);

interface Prepared extends RandomStore {
  readonly original: string;
  readonly forPhp: string;
  readonly forSescle: string;
}

describe.skipIf(!hasTools)('sescle and PHP’s session_gc()', () => {
  it(`leave the same files in each of ${storeCount} random directories`, {
    timeout: 120_000,
  }, async () => {
    const random = Random.fromEnvironment();
    const wide = time64Dir();
    if (wide === undefined) {
      console.warn('differential: /dev/shm is not usable, so no 64-bit times are compared');
    }
    const php = startPhp();
    const plainStores = await prepare(
      php,
      random,
      tempDir(),
      wide ? storeCount / 2 : storeCount,
      false,
    );
    const wideStores = wide ? await prepare(php, random, wide, storeCount / 2, true) : [];

    const differences: string[] = [];
    const compared = {
      directories: 0,
      files: 0,
      removed: 0,
      atLifetime: 0,
      oneSecondPast: 0,
      beyond32Bits: 0,
    };
    for (const store of [...plainStores, ...wideStores]) {
      const now = await collectWithinOneSecond(php, store);
      const report = await sweep(store.forSescle, {
        maxLifetimeSeconds: store.maxLifetimeSeconds,
        clock: () => now,
      });
      differences.push(...compare(store, now));

      compared.directories += 1;
      compared.files += report.totals.scanned;
      compared.removed += report.totals.removed;
      for (const { mtimeNs } of store.sessions) {
        const pastLifetime = ageSeconds(mtimeNs, now) - BigInt(store.maxLifetimeSeconds);
        if (pastLifetime === 0n) compared.atLifetime += 1;
        if (pastLifetime === 1n) compared.oneSecondPast += 1;
        if (mtimeNs < seconds(-(2 ** 31)) || mtimeNs >= seconds(2 ** 31))
          compared.beyond32Bits += 1;
      }
    }

    expect(differences, `SESCLE_SEED=${random.seed}`).toEqual([]);
    console.info(`differential: SESCLE_SEED=${random.seed}`, compared);
    expect(compared.directories).toBe(storeCount);
    expect(compared.removed).toBeGreaterThan(0);
    expect(compared.atLifetime, 'sessions exactly as old as the lifetime').toBeGreaterThan(0);
    expect(compared.oneSecondPast, 'sessions one second past it').toBeGreaterThan(0);
  });
});

/** Has PHP write the sessions of all stores, sets their times and makes the two copies. */
async function prepare(
  php: Php,
  random: Random,
  base: string,
  count: number,
  time64: boolean,
): Promise<Prepared[]> {
  const now = Math.floor(Date.now() / 1000);
  const stores = Array.from({ length: count }, (_, index): Prepared => {
    const [original, forPhp, forSescle] = ['original', 'php', 'sescle'].map((copy) =>
      path.join(base, copy, String(index)),
    ) as [string, string, string];
    return { ...randomStore(random, now, time64), original, forPhp, forSescle };
  });
  for (const { original, foreignNames } of stores) {
    mkdirSync(original, { recursive: true });
    for (const name of foreignNames) writeFileSync(path.join(original, name), '');
  }
  await php.write(
    stores.flatMap(({ original, sessions }) =>
      sessions.map(({ id, data }) => ({ savePath: original, id, data })),
    ),
  );
  setTimes(
    stores.flatMap(({ original, sessions, foreignNames }) => [
      ...sessions.map(({ id, mtimeNs }) => ({ path: path.join(original, `sess_${id}`), mtimeNs })),
      ...foreignNames.map((name) => ({ path: path.join(original, name), mtimeNs: 0n })),
    ]),
  );
  for (const copy of ['php', 'sescle']) {
    execFileSync('cp', ['-a', path.join(base, 'original'), path.join(base, copy)]);
  }
  return stores;
}

/** Has PHP collect its copy, again from the start until no second passed while it did. */
async function collectWithinOneSecond(php: Php, store: Prepared): Promise<number> {
  for (let trial = 0; trial < 20; trial++) {
    const { before, after } = await php.collectOne(store.forPhp, store.maxLifetimeSeconds);
    if (before === after) return before;
    rmSync(store.forPhp, { recursive: true });
    execFileSync('cp', ['-a', store.original, store.forPhp]);
  }
  throw new Error(`in 20 trials the second changed while PHP collected ${store.forPhp}`);
}

function compare(store: Prepared, now: number): string[] {
  const byPhp = new Set(readdirSync(store.forPhp));
  const bySescle = new Set(readdirSync(store.forSescle));
  const expected = new Set(store.foreignNames);
  for (const { id, mtimeNs } of store.sessions) {
    if (!isExpired(mtimeNs, now, store.maxLifetimeSeconds)) expected.add(`sess_${id}`);
  }
  const times = new Map(store.sessions.map(({ id, mtimeNs }) => [`sess_${id}`, mtimeNs]));
  const names = new Set([...byPhp, ...bySescle, ...expected, ...times.keys()]);
  return [...names]
    .filter((name) => new Set([byPhp, bySescle, expected].map((set) => set.has(name))).size > 1)
    .map(
      (name) =>
        `${store.original}/${name}: mtime ${times.get(name)} ns, now ${now} s, ` +
        `lifetime ${store.maxLifetimeSeconds} s; kept by PHP: ${byPhp.has(name)}, ` +
        `by sescle: ${bySescle.has(name)}, by the predicate: ${expected.has(name)}`,
    );
}
