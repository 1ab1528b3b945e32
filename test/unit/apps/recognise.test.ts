// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is how .env names others.
/**
 * Applications by their own files: what each says of its sessions, and from which line.
 */
import { describe, expect, test } from 'vitest';
import type { Application } from '../../../lib/apps/application.js';
import {
  applicationAt,
  applicationOfSessions,
  applicationsAt,
} from '../../../lib/apps/recognise.js';
import { describeSource } from '../../../lib/php/provenance.js';
import { type Files, treeOf } from '../php/trees.js';

function recognised(files: Files, directory = '/srv/shop'): Application {
  const found = applicationAt(directory, treeOf(files));
  if (found === null) expect.fail('no application');
  return found;
}

function lifetime({ lifetime: found }: Application): string | null {
  return found === null ? null : `${found.value} ${describeSource(found.source)}`;
}

/** The store, with its secret where the test wants to see it. */
function store({ store: found }: Application): unknown {
  if (found?.value.kind !== 'table') return found?.value ?? null;
  const { profile, table, columns, connection } = found.value.table;
  if (connection === null) return { profile, table, connection };
  const { family, host, port, socket, user, database, password } = connection;
  return {
    profile,
    table,
    columns,
    family,
    host,
    port,
    socket,
    user,
    database,
    password: password?.reveal() ?? null,
  };
}

const laravelFiles = {
  'srv/shop/artisan': '#!/usr/bin/env php\n',
  'srv/shop/bootstrap/app.php': '<?php\n',
};
const sessionConfig = `<?php

use Illuminate\\Support\\Str;

return [
    'driver' => env('SESSION_DRIVER', 'file'),
    'lifetime' => (int) env('SESSION_LIFETIME', 120),
    'expire_on_close' => false,
    'files' => storage_path('framework/sessions'),
    'connection' => env('SESSION_CONNECTION'),
    'table' => 'sessions',
    'cookie' => env('SESSION_COOKIE', Str::slug(env('APP_NAME', 'laravel'), '_').'_session'),
];
`;
const databaseConfig = `<?php
return [
    'default' => env('DB_CONNECTION', 'mysql'),
    'connections' => [
        'mysql' => [
            'driver' => 'mysql',
            'url' => env('DATABASE_URL'),
            'host' => env('DB_HOST', '127.0.0.1'),
            'port' => env('DB_PORT', '3306'),
            'database' => env('DB_DATABASE', 'forge'),
            'username' => env('DB_USERNAME', 'forge'),
            'password' => env('DB_PASSWORD', ''),
            'unix_socket' => env('DB_SOCKET', ''),
            'prefix' => 'shop_',
            'options' => extension_loaded('pdo_mysql') ? array_filter([
                PDO::MYSQL_ATTR_SSL_CA => env('MYSQL_ATTR_SSL_CA'),
            ]) : [],
        ],
        'sqlite' => ['driver' => 'sqlite', 'database' => env('DB_DATABASE', database_path('database.sqlite')), 'prefix' => ''],
    ],
];
`;

describe('Laravel', () => {
  test('says its lifetime in .env, in the line that sets it', () => {
    const found = recognised({
      ...laravelFiles,
      'srv/shop/.env': 'APP_NAME=Shop\nSESSION_DRIVER=file\nSESSION_LIFETIME=600 # ten hours\n',
      'srv/shop/config/session.php': sessionConfig,
    });
    expect(found).toMatchObject({ framework: 'laravel', evidence: '/srv/shop/artisan' });
    expect(lifetime(found)).toBe('36000 /srv/shop/.env:3');
    expect(store(found)).toEqual({
      kind: 'files',
      directory: '/srv/shop/storage/framework/sessions',
    });
  });

  test('says it in config/session.php where .env does not', () => {
    const files = {
      ...laravelFiles,
      'srv/shop/config/session.php': sessionConfig,
      'srv/shop/.env': '',
    };
    expect(lifetime(recognised(files))).toBe('7200 /srv/shop/config/session.php:7');
    const fixed = sessionConfig.replace("(int) env('SESSION_LIFETIME', 120)", '60 * 24 * 7');
    expect(
      lifetime(
        recognised({
          ...files,
          'srv/shop/config/session.php': fixed,
          'srv/shop/.env': 'SESSION_LIFETIME=1',
        }),
      ),
    ).toBe('604800 /srv/shop/config/session.php:7');
  });

  test('goes by its cached configuration, which goes before .env', () => {
    const found = recognised({
      ...laravelFiles,
      'srv/shop/.env': 'SESSION_LIFETIME=5\n',
      'srv/shop/config/session.php': sessionConfig,
      'srv/shop/bootstrap/cache/config.php':
        "<?php return array (\n  'session' => \n  array (\n    'driver' => 'file',\n    'lifetime' => '240',\n  ),\n);\n",
    });
    expect(lifetime(found)).toBe('14400 /srv/shop/bootstrap/cache/config.php:5');
  });

  test('says nothing where the lifetime is computed, and says so', () => {
    const files = {
      ...laravelFiles,
      'srv/shop/config/session.php': sessionConfig.replace(
        "(int) env('SESSION_LIFETIME', 120)",
        'my_lifetime()',
      ),
    };
    const found = recognised(files);
    expect(found.lifetime).toBeNull();
    expect(
      found.doubts.map(({ source, reason }) => `${describeSource(source)}: ${reason}`),
    ).toContain('/srv/shop/config/session.php:7: the lifetime is not a whole number of minutes');
  });

  test('keeps sessions in a table of the database that .env names', () => {
    const files = {
      ...laravelFiles,
      'srv/shop/.env':
        'SESSION_DRIVER=database\nDB_DATABASE=shop\nDB_USERNAME=sho\nDB_PASSWORD="it\'s \\"#1\\" \\$x"\nDB_HOST=db.internal\n',
      'srv/shop/config/session.php': sessionConfig,
      'srv/shop/config/database.php': databaseConfig,
    };
    const found = recognised(files);
    expect(store(found)).toEqual({
      profile: 'laravel',
      table: 'shop_sessions',
      columns: {},
      family: 'mysql',
      host: 'db.internal',
      port: 3306,
      socket: null,
      user: 'sho',
      database: 'shop',
      password: 'it\'s "#1" $x',
    });
    expect(JSON.stringify(found)).not.toContain('#1');
  });

  test('may name its database by a URL, of SQLite by a path', () => {
    const files = {
      ...laravelFiles,
      'srv/shop/config/session.php': sessionConfig,
      'srv/shop/config/database.php': databaseConfig,
    };
    const byUrl = recognised({
      ...files,
      'srv/shop/.env':
        'SESSION_DRIVER=database\nDB_PASSWORD=other\nDATABASE_URL=mysql://u%40x:p%23w@h:3307/app?charset=utf8\n',
    });
    expect(store(byUrl)).toMatchObject({
      host: 'h',
      port: 3307,
      user: 'u@x',
      password: 'p#w',
      database: 'app',
    });
    const sqlite = recognised({
      ...files,
      'srv/shop/.env': 'SESSION_DRIVER=database\nDB_CONNECTION=sqlite\n',
    });
    expect(store(sqlite)).toMatchObject({
      family: 'sqlite',
      database: '/srv/shop/database/database.sqlite',
    });
  });

  test('is not known by a .env alone', () => {
    expect(
      applicationAt('/srv/shop', treeOf({ 'srv/shop/.env': 'SESSION_LIFETIME=5' })),
    ).toBeNull();
  });
});

describe('Symfony', () => {
  const files = {
    'srv/shop/bin/console': '#!/usr/bin/env php\n',
    'srv/shop/config/bundles.php': '<?php return [];\n',
    'srv/shop/.env':
      'APP_ENV=prod\nDATABASE_URL="postgresql://app:!ChangeMe!@127.0.0.1:5432/app?serverVersion=16&charset=utf8"\n',
  };

  test('says what its YAML says, of the environment in use', () => {
    const found = recognised({
      ...files,
      'srv/shop/config/packages/framework.yaml':
        "framework:\n    secret: '%env(APP_SECRET)%'\n    session:\n        handler_id: null\n        gc_maxlifetime: 1440 # seconds\n        save_path: '%kernel.project_dir%/var/sessions/%kernel.environment%'\n\nwhen@prod:\n    framework:\n        session:\n            gc_maxlifetime: 7200\n",
    });
    expect(lifetime(found)).toBe('7200 /srv/shop/config/packages/framework.yaml:11');
    expect(store(found)).toEqual({ kind: 'files', directory: '/srv/shop/var/sessions/prod' });
  });

  test('keeps sessions in a table where the handler is PdoSessionHandler', () => {
    const handler =
      'Symfony\\Component\\HttpFoundation\\Session\\Storage\\Handler\\PdoSessionHandler';
    const found = recognised({
      ...files,
      'srv/shop/.env.local': "DATABASE_URL='mysql://shop:se%23cret@localhost/shop'\n",
      'srv/shop/config/packages/framework.yaml': `framework:\n    session:\n        handler_id: ${handler}\n`,
      'srv/shop/config/services.yaml': `services:\n    _defaults: { autowire: true, autoconfigure: true }\n\n    ${handler}:\n        arguments:\n            - '%env(DATABASE_URL)%'\n            - { db_table: 'web_session', db_lifetime_col: expires }\n`,
    });
    expect(store(found)).toEqual({
      profile: 'symfony',
      table: 'web_session',
      columns: { expiry: 'expires' },
      family: 'mysql',
      host: 'localhost',
      port: null,
      socket: null,
      user: 'shop',
      database: 'shop',
      password: 'se#cret',
    });
  });

  test('keeps them in a table where the handler is a database’s address', () => {
    const found = recognised({
      ...files,
      'srv/shop/config/packages/framework.yaml':
        "framework:\n  session:\n    handler_id: '%env(DATABASE_URL)%'\n",
    });
    expect(store(found)).toMatchObject({
      profile: 'symfony',
      table: 'sessions',
      family: 'postgresql',
      user: 'app',
      password: '!ChangeMe!',
    });
  });

  test('says where else they are', () => {
    const found = recognised({
      ...files,
      'srv/shop/config/packages/framework.yaml':
        'framework:\n  session: { handler_id: "redis://localhost:6379" }\n',
    });
    expect(store(found)).toEqual({ kind: 'elsewhere', name: 'redis' });
  });
});

describe('Drupal', () => {
  const core = {
    'srv/web/core/lib/Drupal.php': '<?php\n',
    'srv/web/core/core.services.yml':
      'parameters:\n  session.storage.options:\n    gc_probability: 1\n    gc_divisor: 100\n    gc_maxlifetime: 200000\n  twig.config: {}\n',
  };
  const settings = `<?php
$databases = [];
$settings['hash_salt'] = file_get_contents($app_root . '/salt.txt');
/**
 * $databases['default']['default'] = ['database' => 'no'];
 */
$databases['default']['default'] = array (
  'database' => 'drupal',
  'username' => 'drupal',
  'password' => 'p\\'w',
  'prefix' => 'dr_',
  'host' => 'localhost',
  'port' => '3306',
  'driver' => 'mysql',
);
`;

  test('has its lifetime from the site’s services.yml, else from core’s', () => {
    const files = { ...core, 'srv/web/sites/default/settings.php': settings };
    const found = recognised(files, '/srv/web');
    expect(found.directory).toBe('/srv/web/sites/default');
    expect(lifetime(found)).toBe('200000 /srv/web/core/core.services.yml:5');
    expect(store(found)).toEqual({
      profile: 'drupal',
      table: 'dr_sessions',
      columns: {},
      family: 'mysql',
      host: 'localhost',
      port: 3306,
      socket: null,
      user: 'drupal',
      database: 'drupal',
      password: "p'w",
    });
    const own = recognised(
      {
        ...files,
        'srv/web/sites/default/services.yml':
          'parameters:\n  session.storage.options:\n    gc_maxlifetime: 3600\n',
      },
      '/srv/web',
    );
    expect(lifetime(own)).toBe('3600 /srv/web/sites/default/services.yml:3');
  });

  test('may hold several sites', () => {
    const found = applicationsAt(
      '/srv/web',
      treeOf({
        ...core,
        'srv/web/sites/a.example/settings.php': settings,
        'srv/web/sites/b.example/settings.php': settings,
      }),
    );
    expect(found.map(({ directory }) => directory)).toEqual([
      '/srv/web/sites/a.example',
      '/srv/web/sites/b.example',
    ]);
  });

  test('reads settings.local.php where settings.php runs it, and doubts what else it runs', () => {
    const local = `${settings}if (file_exists($app_root . '/' . $site_path . '/settings.local.php')) {\n  include $app_root . '/' . $site_path . '/settings.local.php';\n}\n`;
    const found = recognised(
      {
        ...core,
        'srv/web/sites/default/settings.php': local,
        'srv/web/sites/default/settings.local.php':
          "<?php\n$databases['default']['default']['password'] = 'local';\n",
      },
      '/srv/web',
    );
    expect(store(found)).toMatchObject({ user: 'drupal', password: 'local' });
    expect(found.doubts).toEqual([]);
    const hosted = recognised(
      {
        ...core,
        'srv/web/sites/default/settings.php': `${settings}require '/var/www/site-php/shop/settings.inc';\n`,
        'var/www/site-php/shop/settings.inc': '<?php',
      },
      '/srv/web',
    );
    expect(hosted.doubts.map(({ reason }) => reason)).toEqual([
      'runs /var/www/site-php/shop/settings.inc, which is not read',
    ]);
  });

  /** Drupal 7, with more code behind its settings, and more files beside them. */
  const seven = (code: string, beside: Readonly<Record<string, string>> = {}) =>
    recognised(
      {
        'srv/web/includes/bootstrap.inc': '<?php',
        'srv/web/misc/drupal.js': '',
        'srv/web/sites/default/settings.php': `${settings}${code}\n`,
        ...Object.fromEntries(
          Object.entries(beside).map(([name, text]) => [`srv/web/sites/default/${name}`, text]),
        ),
      },
      '/srv/web',
    );

  test('is 7 where it is that, with PHP’s own setting', () => {
    const found = seven(
      "ini_set('session.gc_probability', 1);\nini_set('session.gc_maxlifetime', 100000);",
    );
    expect(lifetime(found)).toBe('100000 /srv/web/sites/default/settings.php:17');
    expect(store(found)).toMatchObject({ profile: 'drupal7' });
  });

  test.each([
    "$before = ini_set('session.gc_maxlifetime', 5);",
    "ini_alter('session.gc_maxlifetime', '5' . $b);",
    "if ($a) { ini_set('session.gc_maxlifetime', 5); }",
    "if ($_SERVER['X']) { return; }\nini_set('session.gc_maxlifetime', 5);",
    "function later() { ini_set('session.gc_maxlifetime', 5); }\nlater();",
    "class L { static function later() { ini_restore('session.gc_maxlifetime'); } }",
  ])('7: PHP’s setting is unknown after %s', (code) => {
    const found = seven(`ini_set('session.gc_maxlifetime', 100);\n${code}`);
    expect(found.lifetime).toBeNull();
    expect(found.doubts.map(({ reason }) => reason)).toEqual([
      'session.gc_maxlifetime is not a whole number of seconds',
    ]);
  });

  test.each([
    "$before = ini_set('memory_limit', '1G');",
    "if ($a) ini_set('memory_limit', '1G');",
    "ini_set('error_log', conf_path() . '/php.log');",
    "session_save_path('/srv/sessions');",
    "$x = ['define', 'x'];",
    "function later() { define('LATER', 5); }",
    'function load($class) { include_once $class; }',
    'function set(&$x) { foreach ($x as &$y) { $y = 1; } }',
    '$url = "https://{$request->getHost()}/";',
    'use function Safe\\parse_url;',
  ])('7: PHP’s setting is as known as before after %s', (code) => {
    const found = seven(`ini_set('session.gc_maxlifetime', 100);\n${code}`);
    expect(lifetime(found)).toBe('100 /srv/web/sites/default/settings.php:16');
    expect(store(found)).toMatchObject({ profile: 'drupal7', user: 'drupal' });
  });

  test('7: a file that a function runs is a doubt', () => {
    expect(
      seven("function load() { include 'more.php'; }").doubts.map(({ reason }) => reason),
    ).toEqual(['runs another file, which is not read']);
  });

  test('7: settings.local.php has the last word on PHP’s setting', () => {
    const found = seven(
      "ini_set('session.gc_maxlifetime', 100);\ninclude __DIR__ . '/settings.local.php';",
      { 'settings.local.php': "<?php\nini_set('session.gc_maxlifetime', 3600);\n" },
    );
    expect(lifetime(found)).toBe('3600 /srv/web/sites/default/settings.local.php:2');
  });
});

describe('others', () => {
  test('Magento', () => {
    const files = {
      'srv/shop/bin/magento': '',
      'srv/shop/app/etc/env.php': `<?php
return [
    'backend' => ['frontName' => 'admin'],
    'session' => ['save' => 'db'],
    'db' => ['table_prefix' => 'm2_', 'connection' => ['default' => [
        'host' => 'localhost:3307', 'dbname' => 'shop', 'username' => 'm', 'password' => 'x', 'active' => '1',
    ]]],
];
`,
    };
    const found = recognised(files);
    expect(store(found)).toMatchObject({
      profile: 'magento',
      table: 'm2_session',
      host: 'localhost',
      port: 3307,
    });
    expect(found.lifetime).toBeNull();
    const inFiles = recognised({
      ...files,
      'srv/shop/app/etc/env.php': "<?php return ['session' => ['save' => 'files']];",
    });
    expect(store(inFiles)).toEqual({ kind: 'files', directory: '/srv/shop/var/session' });
  });

  test('Joomla', () => {
    const found = recognised({
      'srv/shop/administrator': null,
      'srv/shop/libraries': null,
      'srv/shop/configuration.php': `<?php
class JConfig {
	public $offline = false;
	public $dbtype = 'mysqli';
	public $host = 'localhost';
	public $user = 'jo';
	public $password = 'a"b';
	public $db = 'joomla';
	public $dbprefix = 'x1_';
	public $lifetime = 15;
	public $session_handler = 'database';
}
`,
    });
    expect(lifetime(found)).toBe('900 /srv/shop/configuration.php:10');
    expect(store(found)).toMatchObject({
      profile: 'joomla',
      table: 'x1_session',
      user: 'jo',
      password: 'a"b',
    });
  });

  test.each([
    [
      'a constructor',
      "function __construct() { $this->lifetime = 300; $this->password = getenv('X'); }",
    ],
    [
      'its method',
      'function __construct() { $this->more(); } function more() { $this->lifetime = 300; }',
    ],
    ['what is not followed', 'function __construct() { extract($_ENV); }'],
  ])('Joomla, whose settings %s changes, has a doubt for its lifetime', (_, code) => {
    const found = recognised({
      'srv/shop/administrator': null,
      'srv/shop/libraries': null,
      'srv/shop/configuration.php': `<?php\nclass JConfig {\n\tpublic $lifetime = 15;\n\tpublic $password = 'x';\n${code}\n}\n`,
    });
    expect(found.lifetime).toBeNull();
    expect(found.doubts.map(({ reason }) => reason)).toContain(
      'lifetime is not a whole number of minutes',
    );
  });

  test('CodeIgniter 3, whose code is not followed, has a doubt', () => {
    const found = recognised({
      'srv/shop/system/core/CodeIgniter.php': '<?php',
      'srv/shop/application/config/config.php':
        "<?php\n$config['sess_driver'] = 'files';\n$config['sess_expiration'] = 7200;\neval($x);\n",
    });
    expect(found.lifetime).toBeNull();
    expect(found.doubts.map(({ reason }) => reason)).toEqual([
      'sets values in ways that are not followed',
    ]);
  });

  test('Moodle', () => {
    const config = `<?php  // Moodle configuration file
unset($CFG);
global $CFG;
$CFG = new stdClass();
$CFG->dbtype    = 'mariadb';
$CFG->dblibrary = 'native';
$CFG->dbhost    = 'localhost';
$CFG->dbname    = 'moodle';
$CFG->dbuser    = 'mo';
$CFG->dbpass    = 'pw';
$CFG->prefix    = 'mdl_';
$CFG->dboptions = array ('dbpersist' => 0, 'dbport' => '', 'dbsocket' => '/run/mysqld/mysqld.sock');
$CFG->session_handler_class = '\\core\\session\\database';
require_once(__DIR__ . '/lib/setup.php');
`;
    const files = {
      'srv/shop/version.php': '<?php',
      'srv/shop/lib/moodlelib.php': '<?php',
      'srv/shop/config.php': config,
    };
    const found = recognised(files);
    expect(store(found)).toMatchObject({
      profile: 'moodle',
      table: 'mdl_sessions',
      socket: '/run/mysqld/mysqld.sock',
      host: null,
      user: 'mo',
    });
    expect(found.lifetime).toBeNull();
    const proxied = recognised({
      ...files,
      'srv/shop/config.php': config.replace(
        'require_once',
        "if (!empty($_SERVER['HTTP_X_FORWARDED_PROTO'])) { $CFG->sslproxy = true; }\nrequire_once",
      ),
    });
    expect(store(proxied)).toEqual(store(found));
    const set = recognised({
      ...files,
      'srv/shop/config.php': config.replace(
        'require_once',
        '$CFG->sessiontimeout = 8 * 3600;\nrequire_once',
      ),
    });
    expect(lifetime(set)).toBe('28800 /srv/shop/config.php:14');
  });

  test('Roundcube', () => {
    const found = recognised({
      'srv/shop/program/lib/Roundcube/bootstrap.php': '<?php',
      'srv/shop/config/config.inc.php':
        "<?php\n$config = [];\n$config['db_dsnw'] = 'pgsql://rc:p%40ss@unix(/run/postgresql)/mail';\n$config['db_dsnw'] = 'pgsql://rc:p%40ss@localhost/mail';\n",
      'srv/shop/config/defaults.inc.php':
        "<?php\n$config = [];\n$config['session_lifetime'] = 10;\n$config['session_storage'] = 'db';\n$config['db_prefix'] = '';\n",
    });
    expect(lifetime(found)).toBe('1200 /srv/shop/config/defaults.inc.php:3');
    expect(store(found)).toMatchObject({
      profile: 'roundcube',
      table: 'session',
      family: 'postgresql',
      user: 'rc',
      password: 'p@ss',
    });
  });

  test('Roundcube’s defaults say nothing of what its own settings may have changed', () => {
    const withOwn = (...own: string[]) =>
      recognised({
        'srv/shop/program/lib/Roundcube/bootstrap.php': '<?php',
        'srv/shop/config/config.inc.php': `<?php\n$config = [];\n$config['db_dsnw'] = 'pgsql://rc@localhost/mail';\n${own.join('\n')}\n`,
        'srv/shop/config/defaults.inc.php': "<?php\n$config = ['session_lifetime' => 10];\n",
      });
    expect(lifetime(withOwn("$config['plugins'][] = 'acl';"))).toBe(
      '1200 /srv/shop/config/defaults.inc.php:2',
    );
    expect(
      lifetime(withOwn("$config['session_lifetime'] = 60;", "$config['plugins'][] = 'acl';")),
    ).toBe('7200 /srv/shop/config/config.inc.php:4');
    const computed = withOwn("$config['session_lifetime'] = lifetime();");
    expect(computed.lifetime).toBeNull();
    expect(computed.doubts.map(({ reason }) => reason)).toEqual([
      'session_lifetime is not a whole number of minutes',
    ]);
    const elsewhere = withOwn("$config['session_storage'] = storage();");
    expect(elsewhere.store).toBeNull();
    expect(elsewhere.doubts.map(({ reason }) => reason)).toEqual([
      'session_storage is not a plain text',
    ]);
  });

  test('CodeIgniter 4 and 3', () => {
    const four = {
      'srv/shop/spark': '',
      'srv/shop/app/Config/App.php': '<?php',
      'srv/shop/app/Config/Session.php': `<?php
namespace Config;
use CodeIgniter\\Session\\Handlers\\FileHandler;
class Session extends BaseConfig
{
    public string $driver = FileHandler::class;
    public string $cookieName = 'ci_session';
    public int $expiration = 7200;
    public string $savePath = WRITEPATH . 'session';
}
`,
    };
    const found = recognised(four);
    expect(lifetime(found)).toBe('7200 /srv/shop/app/Config/Session.php:8');
    expect(store(found)).toEqual({ kind: 'files', directory: '/srv/shop/writable/session' });
    expect(
      lifetime(
        recognised({
          ...four,
          'srv/shop/.env': 'CI_ENVIRONMENT = production\nsession.expiration = 600\n',
        }),
      ),
    ).toBe('600 /srv/shop/.env:2');
    const three = recognised({
      'srv/shop/system/core/CodeIgniter.php': '<?php',
      'srv/shop/application/config/config.php':
        "<?php\ndefined('BASEPATH') OR exit('No direct script access allowed');\n$config['sess_driver'] = 'database';\n$config['sess_expiration'] = 7200;\n$config['sess_save_path'] = 'ci_sessions';\n",
      'srv/shop/application/config/database.php':
        "<?php\n$active_group = 'default';\n$query_builder = TRUE;\n$db['default'] = array('dsn' => '', 'hostname' => 'localhost', 'username' => 'ci', 'password' => '', 'database' => 'ci', 'dbdriver' => 'mysqli', 'dbprefix' => '', 'db_debug' => (ENVIRONMENT !== 'production'));\n",
    });
    expect(lifetime(three)).toBe('7200 /srv/shop/application/config/config.php:4');
    expect(store(three)).toMatchObject({
      profile: 'codeigniter3',
      table: 'ci_sessions',
      user: 'ci',
      password: null,
    });
  });
});

describe('a directory of sessions', () => {
  const magento = {
    'srv/shop/bin/magento': '',
    'srv/shop/app/etc/env.php': "<?php return ['session' => ['save' => 'files']];",
    'srv/shop/var/session': null,
  };

  function owner(files: Files, directory: string): string | null {
    return applicationOfSessions(directory, treeOf(files))?.framework ?? null;
  }

  test('is the application’s that keeps its sessions there', () => {
    expect(owner(magento, '/srv/shop/var/session')).toBe('magento');
    expect(
      owner(
        {
          ...laravelFiles,
          'srv/shop/storage/framework/sessions': null,
          'srv/shop/.env': 'SESSION_DRIVER=file',
        },
        '/srv/shop/storage/framework/sessions',
      ),
    ).toBe('laravel');
  });

  test('is nobody’s by its name alone', () => {
    expect(
      owner({ 'srv/ixp/var/session': null, 'srv/ixp/artisan': '' }, '/srv/ixp/var/session'),
    ).toBeNull();
    expect(owner({ 'var/www/typo3/var/session': null }, '/var/www/typo3/var/session')).toBeNull();
  });

  test('is not an application’s that keeps them elsewhere', () => {
    const redis = {
      ...magento,
      'srv/shop/app/etc/env.php': "<?php return ['session' => ['save' => 'redis']];",
    };
    expect(owner(redis, '/srv/shop/var/session')).toBeNull();
    const moved = {
      ...magento,
      'srv/shop/app/etc/env.php':
        "<?php return ['session' => ['save' => 'files', 'save_path' => '/srv/sessions']];",
      'srv/sessions': null,
    };
    expect(owner(moved, '/srv/shop/var/session')).toBeNull();
  });

  test('may be shared between releases, which are links', () => {
    const files = {
      'srv/shop/releases/7/artisan': '',
      'srv/shop/releases/7/bootstrap/app.php': '<?php',
      'srv/shop/releases/7/.env': '-> ../../shared/.env',
      'srv/shop/releases/7/storage': '-> ../../shared/storage',
      'srv/shop/current': '-> releases/7',
      'srv/shop/shared/.env': 'SESSION_DRIVER=file\nSESSION_LIFETIME=60\n',
      'srv/shop/shared/storage/framework/sessions': null,
    };
    const found = applicationOfSessions(
      '/srv/shop/shared/storage/framework/sessions',
      treeOf(files),
    );
    expect(found?.framework).toBe('laravel');
    expect(found === null ? null : lifetime(found)).toBe('3600 /srv/shop/shared/.env:2');
  });
});
