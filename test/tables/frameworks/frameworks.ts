/**
 * Frameworks' own session tables: how each creates its table, what its collector says, and rows around the
 * moments at which it decides.
 *
 * Invariant: CREATE TABLE is the framework's own, of the file that is named; a statement too. Only what no
 * collector looks at (data, addresses) is left out or short.
 */
import type { Family } from '../../../lib/tables/profile.js';

/** What a row holds; a moment is written as each column's type wants it. */
export type Cell = number | string | null | { readonly seconds: number };

export interface Framework {
  readonly profile: string;
  readonly table: string;
  /** Creates it, with what else the statements need. */
  readonly create: Readonly<Partial<Record<Family, string>>>;
  /** Of its package in test/tables/frameworks/gc.php, or by the statements of its source. */
  readonly own:
    | { readonly kind: 'php'; readonly lifetime?: number }
    | {
        readonly kind: 'statements';
        readonly from: string;
        readonly of: (now: number, lifetime: number, family: Family) => readonly string[];
      };
  readonly row: (edges: Edges, id: string, index: number) => Readonly<Record<string, Cell>>;
}

/** Moments around those at which somebody decides. */
export interface Edges {
  readonly now: number;
  readonly lifetime: number;
  /** Around a moment: at it, a second beside it, some more, far away. */
  around(moment: number): number;
  oneOf<T>(...values: readonly T[]): T;
}

const everywhere = (sql: string) => ({
  mysql: `${sql} ENGINE=InnoDB`,
  postgresql: sql,
  sqlite: sql,
});

/** `column < now - lifetime`, or what stands in its place. */
function statements(from: string, ...of: readonly ((now: number, lifetime: number) => string)[]) {
  return {
    kind: 'statements' as const,
    from,
    of: (now: number, lifetime: number) => of.map((each) => each(now, lifetime)),
  };
}

const lastWrite = ({ now, lifetime, around }: Edges) => around(now - lifetime);

export const frameworks: readonly Framework[] = [
  {
    profile: 'symfony',
    table: 'sessions',
    // PdoSessionHandler.php 5.4, createTable().
    create: {
      mysql:
        'CREATE TABLE sessions (sess_id VARBINARY(128) NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, sess_lifetime INTEGER UNSIGNED NOT NULL, sess_time INTEGER UNSIGNED NOT NULL) COLLATE utf8mb4_bin, ENGINE = InnoDB; CREATE INDEX EXPIRY ON sessions (sess_lifetime)',
      postgresql:
        'CREATE TABLE sessions (sess_id VARCHAR(128) NOT NULL PRIMARY KEY, sess_data BYTEA NOT NULL, sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL); CREATE INDEX EXPIRY ON sessions (sess_lifetime)',
      sqlite:
        'CREATE TABLE sessions (sess_id TEXT NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL, sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL); CREATE INDEX EXPIRY ON sessions (sess_lifetime)',
    },
    own: { kind: 'php' },
    row: ({ now, around, oneOf }, id) => {
      const own = oneOf(0, 60, 1440, 86_400);
      return oneOf<Record<string, Cell>>(
        { sess_id: id, sess_data: '', sess_lifetime: around(now), sess_time: now - 1440 },
        // As Symfony wrote them before 4.4.
        { sess_id: id, sess_data: '', sess_lifetime: own, sess_time: around(now - own) },
      );
    },
  },
  {
    profile: 'laravel',
    table: 'sessions',
    // laravel/framework Console/stubs/database.stub.
    create: {
      mysql:
        'CREATE TABLE sessions (id varchar(255) NOT NULL PRIMARY KEY, user_id bigint unsigned NULL, ip_address varchar(45) NULL, user_agent text NULL, payload longtext NOT NULL, last_activity int NOT NULL, KEY sessions_user_id_index (user_id), KEY sessions_last_activity_index (last_activity)) DEFAULT CHARSET=utf8mb4 ENGINE=InnoDB',
      postgresql:
        'CREATE TABLE sessions (id varchar(255) NOT NULL PRIMARY KEY, user_id bigint NULL, ip_address varchar(45) NULL, user_agent text NULL, payload text NOT NULL, last_activity integer NOT NULL); CREATE INDEX sessions_last_activity_index ON sessions (last_activity)',
      sqlite:
        'CREATE TABLE sessions (id varchar not null primary key, user_id integer, ip_address varchar, user_agent text, payload text not null, last_activity integer not null); CREATE INDEX sessions_last_activity_index ON sessions (last_activity)',
    },
    own: { kind: 'php' },
    // Not empty: its reader answers with nothing for a session that it refuses.
    row: (edges, id) => ({ id, payload: 'eA==', last_activity: lastWrite(edges) }),
  },
  {
    profile: 'roundcube',
    table: 'session',
    // roundcube 1.6.5 SQL/*.initial.sql.
    create: {
      mysql:
        "CREATE TABLE `session` (sess_id varchar(128) NOT NULL, changed datetime NOT NULL DEFAULT '1000-01-01 00:00:00', ip varchar(40) NOT NULL, vars mediumtext NOT NULL, PRIMARY KEY(sess_id), INDEX changed_index (changed)) ROW_FORMAT=DYNAMIC ENGINE=INNODB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
      postgresql:
        "CREATE TABLE session (sess_id varchar(128) DEFAULT '' PRIMARY KEY, changed timestamp with time zone DEFAULT now() NOT NULL, ip varchar(41) NOT NULL, vars text NOT NULL); CREATE INDEX session_changed_idx ON session (changed)",
      sqlite:
        "CREATE TABLE session (sess_id varchar(128) NOT NULL PRIMARY KEY, changed datetime NOT NULL default '0000-00-00 00:00:00', ip varchar(40) NOT NULL default '', vars text NOT NULL); CREATE INDEX ix_session_changed ON session (changed)",
    },
    own: { kind: 'php' },
    row: (edges, id) => ({ sess_id: id, ip: '', vars: '', changed: { seconds: lastWrite(edges) } }),
  },
  {
    profile: 'tt-rss',
    table: 'ttrss_sessions',
    // tt-rss schema/ttrss_schema_*.sql.
    create: {
      mysql:
        'create table ttrss_sessions (id varchar(250) not null primary key, data text, expire integer not null, index (expire)) ENGINE=InnoDB DEFAULT CHARSET=UTF8',
      postgresql:
        'create table ttrss_sessions (id varchar(250) not null primary key, data text, expire integer not null); create index ttrss_sessions_expire_index on ttrss_sessions(expire)',
    },
    own: { kind: 'php' },
    row: ({ now, around }, id) => ({ id, expire: around(now) }),
  },
  {
    profile: 'adodb',
    table: 'sessions2',
    // ADOdb session/adodb-sess.txt.
    create: {
      mysql:
        'CREATE TABLE sessions2 (sesskey VARCHAR(64) NOT NULL, expiry DATETIME NOT NULL, expireref VARCHAR(250), created DATETIME NOT NULL, modified DATETIME NOT NULL, sessdata LONGTEXT, PRIMARY KEY (sesskey)) ENGINE=InnoDB',
      postgresql:
        'CREATE TABLE sessions2 (sesskey VARCHAR(64) NOT NULL, expiry TIMESTAMP NOT NULL, expireref VARCHAR(250), created TIMESTAMP NOT NULL, modified TIMESTAMP NOT NULL, sessdata TEXT, PRIMARY KEY (sesskey))',
    },
    own: { kind: 'php' },
    row: (edges, id) => ({
      sesskey: id,
      expiry: { seconds: lastWrite(edges) },
      created: { seconds: edges.now },
      modified: { seconds: edges.now },
    }),
  },
  {
    profile: 'adodb1',
    table: 'sessions',
    create: everywhere(
      "CREATE TABLE sessions (sesskey CHAR(32) NOT NULL DEFAULT '', expiry INT NOT NULL DEFAULT 0, expireref VARCHAR(64) DEFAULT '', data TEXT, PRIMARY KEY (sesskey))",
    ),
    own: statements(
      'ADOdb 5.21.4 session/adodb-session.php:864',
      (now) => `DELETE FROM sessions WHERE expiry < ${now}`,
    ),
    row: ({ now, around }, id) => ({ sesskey: id, expiry: around(now) }),
  },
  {
    profile: 'codeigniter3',
    table: 'ci_sessions',
    // CodeIgniter 3 user_guide libraries/sessions.
    create: {
      mysql:
        'CREATE TABLE ci_sessions (id varchar(128) NOT NULL, ip_address varchar(45) NOT NULL, timestamp int(10) unsigned DEFAULT 0 NOT NULL, data blob NOT NULL, KEY ci_sessions_timestamp (timestamp), PRIMARY KEY (id)) ENGINE=InnoDB',
      postgresql:
        'CREATE TABLE "ci_sessions" ("id" varchar(128) NOT NULL PRIMARY KEY, "ip_address" varchar(45) NOT NULL, "timestamp" bigint DEFAULT 0 NOT NULL, "data" text DEFAULT \'\' NOT NULL); CREATE INDEX "ci_sessions_timestamp" ON "ci_sessions" ("timestamp")',
    },
    own: statements(
      'CodeIgniter 3.2 Session_database_driver.php:340',
      (now, lifetime) => `DELETE FROM ci_sessions WHERE timestamp < ${now - lifetime}`,
    ),
    row: (edges, id) => ({ id, ip_address: '10.0.0.1', data: '', timestamp: lastWrite(edges) }),
  },
  {
    profile: 'codeigniter4',
    table: 'ci_sessions',
    // CodeIgniter 4.7 Commands/Generators/Views/migration.tpl.php.
    create: {
      mysql:
        'CREATE TABLE ci_sessions (id VARCHAR(128) NOT NULL, ip_address VARCHAR(45) NOT NULL, `timestamp` timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL, data BLOB NOT NULL, PRIMARY KEY (id), KEY (`timestamp`)) ENGINE=InnoDB',
      postgresql:
        "CREATE TABLE ci_sessions (id VARCHAR(128) NOT NULL PRIMARY KEY, ip_address inet NOT NULL, timestamp timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL, data bytea DEFAULT '' NOT NULL); CREATE INDEX ON ci_sessions (timestamp)",
    },
    own: {
      kind: 'statements',
      from: 'CodeIgniter 4.7.2 DatabaseHandler.php:281, PostgreHandler.php:67',
      of: (_now, lifetime, family) => [
        family === 'mysql'
          ? `DELETE FROM ci_sessions WHERE timestamp < now() - INTERVAL ${lifetime} second`
          : `DELETE FROM ci_sessions WHERE "timestamp" < now() - INTERVAL '${lifetime} second'`,
      ],
    },
    row: (edges, id) => ({
      id: `ci_session:${id}`,
      ip_address: '10.0.0.1',
      data: '',
      timestamp: { seconds: lastWrite(edges) },
    }),
  },
  {
    profile: 'drupal',
    table: 'sessions',
    // drupal/core 11.4 SessionHandler.php, schemaDefinition().
    create: {
      mysql:
        "CREATE TABLE sessions (uid INT unsigned NOT NULL, sid VARCHAR(128) CHARACTER SET ascii NOT NULL, hostname VARCHAR(128) CHARACTER SET ascii NOT NULL DEFAULT '', `timestamp` BIGINT NOT NULL DEFAULT 0, session LONGBLOB NULL, PRIMARY KEY (sid), INDEX `timestamp` (`timestamp`), INDEX uid (uid)) ENGINE=InnoDB",
      postgresql:
        'CREATE TABLE sessions (uid bigint NOT NULL CHECK (uid >= 0), sid varchar(128) NOT NULL, hostname varchar(128) NOT NULL default \'\', "timestamp" bigint NOT NULL default 0, session bytea NULL, CONSTRAINT sessions____pkey PRIMARY KEY (sid)); CREATE INDEX sessions__timestamp__idx ON sessions ("timestamp")',
      sqlite:
        'CREATE TABLE sessions (uid INTEGER NOT NULL CHECK (uid>= 0), sid VARCHAR(128) NOT NULL, hostname VARCHAR(128) NOT NULL DEFAULT \'\', "timestamp" INTEGER NOT NULL DEFAULT 0, session BLOB NULL DEFAULT NULL, PRIMARY KEY (sid)); CREATE INDEX sessions_timestamp ON sessions ("timestamp")',
    },
    own: statements(
      'drupal/core 11.4.5 SessionHandler.php:141',
      (now, lifetime) => `DELETE FROM sessions WHERE timestamp < ${now - lifetime}`,
    ),
    row: (edges, id) => ({ uid: edges.oneOf(0, 1, 42), sid: id, timestamp: lastWrite(edges) }),
  },
  {
    profile: 'drupal7',
    table: 'sessions',
    create: {
      mysql:
        "CREATE TABLE sessions (uid INT unsigned NOT NULL, sid VARCHAR(128) NOT NULL, ssid VARCHAR(128) NOT NULL DEFAULT '', hostname VARCHAR(128) NOT NULL DEFAULT '', `timestamp` INT NOT NULL DEFAULT 0, cache INT NOT NULL DEFAULT 0, session LONGBLOB NULL, PRIMARY KEY (sid, ssid), INDEX `timestamp` (`timestamp`), INDEX uid (uid), INDEX ssid (ssid)) ENGINE=InnoDB",
      postgresql:
        'CREATE TABLE sessions (uid bigint NOT NULL, sid varchar(128) NOT NULL, ssid varchar(128) NOT NULL default \'\', hostname varchar(128) NOT NULL default \'\', "timestamp" int NOT NULL default 0, cache int NOT NULL default 0, session bytea NULL, PRIMARY KEY (sid, ssid)); CREATE INDEX sessions_timestamp_idx ON sessions ("timestamp")',
    },
    own: statements(
      'drupal 7 includes/session.inc, _drupal_session_gc()',
      (now, lifetime) => `DELETE FROM sessions WHERE timestamp < ${now - lifetime}`,
    ),
    row: (edges, id, index) => ({
      uid: edges.oneOf(0, 1, 42),
      sid: index % 2 === 0 ? id : `shared${index % 7}`,
      ssid: index % 2 === 0 ? '' : id,
      timestamp: lastWrite(edges),
    }),
  },
  {
    profile: 'magento',
    table: 'session',
    // magento2 app/code/Magento/Backend/etc/db_schema.xml.
    create: {
      mysql:
        "CREATE TABLE session (session_id varchar(255) NOT NULL COMMENT 'Session Id', session_expires int unsigned NOT NULL DEFAULT 0, session_data mediumblob NOT NULL, PRIMARY KEY (session_id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3",
    },
    own: statements(
      'magento2 2.4 Session/SaveHandler/DbTable.php, gc()',
      (now, lifetime) => `DELETE FROM session WHERE (session_expires < ${now - lifetime})`,
    ),
    row: (edges, id) => ({ session_id: id, session_data: '', session_expires: lastWrite(edges) }),
  },
  {
    profile: 'joomla',
    table: 'session',
    create: {
      mysql:
        "CREATE TABLE `session` (session_id varbinary(192) NOT NULL, client_id tinyint unsigned DEFAULT NULL, guest tinyint unsigned DEFAULT 1, `time` int NOT NULL DEFAULT 0, data mediumtext, userid int DEFAULT 0, username varchar(150) DEFAULT '', PRIMARY KEY (session_id), KEY userid (userid), KEY `time` (`time`), KEY client_id_guest (client_id, guest)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci",
      postgresql:
        'CREATE TABLE "session" ("session_id" bytea NOT NULL, "client_id" smallint DEFAULT NULL, "guest" smallint DEFAULT 1, "time" integer DEFAULT 0 NOT NULL, "data" text, "userid" bigint DEFAULT 0, "username" varchar(150) DEFAULT \'\', PRIMARY KEY ("session_id")); CREATE INDEX "session_time" ON "session" ("time")',
    },
    own: {
      kind: 'statements',
      from: 'joomla-framework/session 3.0.0 DatabaseHandler.php:76',
      of: (now, lifetime, family) => [
        family === 'mysql'
          ? `DELETE FROM \`session\` WHERE \`time\` < ${now - lifetime}`
          : `DELETE FROM "session" WHERE "time" < ${now - lifetime}`,
      ],
    },
    row: (edges, id) => ({ session_id: id, guest: edges.oneOf(0, 1), time: lastWrite(edges) }),
  },
  {
    profile: 'joomla',
    table: 'session',
    // Joomla 3 installation/sql/mysql/joomla.sql: the time is text there.
    create: {
      mysql:
        "CREATE TABLE `session` (session_id varchar(191) NOT NULL DEFAULT '', client_id tinyint(3) unsigned DEFAULT NULL, guest tinyint(4) unsigned DEFAULT '1', `time` varchar(14) DEFAULT '', data mediumtext, userid int(11) DEFAULT '0', username varchar(150) DEFAULT '', PRIMARY KEY (session_id), KEY userid (userid), KEY `time` (`time`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    },
    own: statements(
      'joomla-cms 3 JSessionStorageDatabase::gc()',
      (now, lifetime) => `DELETE FROM \`session\` WHERE \`time\` < '${now - lifetime}'`,
    ),
    row: (edges, id) => ({ session_id: id, time: String(lastWrite(edges)) }),
  },
  ...typo3(),
  {
    profile: 'yii',
    table: 'session',
    // yii2 web/migrations/schema-*.sql.
    create: {
      mysql:
        'create table `session` (`id` varchar(256) not null, `expire` integer, `data` LONGBLOB, primary key (`id`)) engine InnoDB',
      postgresql:
        'create table "session" ("id" varchar(256) not null, "expire" integer, "data" bytea, primary key ("id"))',
      sqlite:
        'create table "session" ("id" varchar(256) not null, "expire" integer, "data" BLOB, primary key ("id"))',
    },
    own: statements(
      'yii2 2.0.55 DbSession.php:255',
      (now) => `DELETE FROM session WHERE expire<${now}`,
    ),
    row: ({ now, around, oneOf }, id) => ({
      id,
      expire: oneOf<Cell>(null, around(now), around(now), around(now)),
    }),
  },
  {
    profile: 'cakephp',
    table: 'sessions',
    // cakephp/app config/schema/sessions.sql.
    create: {
      mysql:
        'CREATE TABLE `sessions` (id char(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, created datetime DEFAULT CURRENT_TIMESTAMP, modified datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, data blob DEFAULT NULL, expires int(10) unsigned DEFAULT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8',
      postgresql:
        'CREATE TABLE sessions (id char(40) NOT NULL, data bytea DEFAULT NULL, expires integer DEFAULT NULL, PRIMARY KEY (id))',
      sqlite:
        'CREATE TABLE sessions (id char(40) NOT NULL PRIMARY KEY, data blob, expires integer)',
    },
    own: statements(
      'cakephp/http 5.0.6 DatabaseSession.php:188',
      (now) => `DELETE FROM sessions WHERE expires < ${now}`,
    ),
    row: ({ now, around, oneOf }, id) => ({
      id,
      expires: oneOf<Cell>(null, around(now), around(now), around(now)),
    }),
  },
  {
    profile: 'laminas',
    table: 'session',
    // laminas-session 2.21 docs/book/save-handler.md.
    create: everywhere(
      'CREATE TABLE session (id char(32), name char(32), modified int, lifetime int, data text, PRIMARY KEY (id, name))',
    ),
    own: statements(
      'laminas-session 2.21.0 DbTableGateway.php:172, and of those what its reader would refuse (:99)',
      (now, lifetime) =>
        `DELETE FROM session WHERE modified < ${now - lifetime} AND NOT modified + lifetime > ${now}`,
    ),
    row: (edges, id) => {
      const own = edges.oneOf(edges.lifetime, edges.lifetime, 2 * edges.lifetime, 60);
      return {
        id,
        name: edges.oneOf('PHPSESSID', 'shop'),
        modified: edges.around(edges.now - edges.oneOf(own, edges.lifetime)),
        lifetime: own,
      };
    },
  },
  {
    profile: 'woocommerce',
    table: 'wp_woocommerce_sessions',
    // woocommerce includes/class-wc-install.php, get_schema().
    create: {
      mysql:
        'CREATE TABLE wp_woocommerce_sessions (session_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, session_key char(32) NOT NULL, session_value longtext NOT NULL, session_expiry bigint(20) unsigned NOT NULL, PRIMARY KEY (session_id), UNIQUE KEY session_key (session_key)) DEFAULT CHARSET=utf8mb4 ENGINE=InnoDB',
    },
    own: statements(
      'woocommerce 9 class-wc-session-handler.php, cleanup_sessions()',
      (now) => `DELETE FROM wp_woocommerce_sessions WHERE session_expiry < ${now}`,
    ),
    row: ({ now, around }, id, index) => ({
      session_id: index + 1,
      session_key: id,
      session_value: '',
      session_expiry: around(now),
    }),
  },
  {
    profile: 'zabbix',
    table: 'sessions',
    // zabbix-frontend-php 6.0.14 include/schema.inc.php, database/mysql/schema.sql.
    create: {
      mysql:
        "CREATE TABLE `sessions` (sessionid varchar(32) DEFAULT '' NOT NULL, userid bigint unsigned NOT NULL, lastaccess integer DEFAULT '0' NOT NULL, status integer DEFAULT '0' NOT NULL, PRIMARY KEY (sessionid)) ENGINE=InnoDB; CREATE INDEX sessions_1 ON sessions (userid,status,lastaccess)",
      postgresql:
        "CREATE TABLE sessions (sessionid varchar(32) DEFAULT '' NOT NULL, userid bigint NOT NULL, lastaccess integer DEFAULT '0' NOT NULL, status integer DEFAULT '0' NOT NULL, PRIMARY KEY (sessionid))",
    },
    own: statements(
      'zabbix 6.0 housekeeper.c, housekeeping_sessions()',
      (now, lifetime) => `delete from sessions where lastaccess<${now - lifetime}`,
    ),
    row: (edges, id) => ({
      sessionid: id,
      userid: edges.oneOf(1, 2),
      status: edges.oneOf(0, 1),
      lastaccess: lastWrite(edges),
    }),
  },
  moodle(),
  {
    profile: 'zebra',
    table: 'session_data',
    // zebra_session 4.2.1 install/session_data.sql.
    create: {
      mysql:
        "CREATE TABLE `session_data` (session_id varchar(32) NOT NULL default '', hash varchar(32) NOT NULL default '', session_data mediumblob NOT NULL, session_expire int(11) NOT NULL default '0', PRIMARY KEY (session_id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci",
    },
    own: statements(
      'zebra_session 4.2.1 Zebra_Session.php:432',
      (now) => `DELETE FROM session_data WHERE session_expire < ${now}`,
    ),
    row: ({ now, around }, id) => ({
      session_id: id,
      session_data: '',
      session_expire: around(now),
    }),
  },
];

/** Two tables, of which one has users and visitors in it, each with a lifetime of their own. */
function typo3(): Framework[] {
  // TYPO3-CMS/core 14.3 ext_tables.sql; frontend's alike.
  const create = (table: string) => ({
    mysql: `CREATE TABLE ${table} (ses_id varchar(190) DEFAULT '' NOT NULL, ses_iplock varchar(39) DEFAULT '' NOT NULL, ses_userid int(11) unsigned DEFAULT '0' NOT NULL, ses_tstamp int(11) unsigned DEFAULT '0' NOT NULL, ses_data longblob, PRIMARY KEY (ses_id), KEY ses_tstamp (ses_tstamp)) ENGINE=InnoDB`,
    postgresql: `CREATE TABLE ${table} (ses_id varchar(190) DEFAULT '' NOT NULL PRIMARY KEY, ses_iplock varchar(39) DEFAULT '' NOT NULL, ses_userid int DEFAULT 0 NOT NULL, ses_tstamp int DEFAULT 0 NOT NULL, ses_data bytea); CREATE INDEX ON ${table} (ses_tstamp)`,
    sqlite: `CREATE TABLE ${table} (ses_id varchar(190) DEFAULT '' NOT NULL PRIMARY KEY, ses_iplock varchar(39) DEFAULT '' NOT NULL, ses_userid integer DEFAULT 0 NOT NULL, ses_tstamp integer DEFAULT 0 NOT NULL, ses_data blob); CREATE INDEX ${table}_t ON ${table} (ses_tstamp)`,
  });
  const row: Framework['row'] = (edges, id) => ({
    ses_id: id,
    ses_userid: edges.oneOf(0, 0, 1, 7),
    ses_tstamp: lastWrite(edges),
  });
  const from = 'TYPO3-CMS/core 14.3.6 DatabaseSessionBackend.php:198-206';
  const expired = (now: number, lifetime: number) => `ses_tstamp < ${now - lifetime}`;
  return [
    {
      profile: 'typo3-backend',
      table: 'be_sessions',
      create: create('be_sessions'),
      own: statements(from, (...at) => `DELETE FROM be_sessions WHERE ${expired(...at)} AND 1 = 1`),
      row,
    },
    {
      profile: 'typo3-frontend',
      table: 'fe_sessions',
      create: create('fe_sessions'),
      own: statements(
        from,
        (...at) => `DELETE FROM fe_sessions WHERE ${expired(...at)} AND ses_userid <> 0`,
      ),
      row,
    },
    {
      profile: 'typo3-anonymous',
      table: 'fe_sessions',
      create: create('fe_sessions'),
      own: statements(
        from,
        (...at) => `DELETE FROM fe_sessions WHERE ${expired(...at)} AND ses_userid = 0`,
      ),
      row,
    },
  ];
}

/** Of its rules those for a time that has passed; the guest is user 3, to tell it from its usual 1. */
function moodle(): Framework {
  const siblings =
    "CREATE TABLE mdl_config (id bigint PRIMARY KEY, name varchar(255) NOT NULL, value text NOT NULL); INSERT INTO mdl_config VALUES (1, 'siteguest', '3'); CREATE TABLE mdl_user (id bigint PRIMARY KEY); INSERT INTO mdl_user VALUES (1), (2), (3)";
  // moodle lib/db/install.xml.
  const columns =
    "state bigint NOT NULL DEFAULT 0, sid varchar(128) NOT NULL DEFAULT '', userid bigint NOT NULL, sessdata text, timecreated bigint NOT NULL, timemodified bigint NOT NULL";
  return {
    profile: 'moodle',
    table: 'mdl_sessions',
    create: {
      mysql: `CREATE TABLE mdl_sessions (id BIGINT(10) NOT NULL auto_increment PRIMARY KEY, ${columns}, UNIQUE KEY mdl_sess_sid_uix (sid), KEY mdl_sess_timmod (timemodified)) ENGINE=InnoDB; ${siblings}`,
      postgresql: `CREATE TABLE mdl_sessions (id BIGSERIAL PRIMARY KEY, ${columns}); CREATE INDEX mdl_sess_timmod ON mdl_sessions (timemodified); ${siblings}`,
    },
    own: statements(
      'moodle 4.3 lib/classes/session/manager.php, gc()',
      (now, lifetime) =>
        `DELETE FROM mdl_sessions WHERE userid IN (SELECT u.id FROM mdl_user u WHERE u.id <> 3) AND timemodified < ${now - lifetime}`,
      (now, lifetime) =>
        `DELETE FROM mdl_sessions WHERE userid = 3 AND timemodified < ${now - lifetime * 5}`,
      (now, lifetime) =>
        `DELETE FROM mdl_sessions WHERE userid = 0 AND timemodified < ${now - lifetime}`,
    ),
    row: (edges, id, index) => {
      const userid = edges.oneOf(0, 1, 2, 3);
      return {
        id: index + 1,
        sid: id,
        userid,
        timecreated: edges.now - 10 * edges.lifetime,
        timemodified: edges.around(edges.now - edges.oneOf(1, 5) * edges.lifetime),
      };
    },
  };
}
