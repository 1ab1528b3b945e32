import { chownSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readApache } from '../../../../lib/php/apache/read-apache.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { SessionSettings } from '../../../../lib/php/usage.js';
import { isRoot, writeTree } from '../trees.js';
import { readTree, summary, usagesIn, usagesOf } from './trees.js';

describe('the usages of an Apache', () => {
  const base: SessionSettings = new Map([
    ['session.save_path', { value: '/base', source: { kind: 'default', of: 'PHP' }, setBy: 0 }],
  ]);

  it('are the server, each virtual host, and each section that sets something', () => {
    const text = `
      php_value session.gc_maxlifetime 1
      <VirtualHost *:80>
        ServerName https://shop.example:444
        DocumentRoot /srv/shop
        php_value session.save_path /srv/sessions
        <Directory /srv/shop/admin>
          php_value session.gc_maxlifetime 2
        </Directory>
        <Directory /srv/shop/quiet>
          Require all granted
        </Directory>
        <Location "/api">
          php_value session.gc_maxlifetime 3
          </Location>
      </VirtualHost>
      <VirtualHost [::1]:81>
      </VirtualHost>`;
    expect(usagesOf(text, base).map(summary)).toEqual([
      'apache2 server: gc_maxlifetime=1 save_path=/base',
      'apache2 vhost shop.example:80: gc_maxlifetime=1 save_path=/srv/sessions',
      'apache2 vhost shop.example:80 <Directory /srv/shop/admin>: gc_maxlifetime=2 save_path=/srv/sessions',
      'apache2 vhost shop.example:80 <Location /api>: gc_maxlifetime=3 save_path=/srv/sessions',
      'apache2 vhost [::1]:81: gc_maxlifetime=1 save_path=/base',
    ]);
  });

  it('of a host hold what the server’s own sections set for its document root', () => {
    const text = `
      <Directory /srv>
        php_admin_value session.save_path /srv/all
      </Directory>
      <VirtualHost *:80>
        DocumentRoot /srv/shop
        php_value session.save_path /own
      </VirtualHost>`;
    expect(usagesOf(text).map(summary)).toContain('apache2 vhost *:80: save_path=/srv/all');
  });

  it('take the last line of one section, but an admin one of an earlier section', () => {
    const text = `
      php_admin_value session.gc_maxlifetime 1
      php_value session.gc_maxlifetime 2
      php_admin_value session.save_path /fixed
      <VirtualHost *:80>
        php_value session.save_path /other
        php_value session.gc_maxlifetime 3
      </VirtualHost>`;
    expect(usagesOf(text).map(summary)).toContain(
      'apache2 vhost *:80: gc_maxlifetime=3 save_path=/fixed',
    );
  });

  it('take <DirectoryMatch> by the slashes of its expression, as Apache sorts them', () => {
    const text = `
      DocumentRoot /srv
      <DirectoryMatch "/srv/">
        php_value session.gc_maxlifetime 2
      </DirectoryMatch>
      <DirectoryMatch "/any">
        php_value session.gc_maxlifetime 1
      </DirectoryMatch>`;
    expect(usagesOf(text).map(summary)).toContain('apache2 server: gc_maxlifetime=2');
  });

  it('read none as the empty value, flags as 0 and 1, and sys_temp_dir from administrators only', () => {
    const text = `
      php_value session.save_path None
      php_flag session.gc_probability On
      php_value sys_temp_dir /a
      <VirtualHost *:80>
        php_admin_value sys_temp_dir /b
        php_flag session.gc_probability yes
      </VirtualHost>`;
    expect(usagesOf(text).map(summary)).toEqual([
      'apache2 server: gc_probability=1 save_path=',
      'apache2 vhost *:80: gc_probability=0 save_path= sys_temp_dir=/b',
    ]);
  });

  it('are two where only a running Apache can tell, and both say so', () => {
    const text = '<IfModule mod_x.c>\nphp_value session.gc_maxlifetime 60\n</IfModule>';
    const usages = usagesOf(text);
    expect(usages.map(summary)).toEqual(['apache2 server: gc_maxlifetime=60', 'apache2 server: ']);
    expect(usages.map(({ warnings }) => warnings.length)).toEqual([1, 1]);
    expect(usages[0]?.warnings[0]?.source).toEqual({
      kind: 'file',
      file: '/etc/apache2/apache2.conf',
      line: 3,
    });
  });

  it('of an <If> say that they depend on the request, and change no other', () => {
    const text = `<If "%{HTTP_HOST} == 'x'">\nphp_value session.gc_maxlifetime 60\n</If>`;
    const usages = usagesOf(text);
    expect(usages.map(summary)).toEqual([
      'apache2 server: ',
      `apache2 server <If "%{HTTP_HOST} == 'x'">: gc_maxlifetime=60`,
    ]);
    expect(usages[1]?.warnings[0]?.message).toMatch(/depends on the request/);
  });

  it('are none where Apache runs no PHP', () => {
    const main = '/etc/apache2/apache2.conf';
    const files = { [main.slice(1)]: 'LoadModule mpm_event_module modules/mod_mpm_event.so\n' };
    const root = writeTree(files);
    const tree = new FileTree(root);
    const configuration = readApache(tree, { mainFile: main });
    expect(usagesIn({ root, tree, configuration }, base)).toEqual([]);
  });

  it('have the temporary directory that Apache is started with', () => {
    const read = readTree({ 'etc/apache2/envvars': 'export TMPDIR=/var/tmp' });
    const usages = usagesIn(read, base);
    expect(usages.map(summary)).toEqual(['apache2 server: TMPDIR=/var/tmp save_path=/base']);
  });

  it('of 1,000 hosts below sections of the server take no time to speak of', () => {
    const hosts = Array.from(
      { length: 1000 },
      (_, index) =>
        `<VirtualHost *:80>\nServerName h${index}\nDocumentRoot /srv/h${index}\nphp_value session.save_path /s/${index}\n<Directory /srv/h${index}/a>\nphp_value session.gc_maxlifetime ${index}\n</Directory>\n</VirtualHost>`,
    );
    const started = performance.now();
    const usages = usagesOf(
      `<Directory /srv>\nphp_value session.gc_divisor 1\n</Directory>\n${hosts.join('\n')}`,
    );
    expect(usages.length).toBeGreaterThan(2000);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('of equal sections are one, which has what all of them set', () => {
    const text = `
      <Directory /srv/shop>
        php_value session.gc_maxlifetime 1
      </Directory>
      <Directory /srv/shop>
        php_value session.save_path /shop
        <Files x.php>
          php_value session.gc_maxlifetime 2
        </Files>
      </Directory>
      <Directory /srv/shop>
        php_value session.gc_maxlifetime 3
        <Files x.php>
          php_value session.gc_divisor 4
        </Files>
      </Directory>`;
    expect(usagesOf(text).map(summary)).toEqual([
      'apache2 server: ',
      'apache2 server <Directory /srv/shop>: gc_maxlifetime=3 save_path=/shop',
      'apache2 server <Directory /srv/shop> <Files x.php>: gc_divisor=4 gc_maxlifetime=2 save_path=/shop',
    ]);
  });

  it('of equal expressions stay apart where a script of theirs is not known', () => {
    const text = ['1', '2']
      .map(
        (value) =>
          `<DirectoryMatch "/[ab]$">\nphp_value session.gc_maxlifetime ${value}\n</DirectoryMatch>`,
      )
      .join('\n');
    expect(usagesOf(text).map(summary)).toEqual([
      'apache2 server: ',
      'apache2 server <DirectoryMatch /[ab]$>: gc_maxlifetime=1',
      'apache2 server <DirectoryMatch /[ab]$>: gc_maxlifetime=2',
    ]);
  });

  it.skipIf(!isRoot)(
    'of equal expressions stay apart where one is a user’s, which is not tried',
    () => {
      const section = (line: string) => `<DirectoryMatch "^/srv/">\n${line}\n</DirectoryMatch>\n`;
      const read = readTree({
        'etc/apache2/user.conf': section('php_value session.save_path /u'),
        'etc/apache2/apache2.conf': `DocumentRoot /srv/www\nInclude user.conf\n${section('php_value session.gc_maxlifetime 2')}`,
      });
      chownSync(`${read.root}/etc/apache2/user.conf`, 61_001, 61_001);
      const tree = new FileTree(read.root);
      const configuration = readApache(tree, { mainFile: '/etc/apache2/apache2.conf' });
      expect(usagesIn({ ...read, tree, configuration }).map(summary)).toEqual([
        'apache2 server: gc_maxlifetime=2',
        'apache2 server <DirectoryMatch ^/srv/>: gc_maxlifetime=2 save_path=/u',
        'apache2 server <DirectoryMatch ^/srv/>: gc_maxlifetime=2',
      ]);
    },
  );

  it('of equal sections in others stay apart, since these are about other scripts', () => {
    const text = `
      DocumentRoot /srv/www
      <Directory /srv/www>
        php_value session.save_path /www
        <Files x.php>
          php_value session.gc_divisor 1
        </Files>
      </Directory>
      <Directory /srv>
        <Files x.php>
          php_value session.gc_maxlifetime 2
        </Files>
      </Directory>
      <Files x.php>
        php_value session.gc_maxlifetime 3
      </Files>`;
    expect(usagesOf(text).map(summary)).toContain(
      'apache2 server <Directory /srv> <Files x.php>: gc_maxlifetime=2',
    );
  });

  it('of 10,000 equal sections take no time to speak of', () => {
    const section = '<Directory /srv>\nphp_value session.gc_maxlifetime 5\n</Directory>\n';
    const started = performance.now();
    expect(usagesOf(section.repeat(10_000)).map(summary)).toEqual([
      'apache2 server: ',
      'apache2 server <Directory /srv>: gc_maxlifetime=5',
    ]);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
