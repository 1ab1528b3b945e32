import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readApache } from '../../../../lib/php/apache/read-apache.js';
import { FileTree } from '../../../../lib/php/file-tree.js';
import type { Setting, Warning } from '../../../../lib/php/provenance.js';
import { writeTree } from '../trees.js';
import { loadPhp, readTree, texts, usagesIn } from './trees.js';

const main = 'etc/apache2/apache2.conf';

function settingsOf(files: Record<string, string>, defines?: string[]): string[] {
  const { configuration } = readTree(files, defines);
  return configuration.scopes.flatMap(({ top }) =>
    top.settings.map(({ name, value, isCertain }) => `${name}=${value}${isCertain ? '' : '?'}`),
  );
}

const hidden = (warnings: readonly Warning[]): unknown[] => warnings.map(({ hides }) => hides);

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

  it('has the text of a macro where it is used, with the lines of the text', () => {
    const text = `<Macro X $a>\n${lifetime('$a')}</Macro>\nUse x 7\nUse X\nUse Y\nUndefMacro X\nUse X 8\n`;
    const { configuration } = readTree({ [main]: text });
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['7']);
    expect(configuration.scopes[0].top.settings[0]?.source).toMatchObject({ line: 3 });
    expect(texts(configuration.warnings)).toEqual([
      '/etc/apache2/apache2.conf:6: the macro X takes 1 arguments, not 0',
      '/etc/apache2/apache2.conf:7: the macro Y is not defined',
      '/etc/apache2/apache2.conf:9: the macro X is not defined',
    ]);
  });

  it('has the lines that were given to Apache, with their own sources', () => {
    const root = writeTree({ [main]: `${loadPhp}php_value session.save_path \${GIVEN}\n` });
    const given = (value: string): Setting => ({
      value,
      source: { kind: 'process', pid: 7 },
      setBy: 0,
    });
    const { scopes, warnings } = readApache(new FileTree(root), {
      mainFile: `/${main}`,
      before: [given('Define GIVEN /given')],
      after: ['<Directory /x>', 'php_value session.gc_divisor 3', '</Directory>', lifetime(5)].map(
        given,
      ),
    });
    expect(warnings).toEqual([]);
    const [{ top, directories }] = scopes;
    expect(top.settings.map(({ value }) => value)).toEqual(['/given', '5']);
    expect(top.settings[1]?.source).toEqual({ kind: 'process', pid: 7 });
    expect(directories.map(({ pattern, settings }) => [pattern, settings[0]?.value])).toEqual([
      ['/x', '3'],
    ]);
  });

  it('serves the directories of users where UserDir says so', () => {
    const text =
      'UserDir disabled root\nUserDir public_html /srv/users/* /srv/web http://x/*\n<VirtualHost *:80>\n</VirtualHost>';
    const { configuration } = readTree({
      [main]: text,
      'etc/passwd': 'root:x:0:0::/root:\nbob:x:1001:1001::/home/bob:\neve:x:2:2::/home/eve:\n',
      'home/bob/public_html/x': '',
      'srv/users/eve/x': '',
      'srv/web/bob/x': '',
    });
    expect(configuration.documentRoots.map(({ path: directory }) => directory)).toEqual([
      '/home/bob/public_html',
      '/srv/users/eve',
      '/srv/web/bob',
    ]);
    expect(configuration.scopes[0].aliases.map(({ url }) => url)).toEqual([
      '/~bob',
      '/~eve',
      '/~bob',
    ]);
    expect(texts(configuration.warnings)).toEqual([]);
  });

  it('with a variable that nobody knows says whose word that hides', () => {
    const text = [
      `php_value session.gc_maxlifetime \${LIFE}`,
      `php_value session.save_path \${PLACE}/x`,
      `Include \${PLACE}/*.conf`,
      `Define LATER \${LIFE}`,
      `DocumentRoot \${LATER}`,
    ].join('\n');
    const read = readTree({ [main]: text });
    expect(read.configuration.warnings.map(({ message, hides }) => [message, hides])).toEqual([
      [`\${PLACE} is not defined`, 0],
      [`/etc/apache2/\${PLACE} cannot be read: ENOENT`, 0],
      [`\${LIFE} is not defined`, 0],
      [`\${PLACE} is not defined`, 0],
    ]);
    // What is only about how long they live is about the sessions of the usage.
    const [server] = usagesIn(read);
    expect(server?.warnings.map(({ message, hides }) => [message, hides])).toEqual([
      [`\${LIFE} is not defined`, 0],
    ]);
  });

  it('takes both outcomes of a condition that users other than root decide', () => {
    const root = writeTree({
      [main]: `${loadPhp}Include /home/bob.conf\n<IfDefine BOBS>\n${lifetime(1)}</IfDefine>\n<IfFile /home/bob/x>\n${lifetime(2)}</IfFile>\n`,
      'home/bob.conf': 'Define BOBS',
      'home/bob/y': '',
    });
    if (process.getuid?.() !== 0) return;
    for (const name of ['home/bob.conf', 'home/bob']) chownSync(path.join(root, name), 1234, 1234);
    const { scopes } = readApache(new FileTree(root), { mainFile: `/${main}` });
    const { settings } = scopes[0].top;
    expect(settings.map(({ value, isCertain }) => [value, isCertain])).toEqual([
      ['1', false],
      ['2', false],
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
  it('that includes itself without an end is told, as Apache itself does', () => {
    const files = {
      [main]: `Include a.conf\n${lifetime(2)}`,
      'etc/apache2/a.conf': `Include b.conf\n${lifetime(1)}`,
      'etc/apache2/b.conf': 'Include a.conf\nInclude apache2.conf\nInclude .\n',
    };
    const { configuration } = readTree(files);
    expect(configuration.scopes[0].top.settings.at(-1)?.value).toBe('2');
    expect(texts(configuration.warnings)).toContainEqual(
      expect.stringMatching(/: includes nest deeper than 128: Apache does not start$/),
    );
  });

  it('that includes itself and comes to an end is read as often as Apache does', () => {
    const files = {
      [main]: `<IfDefine !ONCE>\nDefine ONCE\nInclude apache2.conf\n</IfDefine>\n${lifetime(2)}`,
    };
    const { configuration } = readTree(files);
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['2', '2']);
    expect(texts(configuration.warnings)).toEqual([]);
  });

  it('that doubles with each include ends', () => {
    const files: Record<string, string> = { [main]: 'Include 0.conf' };
    for (let index = 0; index < 30; index++)
      files[`etc/apache2/${index}.conf`] = `Include ${index + 1}.conf\nInclude ${index + 1}.conf\n`;
    const { configuration } = readTree(files);
    expect(texts(configuration.warnings).join('\n')).toMatch(/more than 10000 files/);
    expect(hidden(configuration.warnings)).toContain(0);
  });

  it('that doubles with each macro or variable ends, and says so', () => {
    const macros = Array.from(
      { length: 40 },
      (_, index) => `<Macro M${index}>\nUse M${index + 1}\nUse M${index + 1}\n</Macro>\n`,
    );
    const expanding = readTree({ [main]: `${macros.join('')}Use M0\n${lifetime(1)}` });
    expect(hidden(expanding.configuration.warnings)).toContain(0);
    const defines = Array.from(
      { length: 60 },
      (_, index) => `Define V${index + 1} \${V${index}}\${V${index}}\n`,
    );
    const growing = readTree({ [main]: `Define V0 xx\n${defines.join('')}${lifetime(1)}` });
    expect(hidden(growing.configuration.warnings)).toContain(0);
    expect(growing.configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['1']);
  });

  it('with sections in sections, across files, ends at 64', () => {
    const { configuration } = readTree({
      [main]: `${'<Directory /a>\n'.repeat(60)}Include b.conf\n${'</Directory>\n'.repeat(60)}${lifetime(1)}`,
      'etc/apache2/b.conf': `${'<Files a>\n'.repeat(200_000)}${lifetime(2)}${'</Files>\n'.repeat(200_000)}`,
    });
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['1']);
    expect(configuration.scopes[0].directories.at(0)?.inside).toHaveLength(1);
    expect(hidden(configuration.warnings)).toEqual([0]);
  });

  it('of one user leaves root’s to be read, and hides only that user’s word', () => {
    const root = writeTree({
      [main]: `${loadPhp}Include /home/*/site.conf\nInclude /home/*.conf\n${lifetime(1)}`,
      'home/a/site.conf': '',
      'home/a.conf': 'Include /home/a.conf\n',
      'home/b.conf': `${lifetime(7)}Define A ${'x'.repeat(60_000)}\n${`Define B \${A}\n`.repeat(50)}`,
    });
    if (process.getuid?.() !== 0) return;
    execFileSync('truncate', ['-s', '1M', path.join(root, 'home/a/site.conf')]);
    const owners = { 'home/a/site.conf': 1234, 'home/a.conf': 1235, 'home/b.conf': 1236 };
    for (const [name, uid] of Object.entries(owners)) chownSync(path.join(root, name), uid, uid);
    const { scopes, warnings } = readApache(new FileTree(root), { mainFile: `/${main}` });
    expect(scopes[0].top.settings.map(({ value, setBy }) => [value, setBy])).toEqual([
      ['7', 1236],
      ['1', 0],
    ]);
    expect([...new Set(hidden(warnings))]).toEqual([1234, 1235, 1236]);
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
    expect(hidden(warnings)).toEqual([0]);
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
    // An Apache that runs has read what is gone by now; nobody reads a link to itself.
    expect(hidden(warnings)).toEqual([0, 0, 0, 0, undefined]);
  });

  it('whose sections do not match is read as far as that makes sense', () => {
    const text = `</Directory>\n<VirtualHost *:80>\n<Directory /x>\n${lifetime(1)}</VirtualHost>\n${lifetime(2)}<Location /y>\n`;
    const { configuration } = readTree({ [main]: text });
    expect(configuration.scopes[0].top.settings.map(({ value }) => value)).toEqual(['2']);
    expect(texts(configuration.warnings)).toEqual([
      '/etc/apache2/apache2.conf:2: </directory> closes a section that is not open here',
      '/etc/apache2/apache2.conf:6: </virtualhost> comes before a section inside it is closed',
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

  it('tells whose word was lost even where there is no room for more warnings', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `</x${index}>`).join('\n');
    const { configuration } = readTree({
      [main]: `${text}\nInclude huge`,
      'etc/apache2/huge': '\0',
    });
    expect(hidden(configuration.warnings)).toContain(0);
    expect(configuration.warnings).toHaveLength(201);
  });

  it('with 20,000 sections takes no time to speak of', () => {
    const sections = Array.from(
      { length: 20_000 },
      (_, index) => `<Files f${index}>\nphp_value session.gc_divisor ${index}\n</Files>\n`,
    );
    const started = performance.now();
    const read = readTree({
      [main]: `DocumentRoot /srv\n<Directory /srv>\n${sections.join('')}</Directory>`,
    });
    expect(usagesIn(read)).toHaveLength(20_001);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
