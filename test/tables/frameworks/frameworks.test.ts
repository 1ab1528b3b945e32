/**
 * Each framework's own collector and sescle's on equal tables, at the same moment: the same rows are left, to
 * the second, and those that the framework's reader still accepts.
 *
 * SESCLE_TABLES_LONG=1 tries 20 tables of 10,000 rows each, and prints what was compared.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coarseTickMs } from '../../../lib/clock/reading.js';
import type { Access } from '../../../lib/tables/access/access.js';
import { openAccess } from '../../../lib/tables/open-access.js';
import type { TableProfile } from '../../../lib/tables/profile.js';
import { tableProfiles } from '../../../lib/tables/profiles/all.js';
import { TableWorker } from '../../../lib/tables/worker.js';
import { Random } from '../../support/random.js';
import { tempDir } from '../../support/temp-dir.js';
import { type Databases, databases } from './databases.js';
import { type Edges, type Framework, frameworks } from './frameworks.js';
import { hasFrameworks, OwnCollector } from './own-collector.js';

const isLong = process.env['SESCLE_TABLES_LONG'] === '1';
const seeds = isLong ? 20 : 2;
const rowCount = isLong ? 10_000 : 300;
const lifetime = 1440;
/** The one moment of all. Its clocks stand still, so that it may as well have passed. */
const now = Math.floor(Date.now() / 1000);

function edges(random: Random): Edges {
  const oneOf = <T>(...values: readonly T[]): T =>
    values[random.integer(0, values.length - 1)] as T;
  return {
    now,
    lifetime,
    oneOf,
    around: (moment) => {
      const near = oneOf(0, 0, -1, 1, -2, 2, random.integer(-60, 60));
      return (
        moment +
        oneOf(near, near, random.integer(-lifetime, lifetime), -random.integer(0, 10_000_000))
      );
    },
  };
}

/** sescle's collecting, with the one moment for its clock. */
async function sweep(to: Databases, framework: Framework, profile: TableProfile): Promise<number> {
  const access = await openAccess(to.login('swept'), profile.advisory);
  const clock: Access['clock'] = async () => now * 1000 + coarseTickMs;
  const worker = await TableWorker.open(
    new Proxy(access, {
      get: (target, name) => {
        if (name === 'clock') return clock;
        const value = target[name as keyof Access];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
    { table: framework.table, profile, columns: {} },
  );
  try {
    await worker.begin({ lifetimeSeconds: lifetime, graceSeconds: 0, shard: null });
    let removed = 0;
    for (;;) {
      const bitten = await worker.bite({
        mostLooked: 700,
        mostTaken: 300,
        dryRun: false,
        isListed: false,
      });
      removed += bitten.removed;
      if (bitten.isDone) return removed;
    }
  } finally {
    worker.close();
  }
}

for (const { family, isThere, make } of databases) {
  describe.skipIf(!isThere || !hasFrameworks())(
    `tables in ${family}`,
    { timeout: isLong ? 3_600_000 : 120_000 },
    () => {
      const server = make(tempDir('sescle-server-'));
      let php: OwnCollector;

      beforeAll(async () => {
        await server.start();
        php = new OwnCollector(now);
      }, 120_000);
      afterAll(async () => {
        php.end();
        await server.stop();
      });

      function collectItself({ profile, table }: Framework): Promise<string[]> {
        return php.collect({ ...server.task(now), framework: profile, table, lifetime, now });
      }

      test("a row of Laravel's goes only when its collector and its reader both say so", async () => {
        const laravel = frameworks.find(({ profile }) => profile === 'laravel');
        const profile = tableProfiles.get('laravel');
        if (laravel === undefined || profile === undefined) expect.fail('no such profile');
        const { table, create, row } = laravel;
        const written = { before: -1, at: 0, behind: 1 };
        const rows = Object.entries(written).map(([id, seconds]) => ({
          ...row(edges(new Random(1)), id, 0),
          last_activity: now - lifetime + seconds,
        }));
        await server.create(create[family] ?? '', table, rows);
        // The control: in the second of the lifetime they differ.
        expect(await collectItself(laravel)).toEqual(['at', 'behind']);
        expect(await server.rows('own', table, ['id'])).toEqual(['behind']);
        expect(await sweep(server, laravel, profile)).toBe(1);
        expect(await server.rows('swept', table, ['id'])).toEqual(['at', 'behind']);
      });

      const here = frameworks.filter(({ create }) => create[family] !== undefined);
      test.each(here.map((framework) => [framework.profile, framework] as const))(
        'of %s',
        async (name, framework) => {
          const profile = tableProfiles.get(name);
          if (profile === undefined) expect.fail('no such profile');
          const columns = [...new Set(Object.values(profile.columns))];
          let compared = 0;
          let removed = 0;
          for (let seed = 1; seed <= seeds; seed += 1) {
            const at = edges(new Random(seed));
            const rows = Array.from({ length: rowCount }, (_, index) =>
              framework.row(at, `s${index}`, index),
            );
            await server.create(framework.create[family] ?? '', framework.table, rows);
            const before = await server.rows('swept', framework.table, columns);
            const { own } = framework;
            if (own.kind === 'statements') await server.at(now, own.of(now, lifetime, family));
            const accepted = own.kind === 'php' ? await collectItself(framework) : [];
            const swept = await sweep(server, framework, profile);
            const stay = new Set(await server.rows('own', framework.table, columns));
            // What its reader still accepts is nobody's to remove.
            const left = before.filter(
              (row) => stay.has(row) || accepted.includes(row.split('|', 1)[0] ?? ''),
            );
            expect(await server.rows('swept', framework.table, columns), `seed ${seed}`).toEqual(
              left,
            );
            expect(left.length, 'rows that are left').toBeGreaterThan(rowCount / 20);
            expect(left.length).toBe(rowCount - swept);
            expect(swept, 'rows that went').toBeGreaterThan(rowCount / 20);
            compared += rowCount;
            removed += swept;
          }
          if (isLong) {
            const by = framework.own.kind === 'php' ? 'its own code' : framework.own.from;
            console.log(
              `${family} ${name} (${by}): ${compared} rows in ${seeds} tables, ${removed} removed, 0 differences`,
            );
          }
        },
      );
    },
  );
}
