/**
 * An application that was adopted, whose owner then changes its settings: to the socket of root's own user,
 * to another site's database, to a host that never answers, to a link to what only root can read. Nothing is
 * done that the owner could not do.
 */
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tables } from '../../lib/tables/kind.js';
import type { PlannedTable } from '../../lib/tables/planned.js';
import { HostileMysql } from '../support/hostile-mysql.js';
import { hasMariadb, Mariadb } from '../support/mariadb.js';
import { nowSeconds, owner } from '../support/sqlite-table.js';
import { lifetime, passOver, told } from '../support/tables.js';
import { tempDir } from '../support/temp-dir.js';

const isRoot = process.geteuid?.() === 0;

describe.runIf(isRoot && hasMariadb())('an application whose settings its owner changes', () => {
  const server = new Mariadb(tempDir());
  const application = tempDir();

  beforeAll(async () => {
    await server.start();
    await server
      .run(`
      CREATE DATABASE shop; CREATE DATABASE victim;
      INSTALL SONAME 'auth_socket'`)
      .catch(() =>
        server.run('CREATE DATABASE IF NOT EXISTS shop; CREATE DATABASE IF NOT EXISTS victim'),
      );
    const table =
      'sessions (id VARCHAR(255) PRIMARY KEY, payload TEXT, last_activity INT, KEY (last_activity))';
    await server.run(`
      CREATE TABLE shop.${table}; CREATE TABLE victim.${table};
      CREATE USER shop@localhost IDENTIFIED BY 'shop secret'; GRANT SELECT, DELETE ON shop.* TO shop@localhost;
      CREATE USER victim@localhost IDENTIFIED BY 'victim secret'; GRANT ALL ON victim.* TO victim@localhost;
      ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('root secret')`);
    mkdirSync(join(application, 'bootstrap'));
    writeFileSync(join(application, 'artisan'), '');
    writeFileSync(join(application, 'bootstrap/app.php'), '<?php');
    mkdirSync(join(application, 'config'));
    writeFileSync(
      join(application, 'config/database.php'),
      `<?php
      return ['default' => env('DB_CONNECTION', 'sqlite'), 'connections' => ['mysql' => [
        'driver' => 'mysql', 'host' => env('DB_HOST', '127.0.0.1'), 'port' => env('DB_PORT', '3306'),
        'database' => env('DB_DATABASE', 'laravel'), 'username' => env('DB_USERNAME', 'root'),
        'password' => env('DB_PASSWORD', ''), 'unix_socket' => env('DB_SOCKET', ''), 'prefix' => '',
      ]]];`,
    );
    settings({});
    for (const name of [
      '',
      'artisan',
      'bootstrap',
      'bootstrap/app.php',
      'config',
      'config/database.php',
    ]) {
      chownSync(join(application, name), owner, owner);
    }
  }, 120_000);
  afterAll(() => server.stop());

  function root(sql: string) {
    return server.connect({ user: 'root', password: 'root secret' }).then(async (connection) => {
      try {
        return (await connection.query(sql))[0] as { n: number }[];
      } finally {
        await connection.end();
      }
    });
  }

  async function fill(): Promise<void> {
    const old = nowSeconds() - lifetime - 9;
    for (const name of ['shop', 'victim']) {
      await root(
        `DELETE FROM ${name}.sessions; INSERT INTO ${name}.sessions VALUES ('a', '', ${old})`,
      );
    }
  }

  function settings(changed: Record<string, string>): void {
    const all = {
      SESSION_DRIVER: 'database',
      DB_CONNECTION: 'mysql',
      DB_SOCKET: server.socket,
      DB_DATABASE: 'shop',
      DB_USERNAME: 'shop',
      DB_PASSWORD: '"shop secret"',
      ...changed,
    };
    const path = join(application, '.env');
    rmSync(path, { force: true });
    const lines = Object.entries(all).filter(([, value]) => value !== '');
    writeFileSync(path, lines.map(([name, value]) => `${name}=${value}\n`).join(''), {
      mode: 0o600,
    });
    chownSync(path, owner, owner);
  }

  function adopted(): PlannedTable {
    const given = {
      maxLifetimeSeconds: lifetime,
      graceSeconds: 0,
      lifetimesByUid: [],
      shard: null,
    };
    return tables.plan({ app: application, profile: 'laravel' }, given) as PlannedTable;
  }

  async function left(name: string): Promise<number> {
    return Number((await root(`SELECT count(*) AS n FROM ${name}.sessions`))[0]?.n);
  }

  test('is collected by its own settings, read at each connect', async () => {
    await fill();
    settings({});
    expect(told((await passOver(adopted())).counts)).toEqual({ expired: 1, removed: 1 });
    expect([await left('shop'), await left('victim')]).toEqual([0, 1]);
  });

  test("to the database's root is refused: its socket does not know the owner as root", async () => {
    await fill();
    settings({ DB_USERNAME: 'root', DB_PASSWORD: '', DB_DATABASE: 'victim' });
    await expect(passOver(adopted())).rejects.toMatchObject({ code: 'ERR_TABLE_ACCESS' });
    expect([await left('shop'), await left('victim')]).toEqual([1, 1]);
    // The control: whoever is root is let in there.
    const asRoot = await server.connect({ user: 'root', password: '' });
    await asRoot.end();
  });

  test("to another site's database is refused", async () => {
    await fill();
    settings({ DB_DATABASE: 'victim' });
    await expect(passOver(adopted())).rejects.toMatchObject({
      code: expect.stringMatching(/ACCESS|RIGHTS/),
    });
    expect([await left('shop'), await left('victim')]).toEqual([1, 1]);
  });

  test('to a host that never answers is one store that is not up, for a while', async () => {
    const silent = new HostileMysql('silent');
    const { port } = new URL((await silent.address()).replace('mysql:', 'http:'));
    settings({ DB_SOCKET: '', DB_HOST: '127.0.0.1', DB_PORT: port });
    await expect(passOver(adopted())).rejects.toMatchObject({ code: 'ERR_TABLE_NOT_ANSWERING' });
  });

  test('to a link to what only root can read shows nothing of it', async () => {
    const secret = join(tempDir(), 'secret');
    writeFileSync(secret, 'DB_PASSWORD=root-only-words\nSESSION_DRIVER=root-only-words\n', {
      mode: 0o600,
    });
    settings({});
    rmSync(join(application, '.env'));
    symlinkSync(secret, join(application, '.env'));
    const error = await passOver(adopted()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_TABLE_/) });
    expect(JSON.stringify([error, String(error)])).not.toContain('root-only-words');
  });

  test('shows its password in no command line and no environment', async () => {
    await fill();
    settings({});
    const pass = passOver(adopted());
    const seen: string[] = [];
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
    };
    pass.then(end, end);
    while (!hasEnded) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        for (const file of ['cmdline', 'environ']) {
          try {
            const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
            if (text.includes('shop secret')) seen.push(`${pid}/${file}`);
          } catch {
            // it has ended
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await pass;
    expect(seen).toEqual([]);
  });
});
