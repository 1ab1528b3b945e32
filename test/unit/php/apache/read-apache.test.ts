import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readApache } from '../../../../lib/php/apache/read-apache.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { loadPhp, readTree, texts, writeTree } from './trees.js';

const main = 'etc/apache2/apache2.conf';

function settingsOf(files: Record<string, string>, defines?: string[]): string[] {
  const { configuration } = readTree(files, defines);
  return configuration.scopes.flatMap(({ top }) =>
    top.settings.map(({ name, value, isCertain }) => `${name}=${value}${isCertain ? '' : '?'}`),
  );
}

const lifetime = (value: string | number): string => `php_value session.gc_maxlifetime ${value}\n`;

describe('an Apache configuration', () => {
  it('is read through files, directories and patterns, in order', () => {
    const files = {
      [main]: `Include one.conf\nIncludeOptional sites/*.conf\nInclude all\nIncludeOptional none/*`,
      'etc/apache2/one.conf': lifetime(1),
      'etc/apache2/sites/b.conf': lifetime(3),
      'etc/apache2/sites/a.conf': lifetime(2),
      'etc/apache2/sites/.c.conf': lifetime(99),
      'etc/apache2/sites/d.conf~': lifetime(99),
      'etc/apache2/all/x/deep': lifetime(4),
      'etc/apache2/all/y': lifetime(5),
    };
    const values = settingsOf(files).map((text) => text.split('=')[1]);
    expect(values).toEqual(['1', '2', '3', '4', '5']);
  });

  it('is relative to its ServerRoot', () => {
    const files = {
      [main]: 'ServerRoot "/srv/httpd"\nInclude a.conf',
      'srv/httpd/a.conf': lifetime(7),
    };
    expect(settingsOf(files)).toEqual(['session.gc_maxlifetime=7']);
  });

  it('has its variables from Define, from -D none, and from the environment', () => {
    const files = {
      [main]: [
        'Define Base /srv/a',
        `php_value session.save_path \${base}/\${APACHE_X}/\${FLAG}`,
        'Define Base /srv/b',
        `php_value session.save_path \${Base}`,
        'UnDefine Base',
        `php_value session.save_path \${Base}`,
      ].join('\n'),
      'etc/apache2/envvars': 'export APACHE_X=x',
    };
    expect(settingsOf(files, ['FLAG'])).toEqual([
      `session.save_path=/srv/a/x/\${FLAG}`,
      'session.save_path=/srv/b',
      `session.save_path=\${Base}`,
    ]);
  });

  it('counts what stands in conditions that hold, and marks those that nobody can tell', () => {
    const condition = (text: string, value: number): string =>
      `<${text}>\n${lifetime(value)}</${text.split(' ')[0]}>\n`;
    const files = {
      [main]: [
        condition('IfDefine FLAG', 1),
        condition('IfDefine !FLAG', 2),
        condition('IfDefine flag', 3),
        condition('IfModule mod_php.c', 4),
        condition('IfModule php_module', 5),
        condition('IfModule mod_php7.c', 6),
        condition('IfModule !mod_php7.c', 7),
        condition('IfModule mod_unheard_of.c', 8),
        condition('IfModule !mod_unheard_of.c', 9),
        condition('IfVersion >= 2.4', 10),
        condition('IfVersion < 2.4', 11),
        condition('IfVersion >= 2.4.50', 12),
        condition('IfFile apache2.conf', 13),
        condition('IfModule http_module', 14),
      ].join(''),
    };
    const values = settingsOf(files, ['FLAG']).map((text) => text.split('=')[1]);
    expect(values).toEqual(['1', '4', '5', '7', '8?', '9?', '10', '12?', '13', '14']);
  });

  it('knows that a module whose file lies unused is not there', () => {
    const files = {
      [main]: `<IfModule mod_userdir.c>\n${lifetime(1)}</IfModule>\n<IfModule !userdir_module>\n${lifetime(2)}</IfModule>`,
      'usr/lib/apache2/modules/mod_userdir.so': '',
    };
    expect(settingsOf(files)).toEqual(['session.gc_maxlifetime=2']);
  });

  it('names the user that it runs as, and those of single hosts', () => {
    const files = {
      [main]: `User \${APACHE_RUN_USER}\n<VirtualHost *:80>\nAssignUserID bob bob\n</VirtualHost>`,
      'etc/apache2/envvars': 'export APACHE_RUN_USER=www-data',
      'etc/passwd': 'www-data:x:33:33::/:\nbob:x:1001:1001::/:\n',
    };
    const { configuration } = readTree(files);
    expect(configuration.runsAs).toEqual({ uid: 33, name: 'www-data' });
    const [, host] = configuration.scopes;
    expect(host && configuration.runsAsIn.get(host)).toEqual({ uid: 1001, name: 'bob' });
  });

  it('gives the directories that are served, each once', () => {
    const text = `DocumentRoot /var/www/\n<VirtualHost *:80>\nDocumentRoot "/var/www"\nAlias /pma /usr/share/pma/\n</VirtualHost>\n<VirtualHost *:81>\nVirtualDocumentRoot /home/%0/www\n</VirtualHost>`;
    const { configuration } = readTree({ [main]: text });
    expect(configuration.documentRoots.map(({ path }) => path)).toEqual([
      '/var/www',
      '/usr/share/pma',
      '/home',
    ]);
  });

  it('says that macros are not expanded', () => {
    const text = `<Macro X $a>\n${lifetime(1)}</Macro>\nUse X 1\n`;
    const { configuration } = readTree({ [main]: text });
    expect(configuration.scopes[0].top.settings).toEqual([]);
    expect(texts(configuration.warnings)).toEqual([
      '/etc/apache2/apache2.conf:5: the macro X is not expanded: what it sets is not known',
    ]);
  });

  it('takes the word of a file for that of whoever could write it, its variables too', () => {
    const root = writeTree({
      [main]: `${loadPhp}Include /home/bob.conf\nphp_value session.save_path \${EVIL}\n${lifetime(1)}`,
      'home/bob.conf': `Define EVIL /etc\n${lifetime(9)}`,
    });
    if (process.getuid?.() !== 0) return;
    chownSync(path.join(root, 'home/bob.conf'), 1234, 1234);
    const { scopes } = readApache(new FileTree(root), { mainFile: `/${main}` });
    expect(scopes[0].top.settings.map(({ value, setBy }) => [value, setBy])).toEqual([
      ['9', 1234],
      ['/etc', 1234],
      ['1', 0],
    ]);
  });
});

describe('a hostile or broken Apache configuration', () => {
  it('that includes itself is read once, with a warning', () => {
    const files = {
      [main]: `Include a.conf\n${lifetime(2)}`,
      'etc/apache2/a.conf': `Include b.conf\n${lifetime(1)}`,
      'etc/apache2/b.conf': 'Include a.conf\nInclude apache2.conf\nInclude .\n',
    };
    const { configuration } = readTree(files);
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['1', '2']);
    expect(texts(configuration.warnings)).toContain(
      '/etc/apache2/b.conf:1: /etc/apache2/a.conf includes itself: not read again',
    );
  });

  it('that doubles with each include ends', () => {
    const files: Record<string, string> = { [main]: 'Include 0.conf' };
    for (let index = 0; index < 30; index++)
      files[`etc/apache2/${index}.conf`] = `Include ${index + 1}.conf\nInclude ${index + 1}.conf\n`;
    const { configuration } = readTree(files);
    expect(texts(configuration.warnings).join('\n')).toMatch(/more than 10000 files/);
  });

  it('with a pattern that matches 10,000 files, or one more, is read as far as it goes', () => {
    const root = writeTree({ [main]: `${loadPhp}${lifetime(1)}Include many/*\n` });
    const many = path.join(root, 'etc/apache2/many');
    mkdirSync(many);
    for (let index = 0; index < 10_001; index++) writeFileSync(path.join(many, `${index}`), '');
    const { scopes, warnings } = readApache(new FileTree(root), { mainFile: `/${main}` });
    expect(scopes[0].top.settings).toHaveLength(1);
    expect(texts(warnings)).toEqual([
      '/etc/apache2/apache2.conf:3: /etc/apache2/many cannot be read: more than 10000 entries',
    ]);
  });

  it('with files that are binary, huge, a FIFO, a directory loop or not there keeps the others', () => {
    const root = writeTree({
      [main]: `${loadPhp}Include bin\nInclude huge\nInclude fifo\nInclude gone\nInclude loop\n${lifetime(5)}`,
      'etc/apache2/bin': `${lifetime(1)}\0`,
    });
    const directory = path.join(root, 'etc/apache2');
    execFileSync('truncate', ['-s', '17M', path.join(directory, 'huge')]);
    execFileSync('mkfifo', [path.join(directory, 'fifo')]);
    symlinkSync('loop', path.join(directory, 'loop'));
    const { scopes, warnings } = readApache(new FileTree(root), { mainFile: `/${main}` });
    expect(scopes[0].top.settings.map(({ value }) => value)).toEqual(['5']);
    expect(texts(warnings)).toEqual([
      '/etc/apache2/bin:2: not a text file: not read',
      '/etc/apache2/apache2.conf:3: /etc/apache2/huge cannot be read: larger than 16 MiB',
      '/etc/apache2/apache2.conf:4: /etc/apache2/fifo cannot be read: not a regular file',
      '/etc/apache2/apache2.conf:5: /etc/apache2/gone cannot be read: ENOENT',
      '/etc/apache2/apache2.conf:6: /etc/apache2/loop cannot be read: ELOOP',
    ]);
  });

  it('whose sections do not match is read as far as that makes sense', () => {
    const text = `</Directory>\n<VirtualHost *:80>\n<Directory /x>\n${lifetime(1)}</VirtualHost>\n${lifetime(2)}<Location /y>\n`;
    const { configuration } = readTree({ [main]: text });
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['2']);
    expect(texts(configuration.warnings)).toEqual([
      '/etc/apache2/apache2.conf:2: </directory> closes no section that is open here',
      '/etc/apache2/apache2.conf:6: </virtualhost> comes before the end of what is in it',
      '/etc/apache2/apache2.conf:8: <location> is not closed',
    ]);
  });

  it('with a line that Apache would refuse leaves that line out', () => {
    const text =
      'php_value session.save_path\nphp_value session.save_path a b\nphp_value session.save_path ""\n';
    const { configuration } = readTree({ [main]: text });
    expect(configuration.scopes[0].top.settings).toEqual([]);
    expect(configuration.warnings).toHaveLength(3);
  });

  it('that is not there at all is a warning', () => {
    const { warnings } = readApache(new FileTree(writeTree({})), { mainFile: '/etc/x.conf' });
    expect(texts(warnings)).toEqual(['/etc/x.conf cannot be read: ENOENT']);
  });

  it('with garbage in every line gives no more warnings than can be read', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `</x${index}>`).join('\n');
    const { configuration } = readTree({ [main]: text });
    expect(configuration.warnings.length).toBeLessThan(250);
    expect(configuration.warnings.at(-1)?.message).toBe('4800 more warnings of this kind');
  });
});
