/**
 * A server on TCP with a certificate of its own authority: sescle speaks to it where the certificate holds, and
 * to nobody else. What its settings are called is in docs/session-tables.md.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/apache.js';
import { Authority } from '../support/certificates.js';
import { uidOf } from '../support/discovered.js';
import { requireTool } from '../support/require-tool.js';
import { nowSeconds } from '../support/sqlite-table.js';
import { type TableServer, tableServers } from '../support/table-server.js';
import { lifetime, passOver, planned, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

const isReady = requireTool('openssl') && process.geteuid?.() === 0;
const users = { MariaDB: 'mysql', PostgreSQL: 'postgres' } as const;

/** What makes a server listen on TCP, and speak TLS where it has a certificate. */
function optionsOf(
  name: TableServer['name'],
  port: number,
  files: { readonly key: string; readonly certificate: string } | null,
): string[] {
  if (name === 'MariaDB') {
    const tcp = ['--skip-networking=0', `--port=${port}`, '--bind-address=127.0.0.1'];
    if (files === null) return [...tcp, '--skip-ssl'];
    const tls = [`--ssl-cert=${files.certificate}`, `--ssl-key=${files.key}`];
    return [...tcp, ...tls, '--require-secure-transport=1'];
  }
  const tcp = ['listen_addresses=127.0.0.1', `port=${port}`];
  if (files === null) return tcp;
  return [...tcp, 'ssl=on', `ssl_cert_file=${files.certificate}`, `ssl_key_file=${files.key}`];
}

describe.skipIf(!isReady).each(tableServers)('$name', ({ name, isThere, make }) => {
  const kind = name as TableServer['name'];
  const scheme = kind === 'MariaDB' ? 'mysql' : 'postgres';
  const directory = tempDir();
  let server: TableServer;
  let [authority, stranger]: [Authority?, Authority?] = [];
  let port = 0;

  beforeAll(async () => {
    if (!isThere) return;
    authority = new Authority(directory, 'authority');
    stranger = new Authority(directory, 'stranger');
    port = await freePort();
    const files = authority.sign('localhost', uidOf(users[kind]));
    server = make(tempDir(), optionsOf(kind, port, files));
    await server.start();
  });
  afterAll(() => server?.stop());

  const address = (query: string, host = 'localhost') =>
    planned(`${scheme}://sescle@${host}:${port}/shop?${query}`);
  const fill = () => server.fill([['a', nowSeconds() - lifetime - 9]]);

  test.skipIf(!isThere)(
    'is collected where its certificate is of the authority that was named',
    async () => {
      await fill();
      const table = address(`sslmode=verify-full&sslrootcert=${authority?.certificate}`);
      expect(told((await passOver(table)).counts)).toEqual({ expired: 1, removed: 1 });
    },
  );

  test.skipIf(!isThere).each([
    [
      'of another authority',
      () => `sslmode=verify-full&sslrootcert=${stranger?.certificate}`,
      'localhost',
    ],
    ['of no authority that the system knows', () => 'sslmode=verify-full', 'localhost'],
  ])('is refused with a certificate %s, and no row goes', async (_name, query, host) => {
    await fill();
    await expect(passOver(address(query(), host))).rejects.toMatchObject({
      code: 'ERR_TABLE_UNREACHABLE',
      message: expect.stringContaining('the certificate of'),
      remedy: expect.stringContaining('?sslrootcert='),
    });
    expect(await server.ids()).toEqual(['a']);
  });

  test.skipIf(!isThere)(
    'is spoken to without a look at its certificate only where that is asked for',
    async () => {
      await fill();
      expect(told((await passOver(address('sslmode=require'))).counts)).toEqual({
        expired: 1,
        removed: 1,
      });
    },
  );

  test.skipIf(!isThere)('that wants TLS does not get a login without it', async () => {
    await fill();
    await expect(passOver(address('sslmode=disable'))).rejects.toMatchObject({
      code: 'ERR_TABLE_ACCESS',
      remedy: expect.any(String),
    });
    expect(await server.ids()).toEqual(['a']);
  });

  test.skipIf(!isThere)('is refused with a certificate of another name', async () => {
    const otherPort = await freePort();
    const files = (authority as Authority).sign('db.example.org', uidOf(users[kind]));
    const other = make(tempDir(), optionsOf(kind, otherPort, files));
    await other.start();
    try {
      await other.fill([['a', nowSeconds() - lifetime - 9]]);
      const query = `sslmode=verify-full&sslrootcert=${authority?.certificate}`;
      const table = (host: string) =>
        planned(`${scheme}://sescle@${host}:${otherPort}/shop?${query}`);
      await expect(passOver(table('localhost'))).rejects.toMatchObject({
        code: 'ERR_TABLE_UNREACHABLE',
        message: expect.stringContaining('the certificate of'),
      });
      // A certificate is of a name; where the driver cannot compare an address, it is not tried.
      await expect(passOver(table('127.0.0.1'))).rejects.toMatchObject({
        code: kind === 'MariaDB' ? 'ERR_TABLE_SETTINGS' : 'ERR_TABLE_UNREACHABLE',
        message: expect.stringContaining('the certificate of'),
      });
      expect(await other.ids()).toEqual(['a']);
    } finally {
      await other.stop();
    }
  });

  test.skipIf(!isThere)('that offers no TLS is refused where TLS was asked for', async () => {
    const otherPort = await freePort();
    const plain = make(tempDir(), optionsOf(kind, otherPort, null));
    await plain.start();
    try {
      await plain.fill([['a', nowSeconds() - lifetime - 9]]);
      for (const mode of ['require', 'verify-full']) {
        const database = `${scheme}://sescle@localhost:${otherPort}/shop?sslmode=${mode}`;
        await expect(passOver(planned(database))).rejects.toMatchObject({
          code: 'ERR_TABLE_UNREACHABLE',
          message: expect.stringContaining('offers no TLS'),
          remedy: expect.stringContaining('sslmode=disable'),
        });
      }
      expect(await plain.ids()).toEqual(['a']);
    } finally {
      await plain.stop();
    }
  });
});

test('each setting of TLS is in the documents', () => {
  for (const file of ['docs/session-tables.md', 'man/sescle.toml.5']) {
    const text = readFileSync(file, 'utf8');
    for (const name of ['sslmode', 'verify-full', 'sslrootcert', 'sslcert', 'sslkey']) {
      expect(text, file).toContain(name);
    }
  }
});
