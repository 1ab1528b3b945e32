/**
 * PHP behind a web server that is not read: it could be told other lifetimes than its own files say,
 * so its sessions are kept, until the administrator names the document roots.
 */
import { describe, expect, it } from 'vitest';
import { discoverStores } from '../../../lib/stores/discover.js';
import type { Store } from '../../../lib/stores/store.js';
import { filesTarget } from '../../../lib/stores/store-directory.js';
import { type Files, writeTree } from '../php/trees.js';
import { only } from './usages.js';

const pool =
  '[www]\nuser = www-data\nlisten = /x\npm = ondemand\nphp_value[session.save_path] = /srv/s\n';
const fpm: Files = {
  '/etc/passwd': 'www-data:x:33:33::/var/www:/bin/sh\nalice:x:1001:1001::/home/alice:/bin/sh\n',
  '/etc/php.ini': 'session.gc_maxlifetime = 1440\n',
  '/etc/php-fpm.conf': pool,
  '/srv/s': null,
};
const longer = 'session.gc_maxlifetime = 86400\n';

async function storeOf(files: Files): Promise<Store> {
  const root = writeTree({ '/srv/s': null, ...files });
  const { stores } = await discoverStores({ root: Buffer.from(root) });
  return only(stores.filter(({ path }) => path === `${root}/srv/s`));
}

/** What the files of a user live for; null: they are kept. */
async function lifetimeOf(files: Files, uid = 33): Promise<number | null> {
  const store = await storeOf(files);
  const { doubt } = store;
  const target = filesTarget(store);
  if (target === null || doubt?.users === null || doubt?.users?.some((user) => user.uid === uid))
    return null;
  return target.lifetimesByUid.get(uid) ?? target.maxLifetimeSeconds;
}

const named = (...roots: string[]): Files => ({
  '/etc/sescle/sescle.toml': `[discover]\ndocument_roots = ${JSON.stringify(roots)}\n`,
});

describe('FPM behind a web server that is not read', () => {
  const site = { '/srv/web/.user.ini': longer };

  it.each<[string, Files]>([
    ['Caddy', { '/usr/bin/caddy': '' }],
    ['lighttpd', { '/usr/sbin/lighttpd': '' }],
    ['OpenLiteSpeed', { '/usr/local/lsws/bin/openlitespeed': '' }],
    ['H2O beside nginx', { '/usr/bin/h2o': '', '/etc/nginx/nginx.conf': 'events { }\nhttp { }\n' }],
    ['one that is not found', {}],
  ])('%s: its sessions are kept', async (_, server) => {
    expect(await lifetimeOf({ ...fpm, ...server, ...site })).toBe(null);
  });

  it('until its document roots are named: then what lies there counts', async () => {
    for (const server of [{ '/usr/bin/caddy': '' }, {}]) {
      expect(await lifetimeOf({ ...fpm, ...server, ...site, ...named('/srv/web') })).toBe(86_400);
      expect(await lifetimeOf({ ...fpm, ...server, ...named() })).toBe(1440);
    }
  });

  it('and those that are named and not there keep them too', async () => {
    const files = { ...fpm, ...site, ...named('/srv/web', '/mnt/web') };
    expect(await lifetimeOf(files)).toBe(null);
    const { doubt } = await storeOf(files);
    expect(doubt?.reasons.join()).toMatch(
      /sescle\.toml:2: the document root \/mnt\/web does not exist/,
    );
  });

  it('whatever the pool fixes, since PHP_ADMIN_VALUE goes before it', async () => {
    const fixed = `${pool}php_admin_value[session.gc_maxlifetime] = 600\n`;
    const files = { ...fpm, '/usr/bin/caddy': '', '/etc/php-fpm.conf': fixed };
    expect(await lifetimeOf(files)).toBe(null);
  });

  it('says which it is, and what to write', async () => {
    const { doubt, collectable, warnings } = await storeOf({ ...fpm, '/usr/bin/caddy': '' });
    expect(collectable).toBe(true);
    expect(doubt?.users).toBe(null);
    const reason =
      'sescle does not read the web server caddy (/usr/bin/caddy): the PHP_VALUE settings that it sends and the .user.ini files below its document roots are unknown';
    expect(doubt?.reasons).toEqual([reason]);
    expect(warnings).toContain(reason);
    expect(doubt?.remedy).toMatch(
      /^list every directory that it serves PHP from in \/etc\/sescle\/sescle\.toml: \[discover\] ⏎ document_roots = \["\/var\/www"\]; or if no session there lives longer, write \[\[store\]\]/,
    );
  });

  it('leaves what no web server starts alone', async () => {
    const cli = { '/etc/php.ini': 'session.save_path = /srv/s\n', '/usr/bin/caddy': '' };
    expect(await lifetimeOf(cli)).toBe(1440);
  });

  it('and what the administrator does not want to be looked for', async () => {
    const toml = { '/etc/sescle/sescle.toml': '[discover]\nuser_files = false\n' };
    expect(await lifetimeOf({ ...fpm, ...site, ...toml })).toBe(1440);
  });
});

it('lsphp keeps its sessions where LiteSpeed serves it, which is not read', async () => {
  const lsphp = {
    '/usr/local/lsws/lsphp82/etc/php/8.2/litespeed/php.ini': 'session.save_path = /srv/s\n',
  };
  expect(await lifetimeOf({ ...lsphp, '/usr/local/lsws/bin/litespeed': '' })).toBe(null);
  expect(await lifetimeOf({ ...lsphp, '/usr/bin/caddy': '' })).toBe(1440);
});

describe('web servers wherever their main file is', () => {
  const site = { '/srv/web/.user.ini': longer };
  const apache = 'DocumentRoot /srv/web\n';
  const nginx = 'events { }\nhttp { server { root /srv/web; } }\n';

  it.each<[string, Files]>([
    ['Apache of cPanel', { '/etc/apache2/conf/httpd.conf': apache }],
    ['Apache of Bitnami', { '/opt/bitnami/apache/conf/httpd.conf': apache }],
    ['nginx of Bitnami', { '/opt/bitnami/nginx/conf/nginx.conf': nginx }],
    ['nginx of aaPanel', { '/www/server/nginx/conf/nginx.conf': nginx }],
    [
      'Apache where its program says',
      {
        '/usr/sbin/httpd': '\0 -D HTTPD_ROOT="/opt/web"\0 -D SERVER_CONFIG_FILE="main.conf"\0',
        '/opt/web/main.conf': apache,
      },
    ],
    [
      'nginx where its program says',
      {
        '/usr/bin/nginx':
          '\0nginx version: nginx/1\0configure arguments: --conf-path=/opt/web/main.conf\0',
        '/opt/web/main.conf': nginx,
      },
    ],
    [
      'nginx where its unit says',
      {
        '/lib/systemd/system/web.service':
          '[Service]\nExecStart=/opt/sbin/nginx -c /opt/web/main.conf\n',
        '/etc/systemd/system/multi-user.target.wants/web.service':
          '-> /lib/systemd/system/web.service',
        '/opt/web/main.conf': nginx,
      },
    ],
  ])('%s: a .user.ini below its document root counts', async (_, server) => {
    expect(await lifetimeOf({ ...fpm, ...server, ...site })).toBe(86_400);
    expect(await lifetimeOf({ ...fpm, ...server })).toBe(1440);
  });

  it('a part of Apache’s that is lost keeps the sessions of the FPM behind it', async () => {
    const files = { ...fpm, '/etc/apache2/conf/httpd.conf': 'Include /etc/vhosts.conf\n' };
    expect(await lifetimeOf(files)).toBe(null);
    expect(await lifetimeOf({ ...files, '/etc/vhosts.conf': apache, ...site })).toBe(86_400);
  });

  it('one whose unit names a file that is gone keeps the sessions', async () => {
    const unit = {
      '/etc/systemd/system/web.service': '[Service]\nExecStart=/opt/sbin/nginx -c /opt/gone.conf\n',
      '/etc/systemd/system/multi-user.target.wants/web.service': '-> ../web.service',
    };
    expect(await lifetimeOf({ ...fpm, ...unit })).toBe(null);
  });
});

describe('Apache before FPM', () => {
  const conf = (...lines: string[]): Files => ({
    '/etc/httpd/conf/httpd.conf': [
      'LoadModule proxy_fcgi_module modules/mod_proxy_fcgi.so',
      '<VirtualHost *:80>\nDocumentRoot /srv/web',
      ...lines,
      '</VirtualHost>\n',
    ].join('\n'),
    '/usr/lib64/httpd/modules/mod_proxy_fcgi.so': '',
    '/srv/web': null,
  });

  it.each([
    'SetEnv PHP_VALUE "session.gc_maxlifetime=86400"',
    '<Location /x>\nSetEnv PHP_ADMIN_VALUE "session.gc_maxlifetime = 86400"\n</Location>',
    'ProxyFCGISetEnvIf "true" PHP_VALUE "session.gc_maxlifetime=86400"',
    'SetEnvIf Host shop "PHP_VALUE=session.gc_maxlifetime=86400"',
    'RewriteRule ^ - [E=PHP_VALUE:session.gc_maxlifetime=86400]',
  ])('sends it %s', async (line) => {
    const files = { ...fpm, ...conf(line) };
    expect(await lifetimeOf(files)).toBe(86_400);
    expect((await storeOf(files)).usedBy).toContainEqual(
      expect.stringMatching(/^php-fpm pool www by PHP_(ADMIN_)?VALUE of apache2$/),
    );
  });

  it('sends what an .htaccess says, which may lengthen only', async () => {
    const line = 'SetEnv PHP_VALUE "session.gc_maxlifetime=86400"\n';
    expect(await lifetimeOf({ ...fpm, ...conf(), '/srv/web/.htaccess': line })).toBe(86_400);
    const elsewhere = 'SetEnv PHP_VALUE "session.save_path=/srv/web"\n';
    const root = writeTree({ ...fpm, ...conf(), '/srv/web/.htaccess': elsewhere });
    const { stores } = await discoverStores({ root: Buffer.from(root) });
    expect(stores.map(({ path }) => path)).not.toContain(`${root}/srv/web`);
  });

  it('that serves PHP from a directory of its own names it', async () => {
    const files = { ...fpm, '/srv/app/public/.user.ini': longer };
    for (const line of [
      'ProxyPassMatch ^/(.*\\.php)$ fcgi://127.0.0.1:9000/srv/app/$1',
      'ProxyPassMatch ^/(.*\\.php)$ unix:/x|fcgi://localhost/srv/app/public/$1',
      'RewriteRule ^/(.*\\.php)$ fcgi://127.0.0.1:9000/srv/app/public/$1 [P]',
    ])
      expect(await lifetimeOf({ ...files, ...conf(line) })).toBe(86_400);
    const handler =
      '<FilesMatch \\.php$>\nSetHandler "proxy:unix:/x|fcgi://localhost/"\n</FilesMatch>';
    expect(await lifetimeOf({ ...files, ...conf(handler) })).toBe(1440);
  });
});
