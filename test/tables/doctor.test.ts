/** What `sescle doctor` says of tables: each finding where it is so, and none once its remedy was carried out. */
import { describe, expect, test } from 'vitest';
import type { Examination, Finding } from '../../lib/index.js';
import { runCli } from '../support/cli.js';
import { nowSeconds } from '../support/sqlite-table.js';
import { startedServers } from '../support/started-servers.js';
import { configurationOf, tableLines } from '../support/table-configuration.js';
import { tempDir } from '../support/temp-dir.js';

const lifetime = 1000;

/** What is said of the tables of a configuration. */
async function findings(file: string): Promise<Finding[]> {
  const args = ['doctor', '--json', '-c', file, '--search', tempDir()];
  const { text, stderr } = await runCli(args);
  expect(stderr).toBe('');
  const all = (JSON.parse(text) as Examination).findings;
  return all.filter(({ subject }) => subject.includes(' table '));
}

describe.each(startedServers())('$name', ({ name, isThere, server }) => {
  const configuration = (address = server.address()) =>
    configurationOf(tableLines(address, lifetime));

  test.skipIf(!isThere)('of a table that is collected it says nothing', async () => {
    await server.fill([
      ['just due', nowSeconds() - lifetime - 5],
      ['live', nowSeconds()],
    ]);
    expect(await findings(configuration())).toEqual([]);
    expect(await server.ids()).toHaveLength(2);
  });

  test.skipIf(!isThere)('a table that cannot be collected, and why', async () => {
    await server.fill([]);
    const [found, ...others] = await findings(configuration(server.address('reader')));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      id: 'table-unusable',
      severity: 'urgent',
      evidence: [expect.stringMatching(/right/)],
      remedy: [expect.stringMatching(/^grant it: GRANT SELECT, (?:UPDATE, )?DELETE ON /)],
    });
    const nowhere = server.address().replace(/socket=[^&]*/, `socket=${tempDir()}/none`);
    expect(await findings(configuration(nowhere))).toMatchObject([
      { id: 'table-unusable', evidence: [expect.stringMatching(/^no server answers at /)] },
    ]);
  });

  test.skipIf(!isThere)(
    'a table whose expired rows no index finds, until the index is there',
    async () => {
      await server.fill([['live', nowSeconds()]]);
      await server.run(
        name === 'MariaDB' ? 'DROP INDEX sessions_t ON sessions' : 'DROP INDEX sessions_t',
      );
      const [found] = await findings(configuration());
      expect(found).toMatchObject({ id: 'table-without-index', severity: 'warning' });
      await server.run(found?.remedy[0]?.replace('in the database: ', '') ?? '');
      expect(await findings(configuration())).toEqual([]);
    },
  );

  test.skipIf(!isThere)('expired rows that stay, until they are swept', async () => {
    await server.fill([['old', nowSeconds() - lifetime - 7260]]);
    const file = configuration();
    const [found] = await findings(file);
    expect(found?.id).toMatch(/^(?:nobody-collects|collected-late)$/);
    expect(found?.evidence[0]).toMatch(/^the first expired row has been due for 2h/);
    expect((await runCli(['sweep', '-c', file, found?.subject ?? ''])).status).toBe(0);
    expect(await findings(file)).toEqual([]);
  });
});
