/** Which web servers a tree has, how they are started, and which of them nobody reads. */
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { findWebServers } from '../../../../lib/php/web-servers/find-web-servers.js';
import { runningServers } from '../../../../lib/php/web-servers/running.js';
import { ActedProc, type ActedProcess } from '../../../support/acted-proc.js';
import { requireTool } from '../../../support/require-tool.js';
import { type Files, treeOf } from '../trees.js';

const find = (files: Files) => findWebServers(treeOf(files));

const labels = (files: Files): string[] => find(files).unread.map(({ label }) => label);

/** As the programs hold it. */
const apache = (root: string, file: string) =>
  `\u007fELF\0 -D HTTPD_ROOT="${root}"\0 -D SERVER_CONFIG_FILE="${file}"\0`;
const nginx = (given: string) =>
  `\u007fELF\0nginx version: nginx/1.22.1\0configure arguments: ${given}\0`;

const enabled = (unit: string, command: string): Files => ({
  [`/lib/systemd/system/${unit}`]: `[Service]\nExecStart=${command}\n`,
  [`/etc/systemd/system/multi-user.target.wants/${unit}`]: `-> /lib/systemd/system/${unit}`,
});

describe('Apache’s main file', () => {
  const mainFile = '/opt/web/etc/main.conf';
  const own: Files = { [mainFile]: 'User www-data\n' };

  it('is the one that its program was built with', () => {
    const program = { '/usr/sbin/httpd': apache('/opt/web', 'etc/main.conf') };
    expect(find({ ...own, ...program }).apache).toEqual([{ mainFile, serverRoot: '/opt/web' }]);
  });

  it('is the one that its unit names with -f and -d, with what -D defines', () => {
    for (const command of [
      `/srv/bin/httpd -f ${mainFile} -D SHOP -DFOREGROUND`,
      '/srv/bin/httpd -d /opt/web -f etc/main.conf -D SHOP -DFOREGROUND',
    ])
      expect(find({ ...own, ...enabled('web.service', command) }).apache).toMatchObject([
        { mainFile, defines: ['SHOP', 'FOREGROUND'] },
      ]);
  });

  it('that a unit names and that is gone makes it one that nobody reads', () => {
    expect(labels(enabled('web.service', `/srv/bin/httpd -f ${mainFile}`))).toEqual([
      'httpd (web.service)',
    ]);
  });

  it('is not looked for in a program that is not there', () => {
    expect(find(own)).toMatchObject({ apache: [], nginx: [], unread: [] });
  });
});

describe('nginx’s main file', () => {
  const mainFile = '/opt/web/conf/my.conf';
  const own: Files = { [mainFile]: 'events { }\n' };

  it('is the one that its program was built with', () => {
    for (const given of [
      `--with-cc-opt='-g -O2' --prefix=/opt/web --conf-path=${mainFile} --with-debug`,
      "--prefix='/opt/web' --conf-path=conf/my.conf",
    ])
      expect(find({ ...own, '/usr/sbin/nginx': nginx(given) }).nginx).toEqual([
        { mainFile, prefix: '/opt/web' },
      ]);
  });

  it('is /usr/local/nginx’s where nothing was given', () => {
    const usual = '/usr/local/nginx/conf/nginx.conf';
    const files = {
      [usual]: 'events { }\n',
      '/usr/sbin/nginx': '\u007fELF\0nginx version: nginx/1\0',
    };
    expect(find(files).nginx).toEqual([{ mainFile: usual, prefix: '/usr/local/nginx' }]);
  });

  it('is the one that its unit names with -c and -p', () => {
    for (const command of [
      `/srv/nginx -g 'daemon off;' -c ${mainFile} -p /opt/web`,
      '/srv/nginx -p /opt/web/ -c conf/my.conf',
    ])
      expect(find({ ...own, ...enabled('web.service', command) }).nginx).toEqual([
        { mainFile, prefix: expect.stringMatching(/^\/opt\/web\/?$/) },
      ]);
  });
});

describe('web servers that nobody reads', () => {
  it.each(['caddy', 'lighttpd', 'h2o', 'hiawatha', 'unitd'])('%s, installed', (name) => {
    expect(labels({ [`/usr/sbin/${name}`]: '' })).toEqual([`${name} (/usr/sbin/${name})`]);
  });

  it('LiteSpeed, in its own directory', () => {
    expect(find({ '/usr/local/lsws/bin/lshttpd': '' }).unread).toMatchObject([
      { label: 'lshttpd (/usr/local/lsws/bin/lshttpd)', speaksLsapi: true, setBy: 0 },
    ]);
  });

  it('one that a unit starts, wherever it lies', () => {
    const unit = enabled('shop.service', '/srv/shop/caddy run --config /srv/shop/Caddyfile');
    expect(labels(unit)).toEqual(['caddy (shop.service)']);
  });

  it('one that something dropped in beside a unit starts', () => {
    expect(
      labels({
        ...enabled('shop.service', '/bin/true'),
        '/etc/systemd/system/shop.service.d/own.conf':
          '[Service]\nExecStart=\nExecStart=/srv/h2o\n',
      }),
    ).toEqual(['h2o (shop.service)']);
  });

  it('one that says of its package that it is one', () => {
    const status = (name: string, state: string) =>
      `Package: ${name}\nStatus: install ok ${state}\nProvides: httpd, httpd-cgi\n`;
    const text = [
      status('webd', 'installed'),
      status('gone', 'config-files'),
      status('nginx-extras', 'installed'),
      status('apache2-bin', 'installed'),
      'Package: php\nStatus: install ok installed\nProvides: php-any\n',
    ].join('\n');
    expect(labels({ '/var/lib/dpkg/status': text })).toEqual(['the package webd']);
  });

  it('but none that is installed and that nothing starts', () => {
    const unit = {
      '/lib/systemd/system/caddy.service': '[Service]\nExecStart=/usr/bin/caddy run\n',
    };
    const installed = { ...unit, '/usr/bin/caddy': '' };
    expect(labels(installed)).toEqual([]);
    const link = '-> /lib/systemd/system/caddy.service';
    for (const directory of [
      '/etc/systemd/system/multi-user.target.wants',
      '/etc/systemd/system/web.target.requires',
    ])
      expect(labels({ ...installed, [`${directory}/caddy.service`]: link })).toContain(
        'caddy (caddy.service)',
      );
    expect(labels({ ...installed, '/etc/rc3.d/S01caddy': '' })).toEqual(['caddy (/usr/bin/caddy)']);
    expect(labels({ ...installed, '/etc/runlevels/default/caddy': '' })).toHaveLength(1);
  });
});

describe('web servers that run', () => {
  function running(acted: ActedProcess, files: Files = {}) {
    const proc = new ActedProc();
    proc.add(100, acted);
    const servers = runningServers(proc.proc, 0);
    return findWebServers(treeOf(files), servers);
  }

  it('are root’s word where a service of the system started them', () => {
    const lighttpd = { exe: '/srv/lighttpd', uids: 33 };
    expect(running({ ...lighttpd, cgroup: '0::/system.slice/web.service\n' }).unread).toEqual([
      { label: 'lighttpd (web.service)', speaksLsapi: false, setBy: 0 },
    ]);
    expect(running(lighttpd).unread).toEqual([
      { label: 'lighttpd (process 100)', speaksLsapi: false, setBy: 33 },
    ]);
    expect(running({ ...lighttpd, cgroup: '0::/user.slice/web.service\n' }).unread).toMatchObject([
      { setBy: 33 },
    ]);
  });

  it('nginx tells its main file by its title', () => {
    const files = { '/srv/my.conf': 'events { }\n' };
    const title = 'nginx: master process /opt/nginx -c /srv/my.conf -g daemon off;\0';
    expect(running({ exe: '/opt/nginx', arguments: title }, files).nginx).toEqual([
      { mainFile: '/srv/my.conf' },
    ]);
    expect(running({ exe: '/opt/nginx', arguments: title, uids: 33 }, files).nginx).toEqual([
      { mainFile: '/srv/my.conf', setBy: 33 },
    ]);
    expect(running({ exe: '/opt/nginx', arguments: title }).unread).toMatchObject([
      { label: 'nginx (process 100)' },
    ]);
  });

  it('are counted without their workers', () => {
    const proc = new ActedProc();
    proc.add(100, { exe: '/srv/lighttpd' });
    proc.add(101, { exe: '/srv/lighttpd', parent: 100 });
    proc.add(102, { exe: '/srv/lighttpd (deleted)', parent: 1 });
    proc.add(103, { exe: '/usr/bin/vi', arguments: ['vi', '/srv/lighttpd'] });
    expect(runningServers(proc.proc, 0).map(({ pid }) => pid)).toEqual([100, 102]);
  });

  it('that may not be looked into are known by their names', () => {
    const proc = new ActedProc();
    proc.add(100, { exe: null, comm: 'caddy' });
    // Kernel threads have no program either.
    expect(runningServers(proc.proc, 0)).toEqual([]);
  });
});

it.runIf(requireTool('apache2') && requireTool('nginx'))(
  'Debian’s own programs tell where their main files are',
  () => {
    const { apache: ofApache, nginx: ofNginx } = findWebServers(new FileTree('/'));
    expect(ofApache).toMatchObject([
      { mainFile: '/etc/apache2/apache2.conf', serverRoot: '/etc/apache2' },
    ]);
    expect(ofNginx).toMatchObject([
      { mainFile: '/etc/nginx/nginx.conf', prefix: '/usr/share/nginx' },
    ]);
  },
);
