/**
 * Sites as administrators put them on top of the packages' files: web servers, users' files, includes,
 * with the lifetimes that PHP uses.
 *
 * Invariant: each is whole, and PHP would start with it.
 */
import type { Files } from '../php/trees.js';
import { webServer } from './layouts.js';

export interface Site {
  readonly name: string;
  readonly files: Files;
}

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'www-data:x:33:33::/var/www:/bin/sh',
  'alice:x:1001:1001::/home/alice:/bin/sh',
  '',
].join('\n');

const fpm = '/etc/php/8.2/fpm';

function pool(name: string, ...lines: string[]): string {
  return `[${name}]\nuser = www-data\nlisten = /run/${name}.sock\npm = ondemand\n${lines.join('\n')}\n`;
}

function fpmIn(etc: string, sessions: string): Files {
  return {
    [`${etc}/php.ini`]: 'session.gc_maxlifetime = "1800"\n',
    [`${etc}/php-fpm.conf`]: `[global]\ninclude=${etc}/php-fpm.d/*.conf\n`,
    [`${etc}/php-fpm.d/www.conf`]: pool('www', `php_value[session.save_path] = "${sessions}"`),
    [sessions]: null,
  };
}

const debian: Files = {
  '/etc/passwd': passwd,
  '/etc/php/8.2/cli/php.ini': 'session.gc_maxlifetime = 1440\n',
  [`${fpm}/php.ini`]: 'session.gc_maxlifetime = "7200"\n',
  [`${fpm}/conf.d/20-site.ini`]: '-> /etc/php/8.2/mods-available/site.ini',
  '/etc/php/8.2/mods-available/site.ini': 'session.gc_maxlifetime = "10800"\n',
  [`${fpm}/php-fpm.conf`]: `[global]\ninclude=${fpm}/pool.d/*.conf\n`,
  [`${fpm}/pool.d/www.conf`]: pool('www'),
  '/var/lib/php/sessions': null,
};

export const sites: readonly Site[] = [
  {
    name: 'Debian with nginx and .user.ini files',
    files: {
      ...debian,
      '/etc/nginx/nginx.conf':
        'events { }\nhttp {\n  include /etc/nginx/sites-enabled/*;\n  include /etc/nginx/more.conf;\n}\n',
      '/etc/nginx/sites-enabled/shop':
        'server {\n  root /var/www/shop;\n  location ~ \\.php$ {\n    include /etc/nginx/fastcgi.conf;\n    fastcgi_param PHP_VALUE "session.gc_maxlifetime=14400";\n  }\n}\n',
      '/etc/nginx/fastcgi.conf':
        'fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n',
      '/etc/nginx/more.conf': 'server {\n  root /var/www/more;\n}\n',
      '/var/www/shop/.user.ini': 'session.gc_maxlifetime = "86400"\n',
      '/var/www/more/.user.ini': 'session.gc_maxlifetime = "90000"\n',
    },
  },
  {
    name: 'two pools, one with an include',
    files: {
      ...debian,
      ...webServer,
      [`${fpm}/pool.d/shop.conf`]: pool(
        'shop',
        'php_admin_value[session.save_path] = /srv/shop',
        'include = /etc/shop-fpm.conf',
      ),
      '/etc/shop-fpm.conf': 'php_value[session.gc_maxlifetime] = "86400"\n',
      '/srv/shop': null,
    },
  },
  {
    name: 'Debian with apache2, virtual hosts and an .htaccess',
    files: {
      '/etc/passwd': passwd,
      '/etc/php/8.2/apache2/php.ini': 'session.gc_maxlifetime = "1800"\n',
      '/etc/apache2/apache2.conf': [
        'Include /etc/apache2/mods-enabled/*.load',
        'IncludeOptional sites-enabled/*.conf',
        'Include /etc/apache2/extra.conf',
        '',
      ].join('\n'),
      '/etc/apache2/envvars': 'export APACHE_RUN_USER=www-data\nexport STORE=/srv/b\n',
      '/etc/apache2/mods-enabled/php8.2.load':
        'LoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n',
      '/etc/apache2/extra.conf':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Apache's own.
        'User ${APACHE_RUN_USER}\n<Directory /var/www>\nAllowOverride All\n</Directory>\n',
      '/etc/apache2/sites-enabled/a.conf': [
        '<VirtualHost *:80>',
        'ServerName a.example',
        'DocumentRoot /var/www/a',
        'php_admin_value session.save_path /srv/a',
        'php_value session.gc_maxlifetime 7200',
        '</VirtualHost>',
        '',
      ].join('\n'),
      '/etc/apache2/sites-enabled/b.conf': [
        '<VirtualHost *:80>',
        'ServerName b.example',
        'DocumentRoot /var/www/b',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Apache's own.
        'php_admin_value session.save_path ${STORE}',
        '</VirtualHost>',
        '',
      ].join('\n'),
      '/var/www/a/.htaccess': 'php_value session.gc_maxlifetime 86400\n',
      '/var/www/b/.htaccess':
        '<Files "any.php">\nphp_value session.gc_maxlifetime 43200\n</Files>\nphp_value session.gc_maxlifetime 43200\n',
      '/srv/a': null,
      '/srv/b': null,
      '/var/lib/php/sessions': null,
    },
  },
  {
    name: 'Debian with FPM and apache2 in one directory',
    files: {
      ...debian,
      '/etc/php/8.2/apache2/php.ini': 'session.gc_maxlifetime = "20000"\n',
      '/etc/apache2/apache2.conf':
        'IncludeOptional mods-enabled/*.load\nUser www-data\n<Directory /var/www>\nAllowOverride None\n</Directory>\n',
      '/etc/apache2/mods-enabled/php8.2.load':
        '<IfModule !php_module>\nLoadModule php_module /usr/lib/apache2/modules/libphp8.2.so\n</IfModule>\n',
    },
  },
  {
    name: 'two pools that share a directory',
    files: {
      ...debian,
      ...webServer,
      [`${fpm}/pool.d/www.conf`]: pool('www', 'php_value[session.save_path] = "/srv/both"'),
      [`${fpm}/pool.d/z.conf`]: pool(
        'z',
        'php_value[session.save_path] = "/srv/both"',
        'php_value[session.gc_maxlifetime] = "86400"',
      ),
      '/srv/both': null,
    },
  },
  {
    name: 'PHP from source',
    files: {
      '/etc/passwd': passwd,
      ...webServer,
      '/usr/local/lib/php.ini': 'session.gc_maxlifetime = "14400"\n',
      '/usr/local/etc/php-fpm.conf': '[global]\ninclude=/usr/local/etc/pools.conf\n',
      '/usr/local/etc/pools.conf': pool('www', 'php_value[session.save_path] = "/srv/s"'),
      '/srv/s': null,
    },
  },
  {
    name: 'cPanel with Apache before FPM',
    files: {
      '/etc/passwd': passwd,
      '/opt/cpanel/ea-php82/root/etc/php.ini': 'session.gc_maxlifetime = "1800"\n',
      '/opt/cpanel/ea-php82/root/etc/php-fpm.conf':
        '[global]\ninclude=/opt/cpanel/ea-php82/root/etc/php-fpm.d/*.conf\n',
      '/opt/cpanel/ea-php82/root/etc/php-fpm.d/shop.conf': pool(
        'shop',
        'php_admin_value[session.save_path] = "/home/alice/sessions"',
      ),
      '/etc/apache2/conf/httpd.conf': [
        'ServerRoot "/etc/apache2"',
        'Include "conf.modules.d/*.conf"',
        'Include "/etc/apache2/conf.d/shop.conf"',
        '',
      ].join('\n'),
      '/etc/apache2/conf.modules.d/000_mod_proxy_fcgi.conf':
        'LoadModule proxy_fcgi_module modules/mod_proxy_fcgi.so\n',
      '/etc/apache2/conf.d/shop.conf': [
        '<VirtualHost *:80>',
        'ServerName shop.example',
        'DocumentRoot /home/alice/public_html',
        '</VirtualHost>',
        '',
      ].join('\n'),
      '/home/alice/public_html/.user.ini': 'session.gc_maxlifetime = "86400"\n',
      '/home/alice/sessions': null,
    },
  },
  {
    name: 'nginx as aaPanel has it',
    files: {
      '/etc/passwd': passwd,
      ...fpmIn('/etc', '/www/php_session/shop'),
      '/www/server/nginx/conf/nginx.conf':
        'events { }\nhttp {\n  include /www/server/panel/vhost/nginx/*.conf;\n}\n',
      '/www/server/panel/vhost/nginx/shop.conf': 'server {\n  root /www/wwwroot/shop;\n}\n',
      '/www/wwwroot/shop/.user.ini': 'session.gc_maxlifetime = "86400"\n',
    },
  },
  {
    name: 'the official container with nginx',
    files: {
      '/etc/passwd': passwd,
      '/usr/local/etc/php/conf.d/session.ini': 'session.gc_maxlifetime = "1800"\n',
      '/usr/local/etc/php-fpm.conf': '[global]\ninclude=etc/php-fpm.d/*.conf\n',
      '/usr/local/etc/php-fpm.d/www.conf': pool('www', 'php_value[session.save_path] = "/srv/s"'),
      '/usr/local/etc/php-fpm.d/zz-docker.conf': '[global]\ndaemonize = no\n',
      '/etc/nginx/nginx.conf': 'events { }\nhttp {\n  include /etc/nginx/conf.d/default.conf;\n}\n',
      '/etc/nginx/conf.d/default.conf': 'server {\n  root /var/www/html/public;\n}\n',
      '/var/www/html/public/.user.ini': 'session.gc_maxlifetime = "86400"\n',
      '/srv/s': null,
    },
  },
  {
    name: 'mod_fcgid with a starter script and a php.ini of each host',
    files: {
      '/etc/passwd': passwd,
      '/usr/bin/php-cgi8.2': '',
      '/etc/php/8.2/cgi/php.ini': 'session.gc_maxlifetime = "1800"\n',
      '/etc/apache2/apache2.conf':
        'LoadModule fcgid_module modules/mod_fcgid.so\nInclude /etc/apache2/sites-enabled/a.conf\nInclude /etc/apache2/sites-enabled/b.conf\n',
      '/etc/apache2/sites-enabled/a.conf': [
        '<VirtualHost *:80>',
        'ServerName a.example',
        'FcgidInitialEnv PHPRC /etc/php-vhosts/a/php.ini',
        'FcgidWrapper /usr/bin/php-cgi8.2 .php',
        '</VirtualHost>',
        '',
      ].join('\n'),
      '/etc/apache2/sites-enabled/b.conf': [
        '<VirtualHost *:80>',
        'ServerName b.example',
        'FcgidWrapper /srv/b/starter .php',
        '</VirtualHost>',
        '',
      ].join('\n'),
      '/etc/php-vhosts/a/php.ini': 'session.gc_maxlifetime = "86400"\n',
      '/srv/b/starter': '#!/bin/sh\nPHPRC=/srv/b/php.ini\nexport PHPRC\nexec /usr/bin/php-cgi8.2\n',
      '/srv/b/php.ini': 'session.gc_maxlifetime = "90000"\n',
      '/var/lib/php/sessions': null,
    },
  },
  {
    name: 'OpenLiteSpeed',
    files: {
      '/etc/passwd': passwd,
      '/usr/local/lsws/bin/openlitespeed': '',
      '/usr/local/lsws/lsphp82/bin/lsphp': '',
      '/usr/local/lsws/lsphp82/bin/php': '',
      '/usr/local/lsws/lsphp82/etc/php/8.2/litespeed/php.ini':
        'session.save_path = "/srv/s"\nsession.gc_maxlifetime = "1800"\n',
      '/usr/local/lsws/conf/httpd_config.conf':
        'user nobody\nvirtualHost shop {\n  vhRoot /srv/shop/\n  configFile /usr/local/lsws/conf/shop.conf\n}\n',
      '/usr/local/lsws/conf/shop.conf':
        'docRoot $VH_ROOT/html/\nphpIniOverride {\n  php_value session.gc_maxlifetime 86400\n}\n',
      '/srv/shop/html': null,
      '/srv/s': null,
    },
  },
  {
    name: 'lighttpd before FPM',
    files: {
      ...debian,
      '/usr/sbin/lighttpd': '',
      '/lib/systemd/system/lighttpd.service':
        '[Service]\nExecStart=/usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf\n',
      '/etc/systemd/system/multi-user.target.wants/lighttpd.service':
        '-> /lib/systemd/system/lighttpd.service',
      '/etc/lighttpd/lighttpd.conf': [
        'server.modules = ( "mod_access", "mod_alias" )',
        'var.base = "/var/www"',
        'server.document-root = base + "/html"',
        'include_shell "/usr/share/lighttpd/use-ipv6.pl"',
        'include "/etc/lighttpd/fastcgi.conf"',
        '$HTTP["host"] =~ "(^|\\.)shop\\.example$" {',
        '  server.document-root = "/srv/shop"',
        '}',
        '',
      ].join('\n'),
      '/etc/lighttpd/fastcgi.conf':
        'fastcgi.server = ( ".php" => (( "socket" => "/run/php/fpm.sock" )) )\nsetenv.set-environment = ( "PHP_VALUE" => "session.gc_maxlifetime=50000" )\n',
      '/var/www/html/.user.ini': 'session.gc_maxlifetime = "86400"\n',
      '/srv/shop/.user.ini': 'session.gc_maxlifetime = "90000"\n',
    },
  },
  {
    name: 'Caddy before FPM',
    files: {
      ...debian,
      '/usr/bin/caddy': '',
      '/lib/systemd/system/caddy.service':
        '[Service]\nUser=caddy\nExecStart=/usr/bin/caddy run --environ --config /etc/caddy/Caddyfile\n',
      '/etc/systemd/system/multi-user.target.wants/caddy.service':
        '-> /lib/systemd/system/caddy.service',
      '/etc/caddy/Caddyfile': [
        '{',
        '\temail a@b.example',
        '}',
        'shop.example {',
        '\troot * /srv/shop/public',
        '\tphp_fastcgi unix//run/php/fpm.sock {',
        '\t\tenv PHP_VALUE "session.gc_maxlifetime=50000"',
        '\t}',
        '}',
        'import /etc/caddy/more.caddy',
        '',
      ].join('\n'),
      '/etc/caddy/more.caddy':
        'more.example {\n\troot * /srv/more\n\tphp_fastcgi 127.0.0.1:9000\n}\n',
      '/srv/shop/public/.user.ini': 'session.gc_maxlifetime = "86400"\n',
      '/srv/more/.user.ini': 'session.gc_maxlifetime = "90000"\n',
    },
  },
  {
    name: 'lighttpd that starts php-cgi with a php.ini of its own',
    files: {
      '/etc/passwd': passwd,
      '/usr/sbin/lighttpd': '',
      '/usr/bin/php-cgi8.2': '',
      '/etc/php/8.2/cgi/php.ini': 'session.gc_maxlifetime = "1800"\n',
      '/etc/lighttpd/lighttpd.conf': [
        'server.document-root = "/var/www/html"',
        'fastcgi.server = ( ".php" => ((',
        '  "bin-path" => "/usr/bin/php-cgi8.2",',
        '  "bin-environment" => ( "PHPRC" => "/srv/l/php.ini" ),',
        '  "socket" => "/run/x"',
        ')))',
        '',
      ].join('\n'),
      '/srv/l/php.ini': 'session.gc_maxlifetime = "86400"\n',
      '/var/lib/php/sessions': null,
    },
  },
];
