/**
 * Machines as packages leave them, with a web server that is read: nothing is in doubt there, and each
 * store goes by the lifetime that it always had.
 *
 * Invariant: units, programs and lists of packages are the packages' own, cut down.
 */
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../../lib/stores/discover.js';
import { type Files, writeTree } from '../php/trees.js';

const users =
  'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\napache:x:48:48::/:/bin/sh\n';

const startsAtBoot = (unit: string, text: string): Files => ({
  [`/usr/lib/systemd/system/${unit}`]: text,
  [`/etc/systemd/system/multi-user.target.wants/${unit}`]: `-> /usr/lib/systemd/system/${unit}`,
});

const packages = (...names: string[]): Files => ({
  '/var/lib/dpkg/status': names
    .map(
      (name) =>
        `Package: ${name}\nStatus: install ok installed\nVersion: 1\nProvides: httpd, httpd-cgi\n`,
    )
    .join('\n'),
});

const pool = (user: string, ...lines: string[]) =>
  `[www]\nuser = ${user}\ngroup = ${user}\nlisten = /run/php/fpm.sock\npm = dynamic\n${lines.join('\n')}\n`;

const debianFpm: Files = {
  '/etc/passwd': users,
  '/etc/php/8.2/cli/php.ini': '[Session]\nsession.gc_probability = 0\n',
  '/etc/php/8.2/fpm/php.ini': '[Session]\nsession.gc_maxlifetime = 1440\n',
  '/etc/php/8.2/fpm/php-fpm.conf': '[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n',
  '/etc/php/8.2/fpm/pool.d/www.conf': pool('www-data'),
  '/usr/bin/php8.2': '',
  ...startsAtBoot(
    'php8.2-fpm.service',
    '[Service]\nType=notify\nExecStart=/usr/sbin/php-fpm8.2 --nodaemonize --fpm-config /etc/php/8.2/fpm/php-fpm.conf\n',
  ),
  '/var/lib/php/sessions': null,
};

const nginxConf =
  'user www-data;\nevents { }\nhttp {\n\tinclude /etc/nginx/conf.d/*.conf;\n\tinclude /etc/nginx/sites-enabled/*;\n}\n';

const debianNginx: Files = {
  ...packages('nginx', 'nginx-common', 'libnginx-mod-http-echo'),
  '/usr/sbin/nginx':
    '\0nginx version: nginx/1.22.1\0configure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf\0',
  ...startsAtBoot(
    'nginx.service',
    "[Service]\nType=forking\nPIDFile=/run/nginx.pid\nExecStartPre=/usr/sbin/nginx -t -q -g 'daemon on; master_process on;'\nExecStart=/usr/sbin/nginx -g 'daemon on; master_process on;'\n",
  ),
  '/etc/nginx/nginx.conf': nginxConf,
  '/etc/nginx/sites-enabled/default':
    'server {\n\tlisten 80 default_server;\n\troot /var/www/html;\n\tlocation ~ \\.php$ {\n\t\tinclude snippets/fastcgi-php.conf;\n\t\tfastcgi_pass unix:/run/php/fpm.sock;\n\t}\n}\n',
  '/etc/nginx/snippets/fastcgi-php.conf':
    'fastcgi_split_path_info ^(.+?\\.php)(/.*)$;\ninclude fastcgi.conf;\n',
  '/etc/nginx/fastcgi.conf':
    'fastcgi_param  SCRIPT_FILENAME    $document_root$fastcgi_script_name;\nfastcgi_param  DOCUMENT_ROOT $document_root;\n',
  '/var/www/html': null,
};

const debianApache: Files = {
  '/etc/passwd': users,
  ...packages('apache2', 'apache2-bin'),
  '/usr/bin/php8.2': '',
  '/etc/php/8.2/cli/php.ini': '',
  '/etc/php/8.2/apache2/php.ini': 'session.gc_maxlifetime = 1440\n',
  '/usr/sbin/apache2': '\0 -D HTTPD_ROOT="/etc/apache2"\0 -D SERVER_CONFIG_FILE="apache2.conf"\0',
  ...startsAtBoot(
    'apache2.service',
    '[Service]\nType=forking\nEnvironment=APACHE_STARTED_BY_SYSTEMD=true\nExecStart=/usr/sbin/apachectl start\n',
  ),
  '/etc/apache2/apache2.conf':
    'IncludeOptional mods-enabled/*.load\nIncludeOptional sites-enabled/*.conf\n<Directory /var/www/>\nAllowOverride None\n</Directory>\n',
  '/etc/apache2/envvars': 'export APACHE_RUN_USER=www-data\n',
  '/etc/apache2/mods-enabled/php8.2.load':
    'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n',
  '/etc/apache2/sites-enabled/000-default.conf':
    '<VirtualHost *:80>\nDocumentRoot /var/www/html\n</VirtualHost>\n',
  '/var/www/html': null,
  '/var/lib/php/sessions': null,
};

const rhel: Files = {
  '/etc/passwd': users,
  '/usr/bin/php': '',
  '/etc/php.ini': 'session.gc_maxlifetime = 1440\n',
  '/etc/php-fpm.conf': 'include=/etc/php-fpm.d/*.conf\n[global]\n',
  '/etc/php-fpm.d/www.conf': pool(
    'apache',
    'php_value[session.save_handler] = files',
    'php_value[session.save_path]    = /var/lib/php/session',
  ),
  '/usr/sbin/httpd': '\0 -D HTTPD_ROOT="/etc/httpd"\0 -D SERVER_CONFIG_FILE="conf/httpd.conf"\0',
  ...startsAtBoot(
    'httpd.service',
    '[Service]\nType=notify\nEnvironment=LANG=C\nExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND\nPrivateTmp=true\n',
  ),
  '/etc/httpd/conf/httpd.conf':
    'ServerRoot "/etc/httpd"\nInclude conf.modules.d/*.conf\nUser apache\nDocumentRoot "/var/www/html"\nIncludeOptional conf.d/*.conf\n',
  '/etc/httpd/modules': '-> ../../usr/lib64/httpd/modules',
  '/usr/lib64/httpd/modules/mod_proxy_fcgi.so': '',
  '/etc/httpd/conf.modules.d/00-proxy.conf':
    'LoadModule proxy_fcgi_module modules/mod_proxy_fcgi.so\n',
  '/etc/httpd/conf.d/php.conf':
    '<FilesMatch \\.(php|phar)$>\nSetHandler "proxy:unix:/run/php-fpm/www.sock|fcgi://localhost"\n</FilesMatch>\n<IfModule !mod_php.c>\n</IfModule>\n',
  '/var/lib/php/session': null,
  '/var/www/html': null,
  '/tmp': null,
};

const rhelNginx: Files = {
  ...rhel,
  '/usr/sbin/nginx':
    '\0nginx version: nginx/1.20.1\0configure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf\0',
  ...startsAtBoot(
    'nginx.service',
    '[Service]\nType=forking\nPIDFile=/run/nginx.pid\nExecStartPre=/usr/bin/rm -f /run/nginx.pid\nExecStartPre=/usr/sbin/nginx -t\nExecStart=/usr/sbin/nginx\n',
  ),
  '/etc/nginx/nginx.conf':
    'user nginx;\nevents { }\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n    server {\n        listen 80;\n        root /usr/share/nginx/html;\n        include /etc/nginx/default.d/*.conf;\n    }\n}\n',
  '/etc/nginx/conf.d/php-fpm.conf':
    'upstream php-fpm {\n        server unix:/run/php-fpm/www.sock;\n}\n',
  '/etc/nginx/default.d/php.conf':
    'index index.php index.html index.htm;\nlocation ~ \\.(php|phar)(/.*)?$ {\n    fastcgi_split_path_info ^(.+\\.(?:php|phar))(/.*)$;\n    fastcgi_intercept_errors on;\n    fastcgi_index  index.php;\n    include        fastcgi_params;\n    fastcgi_param  SCRIPT_FILENAME  $document_root$fastcgi_script_name;\n    fastcgi_pass   php-fpm;\n}\n',
  '/etc/nginx/fastcgi_params': 'fastcgi_param  QUERY_STRING $query_string;\n',
  '/usr/share/nginx/html': null,
};

const container: Files = {
  '/etc/passwd': users,
  '/usr/local/bin/php': '',
  '/usr/local/etc/php/conf.d/docker-php-ext-sodium.ini': 'extension=sodium\n',
  '/usr/local/etc/php-fpm.conf': '[global]\ninclude=etc/php-fpm.d/*.conf\n',
  '/usr/local/etc/php-fpm.d/www.conf': pool('www-data'),
  '/usr/local/etc/php-fpm.d/zz-docker.conf': '[global]\ndaemonize = no\n[www]\nlisten = 9000\n',
  '/usr/sbin/nginx':
    '\0nginx version: nginx/1.25\0configure arguments: --prefix=/etc/nginx --conf-path=/etc/nginx/nginx.conf\0',
  '/etc/nginx/nginx.conf': nginxConf,
  '/etc/nginx/conf.d/default.conf': 'server { root /var/www/html; }\n',
  '/var/www/html': null,
  '/tmp': null,
};

/** php:apache, which has mod_php and Debian's Apache. */
const apacheContainer: Files = {
  '/etc/passwd': users,
  '/usr/local/bin/php': '',
  '/usr/local/etc/php/conf.d/docker-php-ext-sodium.ini': 'extension=sodium\n',
  '/usr/sbin/apache2': '\0 -D HTTPD_ROOT="/etc/apache2"\0 -D SERVER_CONFIG_FILE="apache2.conf"\0',
  '/etc/apache2/envvars': 'export APACHE_RUN_USER=www-data\n',
  '/etc/apache2/apache2.conf':
    'IncludeOptional mods-enabled/*.load\nIncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n',
  '/etc/apache2/mods-enabled/php.load':
    'LoadModule php_module /usr/lib/apache2/modules/libphp.so\n',
  '/etc/apache2/conf-enabled/docker-php.conf':
    '<FilesMatch \\.php$>\n\tSetHandler application/x-httpd-php\n</FilesMatch>\n\nDirectoryIndex disabled\nDirectoryIndex index.php index.html\n\n<Directory /var/www/>\n\tOptions -Indexes\n\tAllowOverride All\n</Directory>\n',
  '/etc/apache2/sites-enabled/000-default.conf':
    '<VirtualHost *:80>\nDocumentRoot /var/www/html\n</VirtualHost>\n',
  '/var/www/html': null,
  '/tmp': null,
};

const keepsEnvironment = '[global]\n[www]\nclear_env = no\n';

interface Machine {
  readonly name: string;
  readonly files: Files;
  /** Path and lifetime. */
  readonly stores: Readonly<Record<string, number>>;
}

const machines: readonly Machine[] = [
  {
    name: 'Debian with php-fpm and nginx',
    files: { ...debianFpm, ...debianNginx },
    stores: { '/var/lib/php/sessions': 1440 },
  },
  {
    name: 'Debian with apache2',
    files: debianApache,
    stores: { '/var/lib/php/sessions': 1440 },
  },
  {
    name: 'Debian with php-fpm behind apache2, and both beside nginx',
    files: { ...debianFpm, ...debianApache, ...debianNginx, ...packages('apache2', 'nginx') },
    stores: { '/var/lib/php/sessions': 1440 },
  },
  {
    name: 'Debian with other web servers that were switched off',
    files: {
      ...debianFpm,
      ...debianNginx,
      ...packages('nginx', 'lighttpd', 'webd'),
      '/usr/sbin/lighttpd': '',
      '/lib/systemd/system/lighttpd.service': '[Service]\nExecStart=/usr/sbin/lighttpd -D\n',
      '/lib/systemd/system/webd.service': '[Service]\nExecStart=/usr/sbin/webd\n',
      '/etc/rc3.d/K01lighttpd': '',
    },
    stores: { '/var/lib/php/sessions': 1440 },
  },
  {
    name: 'RHEL with php-fpm and httpd',
    files: rhel,
    stores: { '/tmp': 1440, '/var/lib/php/session': 1440 },
  },
  {
    name: 'RHEL with php-fpm and nginx, and httpd beside it',
    files: rhelNginx,
    stores: { '/tmp': 1440, '/var/lib/php/session': 1440 },
  },
  {
    name: 'the official container of Apache',
    files: apacheContainer,
    stores: { '/tmp': 1440 },
  },
  {
    name: 'the official container of php-fpm, with nginx',
    files: container,
    stores: { '/tmp': 1440 },
  },
  {
    name: 'the same with clear_env = no and a save_path',
    files: {
      ...container,
      '/usr/local/etc/php-fpm.d/docker.conf': keepsEnvironment,
      '/usr/local/etc/php/conf.d/session.ini': 'session.save_path = /srv/s\n',
      '/srv/s': null,
    },
    stores: { '/srv/s': 1440 },
  },
];

async function storesOf(files: Files) {
  const root = writeTree(files);
  const { stores, warnings } = await discoverStores({ root: Buffer.from(root) });
  return {
    warnings,
    stores: stores.map(({ path, ...store }) => ({ ...store, path: path.slice(root.length) })),
  };
}

describe('nothing is in doubt on', () => {
  for (const { name, files, stores: expected } of machines) {
    it(name, async () => {
      const { stores, warnings } = await storesOf(files);
      expect(warnings).toEqual([]);
      expect(stores.map(({ path, doubt, collectable }) => [path, doubt, collectable])).toEqual(
        Object.keys(expected).map((path) => [path, null, true]),
      );
      const lifetimes = stores.map(({ path, maxLifetime }) => [path, maxLifetime]);
      expect(Object.fromEntries(lifetimes)).toEqual(expected);
    });
  }
});

it('clear_env = no leaves the doubt that it always left, and no other', async () => {
  const files = { ...container, '/usr/local/etc/php-fpm.d/docker.conf': keepsEnvironment };
  const { stores } = await storesOf(files);
  expect(stores.map(({ doubt }) => doubt?.reasons)).toEqual([
    [expect.stringContaining('clear_env = no, and the TMPDIR of php-fpm is unknown')],
  ]);
});
