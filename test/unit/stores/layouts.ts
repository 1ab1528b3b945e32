/**
 * PHP as distributions, panels and containers put it on disk, with what sescle should find there.
 *
 * Invariant: file contents follow the packages' own, cut down to the lines that matter; every
 * layout's directories are in its own tree.
 */
import type { Files } from '../php/trees.js';

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'www-data:x:33:33::/var/www:/bin/sh',
  'apache:x:48:48::/usr/share/httpd:/bin/sh',
  'alice:x:1001:1001::/home/alice:/bin/sh',
  '',
].join('\n');

export interface ExpectedStore {
  readonly path: string;
  readonly depth?: number;
  readonly maxLifetime: number;
  /** Where files of single users live for another time. */
  readonly lifetimes?: Readonly<Record<string, number>>;
  readonly usedBy: readonly string[];
  /** Of save_path and of gc_maxlifetime. */
  readonly sources: readonly [string, string];
}

export interface ExpectedLayout {
  readonly name: string;
  readonly files: Files;
  readonly stores: readonly ExpectedStore[];
}

const byPhp = 'the default of PHP';

/** A pool as packages ship it; the lines begin at the sixth. */
function pool(name: string, user: string, ...lines: string[]): string {
  return [
    `[${name}]`,
    `user = ${user}`,
    'listen = /run/x.sock',
    'pm = ondemand',
    '',
    ...lines,
    '',
  ].join('\n');
}

function ini(savePath: string | null, lifetime: number | null): string {
  return [
    '[Session]',
    savePath === null ? ';session.save_path = "/tmp"' : `session.save_path = "${savePath}"`,
    lifetime === null ? ';session.gc_maxlifetime = 1440' : `session.gc_maxlifetime = ${lifetime}`,
    'session.gc_probability = 0',
    '',
  ].join('\n');
}

/** A php.ini, an FPM and its pool in one place, as most panels have it. */
function panel(
  etc: string,
  sessions: string,
  label: string,
  poolSessions: string | null = null,
): Omit<ExpectedLayout, 'name'> {
  const own = poolSessions ?? sessions;
  const poolFile = `${etc}/php-fpm.d/www.conf`;
  const line = `php_value[session.save_path] = ${own}`;
  const fpm = `${label}-fpm pool www`;
  const cli = `${label}-cli`;
  return {
    files: {
      [`${etc}/php.ini`]: ini(sessions, 1440),
      [`${etc}/php.d/99-site.ini`]: 'session.gc_maxlifetime = 3600\n',
      [`${etc}/php-fpm.conf`]: `[global]\ninclude=${etc}/php-fpm.d/*.conf\n`,
      [poolFile]: pool('www', 'apache', line),
      [sessions]: null,
      [own]: null,
    },
    stores:
      own === sessions
        ? [
            {
              path: sessions,
              maxLifetime: 3600,
              usedBy: [cli, fpm],
              sources: [`${etc}/php.ini:2`, `${etc}/php.d/99-site.ini:1`],
            },
          ]
        : [
            {
              path: sessions,
              maxLifetime: 3600,
              usedBy: [cli],
              sources: [`${etc}/php.ini:2`, `${etc}/php.d/99-site.ini:1`],
            },
            {
              path: own,
              maxLifetime: 3600,
              usedBy: [fpm],
              sources: [`${poolFile}:6`, `${etc}/php.d/99-site.ini:1`],
            },
          ],
  };
}

const vhosts = `LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so
User www-data
<VirtualHost *:80>
  ServerName shop.example
  DocumentRoot /var/www/shop
  php_admin_value session.save_path /srv/shop/sessions
  php_value session.gc_maxlifetime 7200
</VirtualHost>
`;

/** A php.ini with a directory of its own, and an FPM with a pool that has another. */
export function withPool(
  name: string,
  {
    ini: directory,
    scan,
    fpm,
    pools,
    include = `${pools}/*.conf`,
  }: {
    readonly ini: string;
    /** Where more .ini files are read from, if that is anywhere. */
    readonly scan: string | null;
    readonly fpm: string;
    readonly pools: string;
    readonly include?: string;
  },
  [byIni, byPool]: readonly [string, string],
): ExpectedLayout {
  const short = name.replace(/\W+/g, '-').toLowerCase();
  const [own, site] = [`/srv/${short}/default`, `/srv/${short}/sessions`];
  const scanned = scan === null ? null : `${scan}/50-site.ini`;
  const poolFile = `${pools}/site.conf`;
  return {
    name,
    files: {
      [`${directory}/php.ini`]: ini(own, 1440),
      ...(scanned === null ? {} : { [scanned]: 'session.gc_maxlifetime = 3600\n' }),
      [fpm]: `[global]\npid = /run/fpm.pid\ninclude=${include}\n`,
      [poolFile]: pool(
        'site',
        'www-data',
        `php_admin_value[session.save_path] = ${site}`,
        'php_admin_value[session.gc_maxlifetime] = 7200',
      ),
      [own]: null,
      [site]: null,
    },
    stores: [
      {
        path: own,
        maxLifetime: scanned === null ? 1440 : 3600,
        usedBy: [byIni],
        sources: [
          `${directory}/php.ini:2`,
          scanned === null ? `${directory}/php.ini:3` : `${scanned}:1`,
        ],
      },
      {
        path: site,
        maxLifetime: 7200,
        usedBy: [`${byPool} pool site`],
        sources: [`${poolFile}:6`, `${poolFile}:7`],
      },
    ],
  };
}

const withoutUsers: readonly ExpectedLayout[] = [
  {
    name: 'Debian, with cli, cgi, fpm and apache2',
    files: {
      '/etc/php/8.2/cli/php.ini': ini(null, null),
      '/etc/php/8.2/cgi/php.ini': ini(null, 3600),
      '/etc/php/8.2/fpm/php.ini': ini(null, 1800),
      '/etc/php/8.2/apache2/php.ini': ini('/srv/apache', 900),
      '/etc/php/8.2/mods-available/site.ini': 'session.gc_maxlifetime = 1500\n',
      '/etc/php/8.2/cli/conf.d/20-site.ini': '-> /etc/php/8.2/mods-available/site.ini',
      '/etc/php/8.2/fpm/php-fpm.conf': '[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n',
      '/etc/php/8.2/fpm/pool.d/www.conf': pool('www', 'www-data'),
      '/etc/php/8.2/fpm/pool.d/alice.conf': pool(
        'alice',
        'alice',
        'php_admin_value[session.save_path] = "2;0600;/home/alice/sessions"',
        'php_value[session.gc_maxlifetime] = 86400',
      ),
      '/etc/apache2/apache2.conf': vhosts,
      '/var/lib/php/sessions': null,
      '/home/alice/sessions': null,
      '/srv/apache': null,
      '/srv/shop/sessions': null,
      '/var/www/shop': null,
    },
    stores: [
      {
        path: '/var/lib/php/sessions',
        maxLifetime: 3600,
        usedBy: ['php8.2-cli', 'php8.2-cgi', 'php8.2-fpm pool www'],
        sources: ["the default of Debian's PHP", '/etc/php/8.2/cgi/php.ini:3'],
      },
      {
        path: '/home/alice/sessions',
        depth: 2,
        maxLifetime: 86_400,
        usedBy: ['php8.2-fpm pool alice'],
        sources: ['/etc/php/8.2/fpm/pool.d/alice.conf:6', '/etc/php/8.2/fpm/pool.d/alice.conf:7'],
      },
      {
        path: '/srv/apache',
        maxLifetime: 900,
        usedBy: ['apache2 server'],
        sources: ['/etc/php/8.2/apache2/php.ini:2', '/etc/php/8.2/apache2/php.ini:3'],
      },
      {
        path: '/srv/shop/sessions',
        maxLifetime: 7200,
        usedBy: ['apache2 vhost shop.example:80'],
        sources: ['/etc/apache2/apache2.conf:6', '/etc/apache2/apache2.conf:7'],
      },
    ],
  },
  {
    name: 'Debian, with two versions that share a directory',
    files: {
      '/etc/php/7.4/cli/php.ini': ini(null, 1440),
      '/etc/php/8.3/cli/php.ini': ini(null, 2880),
      '/var/lib/php/sessions': null,
    },
    stores: [
      {
        path: '/var/lib/php/sessions',
        maxLifetime: 2880,
        usedBy: ['php7.4-cli', 'php8.3-cli'],
        sources: ["the default of Debian's PHP", '/etc/php/8.3/cli/php.ini:3'],
      },
    ],
  },
  {
    name: 'RHEL and Fedora',
    files: {
      '/etc/php.ini': ini(null, 1440),
      '/etc/php.d/99-site.ini': 'session.gc_maxlifetime = 2000\n',
      '/etc/php-fpm.conf': 'include=/etc/php-fpm.d/*.conf\n[global]\npid = /run/php-fpm.pid\n',
      '/etc/php-fpm.d/www.conf': pool(
        'www',
        'apache',
        'php_value[session.save_handler] = files',
        'php_value[session.save_path]    = /var/lib/php/session',
      ),
      '/var/lib/php/session': null,
      '/tmp': null,
    },
    stores: [
      {
        path: '/tmp',
        maxLifetime: 2000,
        usedBy: ['php-cli'],
        sources: [byPhp, '/etc/php.d/99-site.ini:1'],
      },
      {
        path: '/var/lib/php/session',
        maxLifetime: 2000,
        usedBy: ['php-fpm pool www'],
        sources: ['/etc/php-fpm.d/www.conf:7', '/etc/php.d/99-site.ini:1'],
      },
    ],
  },
  {
    name: "Remi's collections",
    ...panel('/etc/opt/remi/php82', '/var/opt/remi/php82/lib/php/session', 'php82'),
  },
  {
    name: 'Alpine',
    files: {
      '/etc/php83/php.ini': ini(null, 1440),
      '/etc/php83/conf.d/01_session.ini': 'extension=session\nsession.gc_maxlifetime=1200\n',
      '/etc/php83/php-fpm.conf': '[global]\ninclude=/etc/php83/php-fpm.d/*.conf\n',
      '/etc/php83/php-fpm.d/www.conf': pool(
        'www',
        'alice',
        'php_value[session.save_path] = /var/lib/php83/sessions',
      ),
      '/var/lib/php83/sessions': null,
      '/tmp': null,
    },
    stores: [
      {
        path: '/tmp',
        maxLifetime: 1200,
        usedBy: ['php83-cli'],
        sources: [byPhp, '/etc/php83/conf.d/01_session.ini:2'],
      },
      {
        path: '/var/lib/php83/sessions',
        maxLifetime: 1200,
        usedBy: ['php83-fpm pool www'],
        sources: ['/etc/php83/php-fpm.d/www.conf:6', '/etc/php83/conf.d/01_session.ini:2'],
      },
    ],
  },
  {
    name: 'the official container, without a php.ini',
    files: {
      '/usr/local/etc/php/php.ini-production': ini('/nowhere', 1),
      '/usr/local/etc/php/conf.d/docker-php-ext-sodium.ini': 'extension=sodium\n',
      '/usr/local/etc/php/conf.d/session.ini': 'session.gc_maxlifetime = 600\n',
      '/usr/local/etc/php-fpm.conf': '[global]\ninclude=etc/php-fpm.d/*.conf\n',
      '/usr/local/etc/php-fpm.d/www.conf': pool('www', 'www-data'),
      '/usr/local/etc/php-fpm.d/zz-docker.conf': '[www]\nlisten = 9000\n',
      '/tmp': null,
    },
    stores: [
      {
        path: '/tmp',
        maxLifetime: 600,
        usedBy: ['php-cli', 'php-fpm pool www'],
        sources: [byPhp, '/usr/local/etc/php/conf.d/session.ini:1'],
      },
    ],
  },
  {
    name: 'cPanel',
    ...panel(
      '/opt/cpanel/ea-php82/root/etc',
      '/var/cpanel/php/sessions/ea-php82',
      'ea-php82',
      '/home/alice/.sessions',
    ),
  },
  {
    name: 'CloudLinux',
    files: {
      '/opt/alt/php82/etc/php.ini': ini('/opt/alt/php82/var/lib/php/session', 1440),
      '/opt/alt/php82/etc/php.d/default.ini': 'session.gc_maxlifetime = 1000\n',
      '/opt/alt/php82/link/conf': '-> /etc/cl.php.d/alt-php82',
      '/etc/cl.php.d/alt-php82/alt_php.ini': 'session.gc_maxlifetime = 500\n',
      '/opt/alt/php82/var/lib/php/session': null,
    },
    stores: [
      {
        path: '/opt/alt/php82/var/lib/php/session',
        maxLifetime: 1000,
        usedBy: ['alt-php82-cli'],
        sources: ['/opt/alt/php82/etc/php.ini:2', '/opt/alt/php82/etc/php.d/default.ini:1'],
      },
    ],
  },
  { name: 'Plesk', ...panel('/opt/plesk/php/8.2/etc', '/var/lib/php/session', 'plesk-php8.2') },
  {
    name: 'LiteSpeed, on Debian',
    files: {
      '/usr/local/lsws/lsphp82/etc/php/8.2/litespeed/php.ini': ini(
        '/var/lib/lsphp/session/lsphp82',
        1440,
      ),
      '/usr/local/lsws/lsphp82/etc/php/8.2/mods-available/site.ini':
        'session.gc_maxlifetime = 1100\n',
      '/var/lib/lsphp/session/lsphp82': null,
    },
    stores: [
      {
        path: '/var/lib/lsphp/session/lsphp82',
        maxLifetime: 1100,
        usedBy: ['lsphp82-litespeed'],
        sources: [
          '/usr/local/lsws/lsphp82/etc/php/8.2/litespeed/php.ini:2',
          '/usr/local/lsws/lsphp82/etc/php/8.2/mods-available/site.ini:1',
        ],
      },
    ],
  },
  {
    name: 'LiteSpeed, on RHEL',
    files: {
      '/usr/local/lsws/lsphp74/etc/php.ini': ini('/var/lib/lsphp/session/lsphp74', 1440),
      '/usr/local/lsws/lsphp74/etc/php.d/site.ini': 'session.gc_maxlifetime = 1300\n',
      '/var/lib/lsphp/session/lsphp74': null,
    },
    stores: [
      {
        path: '/var/lib/lsphp/session/lsphp74',
        maxLifetime: 1300,
        usedBy: ['lsphp74-litespeed'],
        sources: [
          '/usr/local/lsws/lsphp74/etc/php.ini:2',
          '/usr/local/lsws/lsphp74/etc/php.d/site.ini:1',
        ],
      },
    ],
  },
];

/** The trees of layouts that no table of 0.1 knew. */
const later: readonly ExpectedLayout[] = [
  withPool(
    'Gentoo',
    {
      ini: '/etc/php/fpm-php8.2',
      scan: '/etc/php/fpm-php8.2/ext-active',
      fpm: '/etc/php/fpm-php8.2/php-fpm.conf',
      pools: '/etc/php/fpm-php8.2/fpm.d',
    },
    ['php8.2-fpm, by php.ini alone', 'php8.2-fpm'],
  ),
  withPool(
    'Arch',
    {
      ini: '/etc/php',
      scan: '/etc/php/conf.d',
      fpm: '/etc/php/php-fpm.conf',
      pools: '/etc/php/php-fpm.d',
    },
    ['php-cli', 'php-fpm'],
  ),
  withPool(
    'Arch, the older PHP',
    {
      ini: '/etc/php-legacy',
      scan: '/etc/php-legacy/conf.d',
      fpm: '/etc/php-legacy/php-fpm.conf',
      pools: '/etc/php-legacy/php-fpm.d',
    },
    ['php-legacy-cli', 'php-legacy-fpm'],
  ),
  withPool(
    'openSUSE',
    {
      ini: '/etc/php8/fpm',
      scan: '/etc/php8/conf.d',
      fpm: '/etc/php8/fpm/php-fpm.conf',
      pools: '/etc/php8/fpm/php-fpm.d',
    },
    ['php8-fpm, by php.ini alone', 'php8-fpm'],
  ),
  withPool(
    'DirectAdmin',
    {
      ini: '/usr/local/php82/lib',
      scan: '/usr/local/php82/lib/php.conf.d',
      fpm: '/usr/local/php82/etc/php-fpm.conf',
      pools: '/usr/local/directadmin/data/users/bob/php',
      include: '/usr/local/directadmin/data/users/*/php/*.conf',
    },
    ['php82-cli', 'php82-fpm'],
  ),
  withPool(
    'aaPanel',
    {
      ini: '/www/server/php/82/etc',
      scan: null,
      fpm: '/www/server/php/82/etc/php-fpm.conf',
      pools: '/www/server/php/82/etc/fpm.d',
    },
    ['php82-cli', 'php82-fpm'],
  ),
  withPool(
    'Bitnami',
    {
      ini: '/opt/bitnami/php/etc',
      scan: '/opt/bitnami/php/etc/conf.d',
      fpm: '/opt/bitnami/php/etc/php-fpm.conf',
      pools: '/opt/bitnami/php/etc/php-fpm.d',
    },
    ['bitnami-php-cli', 'bitnami-php-fpm'],
  ),
];

/** One that serves nothing: without any, FPM is served by one that nobody knows. */
export const webServer: Files = { '/etc/nginx/nginx.conf': 'events { }\nhttp { }\n' };

export const layouts: readonly ExpectedLayout[] = [...withoutUsers, ...later].map((layout) => ({
  ...layout,
  files: {
    '/etc/passwd': passwd,
    ...(Object.keys(layout.files).some((file) => file.endsWith('/php-fpm.conf')) ? webServer : {}),
    ...layout.files,
  },
}));
