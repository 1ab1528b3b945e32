/**
 * From a login to a database that can be asked.
 *
 * Invariant: a driver is loaded here and nowhere else, by the family of the address.
 */
import type { Access } from './access/access.js';
import { MysqlAccess } from './access/mysql.js';
import { PostgresqlAccess } from './access/postgresql.js';
import { SqliteAccess, type SqliteDriver } from './access/sqlite.js';
import { loadDriver } from './drivers/load.js';
import { type Mysql2, MysqlConnection } from './drivers/mysql-connection.js';
import { type Pg, PostgresqlConnection } from './drivers/postgresql-connection.js';
import type { AdvisoryRule } from './profile.js';
import type { Login } from './settings.js';

/** @throws TableError */
export async function openAccess(login: Login, advisory: AdvisoryRule | null): Promise<Access> {
  switch (login.address.family) {
    case 'mysql': {
      const driver = loadDriver('mysql2') as Mysql2;
      return new MysqlAccess(await MysqlConnection.open(driver, login), advisory);
    }
    case 'postgresql': {
      const driver = loadDriver('pg') as Pg;
      return new PostgresqlAccess(await PostgresqlConnection.open(driver, login), advisory);
    }
    case 'sqlite':
      return new SqliteAccess(
        loadDriver('better-sqlite3') as SqliteDriver,
        login.address.database,
        login.file,
      );
  }
}
