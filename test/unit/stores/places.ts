/**
 * PHP in places that no table knows, with the program, the unit or the files that tell of it.
 *
 * Invariant: each is whole, and PHP would start with it; each store is one that PHP would use.
 */
import { phpProgram } from '../../support/php-program.js';
import type { Files } from '../php/trees.js';
import { type ExpectedLayout, withPool } from './layouts.js';

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'www-data:x:33:33::/var/www:/bin/sh',
  'alice:x:1001:1001::/home/alice:/bin/sh',
  'bob:x:1002:1002::/home/bob:/bin/sh',
  '',
].join('\n');

const base: Files = {
  '/etc/passwd': passwd,
  '/etc/nginx/nginx.conf': 'events { }\nhttp { }\n',
};

function ini(savePath: string, lifetime: number): string {
  return `session.save_path = "${savePath}"\nsession.gc_maxlifetime = "${lifetime}"\n`;
}

function pool(name: string, ...lines: string[]): string {
  return `[${name}]\nuser = www-data\nlisten = /run/${name}.sock\npm = ondemand\n${lines.join('\n')}\n`;
}

const ownSessions = 'php_admin_value[session.save_path] = "/srv/pool"';
const ownLifetime = 'php_admin_value[session.gc_maxlifetime] = "7200"';

function poolStore(label: string, file: string): ExpectedLayout['stores'][number] {
  return {
    path: '/srv/pool',
    maxLifetime: 7200,
    usedBy: [`${label} pool site`],
    sources: [`${file}:5`, `${file}:6`],
  };
}

function store(
  path: string,
  maxLifetime: number,
  by: string,
  file: string,
): ExpectedLayout['stores'][number] {
  return { path, maxLifetime, usedBy: [by], sources: [`${file}:1`, `${file}:2`] };
}

const wrapperIn = (target: string, scan: string) =>
  `\x7fELF\0\n\n\n# ---\n# The C-code for this binary wrapper has been generated using the following command:\n\n\nmakeCWrapper '${target}' \\\n    --inherit-argv0 \\\n    --set-default 'PHP_INI_SCAN_DIR' '${scan}'\n\n\n# ---\0`;

const nix = '/nix/store/0123456789abcdfghijklmnpqrsvwxyz';
const nixPhp = `${nix}-php-8.2.20`;
const nixEnv = `${nix}-php-with-extensions-8.2.20`;

/** A php.ini and FPM's files in one directory or two, in no row of the table. */
function unlisted(
  name: string,
  ini: string,
  fpm: string,
  pools: string,
  label: string,
): ExpectedLayout {
  const found = withPool(name, { ini, scan: null, fpm: `${fpm}/php-fpm.conf`, pools }, [
    `${label}-cli`,
    `${label}-fpm`,
  ]);
  return { ...found, files: { ...base, ...found.files } };
}

const unlistedPlaces: readonly ExpectedLayout[] = [
  unlisted(
    'ServerPilot',
    '/etc/php8.2-sp',
    '/etc/php8.2-sp',
    '/etc/php8.2-sp/fpm-pools.d',
    'php8.2-sp',
  ),
  unlisted('RunCloud', '/etc/php82rc', '/etc/php82rc', '/etc/php82rc/fpm.d', 'php82rc'),
  unlisted(
    'Control Web Panel',
    '/opt/alt/php-fpm82/usr/php',
    '/opt/alt/php-fpm82/usr/etc',
    '/opt/alt/php-fpm82/usr/etc/php-fpm.d/users',
    'php-fpm82',
  ),
  unlisted(
    'Webuzo',
    '/usr/local/apps/php82/etc',
    '/usr/local/apps/php82/etc',
    '/usr/local/apps/php82/etc/php-fpm.d',
    'php82',
  ),
  unlisted(
    'a software collection',
    '/etc/opt/rh/rh-php73',
    '/etc/opt/rh/rh-php73',
    '/etc/opt/rh/rh-php73/php-fpm.d',
    'rh-php73',
  ),
  unlisted('pkgsrc', '/usr/pkg/etc', '/usr/pkg/etc', '/usr/pkg/etc/pools', 'php'),
  unlisted(
    'Hestia’s own',
    '/usr/local/hestia/php/lib',
    '/usr/local/hestia/php/etc',
    '/usr/local/hestia/php/etc/php-fpm.d',
    'php',
  ),
  unlisted('LNMP', '/usr/local/php/etc', '/usr/local/php/etc', '/usr/local/php/etc/sites', 'php'),
  unlisted(
    'KeyHelp',
    '/opt/keyhelp/php/8.2/etc',
    '/opt/keyhelp/php/8.2/etc',
    '/opt/keyhelp/php/8.2/etc/php-fpm.d',
    'php8.2',
  ),
  unlisted('Void', '/etc/php8.3', '/etc/php8.3', '/etc/php8.3/php-fpm.d', 'php8.3'),
  unlisted(
    'a version in its name',
    '/opt/php-8.3.1/lib',
    '/opt/php-8.3.1/etc',
    '/opt/php-8.3.1/etc/php-fpm.d',
    'php-8.3.1',
  ),
];

export const places: readonly ExpectedLayout[] = [
  ...unlistedPlaces,
  {
    name: 'XAMPP',
    files: { ...base, '/opt/lampp/etc/php.ini': ini('/srv/own', 1440), '/srv/own': null },
    stores: [store('/srv/own', 1440, 'php-cli', '/opt/lampp/etc/php.ini')],
  },
  {
    name: 'programs in a prefix of their own, which alone tell where php.ini is',
    files: {
      ...base,
      '/opt/web/php-8.3.1/bin/php': phpProgram({
        sapi: 'cli',
        ini: '/opt/web/settings',
        scan: '/opt/web/settings/more',
        prefix: '/opt/web/php-8.3.1',
      }),
      '/opt/web/php-8.3.1/sbin/php-fpm': phpProgram({
        sapi: 'fpm',
        ini: '/opt/web/settings',
        scan: '/opt/web/settings/more',
        prefix: '/opt/web/php-8.3.1',
        sysconf: '/opt/web/fpm',
      }),
      '/opt/web/settings/php.ini': ini('/srv/own', 1440),
      '/opt/web/settings/more/a.ini': 'session.gc_maxlifetime = "3600"\n',
      '/opt/web/fpm/php-fpm.conf': '[global]\ninclude=/opt/web/fpm/sites/*.conf\n',
      '/opt/web/fpm/sites/site.conf': pool('site', ownSessions, ownLifetime),
      '/srv/own': null,
      '/srv/pool': null,
    },
    stores: [
      {
        path: '/srv/own',
        maxLifetime: 3600,
        usedBy: ['php-8.3.1-cli'],
        sources: ['/opt/web/settings/php.ini:1', '/opt/web/settings/more/a.ini:1'],
      },
      poolStore('php-8.3.1-fpm', '/opt/web/fpm/sites/site.conf'),
    ],
  },
  {
    name: 'a PHP of a version that no table knows, by its files alone',
    files: {
      ...base,
      '/opt/sp/php8.9/etc/php.ini': ini('/srv/own', 1440),
      '/opt/sp/php8.9/etc/php-fpm.conf':
        '[global]\ninclude=/opt/sp/php8.9/etc/fpm-pools.d/*.conf\n',
      '/opt/sp/php8.9/etc/fpm-pools.d/site.conf': pool('site', ownSessions, ownLifetime),
      '/srv/own': null,
      '/srv/pool': null,
    },
    stores: [
      store('/srv/own', 1440, 'php8.9-cli', '/opt/sp/php8.9/etc/php.ini'),
      poolStore('php8.9-fpm', '/opt/sp/php8.9/etc/fpm-pools.d/site.conf'),
    ],
  },
  {
    name: 'NixOS, a master of each pool by its unit',
    files: {
      ...base,
      '/etc/systemd/system/phpfpm-site.service': [
        '[Service]',
        'Type=notify',
        `ExecStart=${nixEnv}/bin/php-fpm -y ${nix}-phpfpm-site.conf -c ${nix}-php.ini`,
        '',
      ].join('\n'),
      '/etc/systemd/system/phpfpm.target.wants/phpfpm-site.service':
        '-> /etc/systemd/system/phpfpm-site.service',
      '/run/current-system/sw/bin/php': `-> ${nixEnv}/bin/php`,
      [`${nixEnv}/bin/php`]: `#!/nix/store/b/bin/bash -e\nexport PHP_INI_SCAN_DIR=\${PHP_INI_SCAN_DIR-'${nixEnv}/lib'}\nexec -a "$0" "${nixPhp}/bin/php"  "$@"\n`,
      [`${nixPhp}/bin/php`]: phpProgram({
        sapi: 'cli',
        ini: `${nixPhp}/lib`,
        scan: '',
        prefix: nixPhp,
      }),
      '/tmp': null,
      [`${nixEnv}/bin/php-fpm`]: wrapperIn(`${nixEnv}/bin/.php-fpm-wrapped`, `${nixEnv}/lib`),
      [`${nixEnv}/bin/.php-fpm-wrapped`]: `-> ${nixPhp}/bin/php-fpm`,
      [`${nixPhp}/bin/php-fpm`]: phpProgram({
        sapi: 'fpm',
        ini: `${nixPhp}/lib`,
        scan: '',
        prefix: nixPhp,
      }),
      [`${nixEnv}/lib/php.ini`]: 'extension=ctype.so\nsession.gc_maxlifetime = "5000"\n',
      [`${nix}-php.ini`]: ini('/srv/own', 1440),
      [`${nix}-phpfpm-site.conf`]: `[global]\ndaemonize = no\n${pool('site', ownSessions)}`,
      '/srv/pool': null,
    },
    stores: [
      {
        path: '/srv/pool',
        maxLifetime: 5000,
        usedBy: ['php-8.2.20-fpm pool site'],
        sources: [`${nix}-phpfpm-site.conf:7`, `${nixEnv}/lib/php.ini:2`],
      },
      {
        path: '/tmp',
        maxLifetime: 5000,
        usedBy: ['php-8.2.20-cli'],
        sources: ['the default of PHP', `${nixEnv}/lib/php.ini:2`],
      },
    ],
  },
  {
    name: 'a unit that starts FPM with options of its own',
    files: {
      ...base,
      '/srv/php/bin/php-fpm': phpProgram({
        sapi: 'fpm',
        ini: '/srv/php/lib',
        scan: '',
        prefix: '/srv/php',
      }),
      '/srv/php/lib/php.ini': ini('/srv/own', 60),
      '/lib/systemd/system/shop.service': [
        '[Service]',
        'Environment=PHPRC=/srv/shop/php.ini',
        'ExecStart=/srv/php/bin/php-fpm -F -y /srv/shop/fpm.conf -d session.gc_maxlifetime=9000',
        '',
      ].join('\n'),
      '/etc/systemd/system/multi-user.target.wants/shop.service':
        '-> /lib/systemd/system/shop.service',
      '/srv/shop/php.ini': ini('/srv/own', 60),
      '/srv/shop/fpm.conf': `[global]\npid = /run/x\n${pool('site', ownSessions)}`,
      '/srv/pool': null,
    },
    stores: [
      {
        path: '/srv/pool',
        maxLifetime: 9000,
        usedBy: ['php-fpm pool site'],
        sources: ['/srv/shop/fpm.conf:7', 'shop.service'],
      },
    ],
  },
  {
    name: 'the official container with its programs',
    files: {
      ...base,
      ...Object.fromEntries(
        (
          [
            ['bin/php', 'cli'],
            ['bin/php-cgi', 'cgi'],
            ['sbin/php-fpm', 'fpm'],
          ] as const
        ).map(([name, sapi]) => [
          `/usr/local/${name}`,
          phpProgram({
            sapi,
            ini: '/usr/local/etc/php',
            scan: '/usr/local/etc/php/conf.d',
            prefix: '/usr/local',
            configure:
              " './configure'  '--build=x86_64-linux-gnu' '--sysconfdir=/usr/local/etc' '--with-config-file-path=/usr/local/etc/php' '--with-config-file-scan-dir=/usr/local/etc/php/conf.d'",
          }),
        ]),
      ),
      '/usr/local/etc/php/conf.d/session.ini': 'session.gc_maxlifetime = 600\n',
      '/usr/local/etc/php-fpm.conf': '[global]\ninclude=etc/php-fpm.d/*.conf\n',
      '/usr/local/etc/php-fpm.d/www.conf': pool('www'),
      '/tmp': null,
    },
    stores: [
      {
        path: '/tmp',
        maxLifetime: 600,
        usedBy: ['php-cli', 'php-cgi', 'php-fpm pool www'],
        sources: ['the default of PHP', '/usr/local/etc/php/conf.d/session.ini:1'],
      },
    ],
  },
  {
    name: 'a package’s list of files',
    files: {
      ...base,
      '/var/lib/pacman/local/php-mine-8.2-1/files':
        '%FILES%\nsrv/\nsrv/odd/\nsrv/odd/cfg/\nsrv/odd/cfg/php.ini\nsrv/odd/cfg/php-fpm.conf\n',
      '/srv/odd/cfg/php.ini': ini('/srv/own', 1440),
      '/srv/odd/cfg/php-fpm.conf': `[global]\n${pool('site', ownSessions, ownLifetime)}`,
      '/srv/own': null,
      '/srv/pool': null,
    },
    stores: [
      store('/srv/own', 1440, 'php-cli', '/srv/odd/cfg/php.ini'),
      {
        path: '/srv/pool',
        maxLifetime: 7200,
        usedBy: ['php-fpm pool site'],
        sources: ['/srv/odd/cfg/php-fpm.conf:6', '/srv/odd/cfg/php-fpm.conf:7'],
      },
    ],
  },
  {
    name: 'users in the cages of CageFS',
    files: {
      ...base,
      '/etc/cagefs/cagefs.mp': '/opt\n@/var/spool/cron,700\n',
      '/opt/alt/php82/etc/php.ini': ini('/opt/alt/php82/var/lib/php/session', 1440),
      '/opt/alt/php82/link/conf': '-> /etc/cl.php.d/alt-php82',
      '/etc/cl.php.d/alt-php82': null,
      '/var/cagefs/01/alice/etc/cl.php.d/alt-php82/alt_php.ini':
        'session.gc_maxlifetime = "86400"\n',
      '/home/alice/.cagefs/opt/alt/php82/var/lib/php/session': null,
      '/home/bob/.cagefs/opt/alt/php82/var/lib/php/session': null,
      '/opt/alt/php82/var/lib/php/session': null,
    },
    stores: [
      store(
        '/opt/alt/php82/var/lib/php/session',
        1440,
        'alt-php82-cli',
        '/opt/alt/php82/etc/php.ini',
      ),
      {
        path: '/home/alice/.cagefs/opt/alt/php82/var/lib/php/session',
        maxLifetime: 86_400,
        usedBy: ['alt-php82-cli in the cage of alice'],
        sources: [
          '/opt/alt/php82/etc/php.ini:1',
          '/var/cagefs/01/alice/etc/cl.php.d/alt-php82/alt_php.ini:1',
        ],
      },
      store(
        '/home/bob/.cagefs/opt/alt/php82/var/lib/php/session',
        1440,
        'alt-php82-cli in the cage of bob',
        '/opt/alt/php82/etc/php.ini',
      ),
    ],
  },
];
