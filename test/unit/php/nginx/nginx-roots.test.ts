import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../../lib/php/file-tree.js';
import { nginxDirectives } from '../../../../lib/php/nginx/nginx-lines.js';
import { type NginxRoots, readNginxRoots } from '../../../../lib/php/nginx/nginx-roots.js';
import { requireTool } from '../../../support/require-tool.js';
import { tempDir } from '../../../support/temp-dir.js';
import { texts } from '../apache/trees.js';
import { isRoot, writeTree } from '../trees.js';

const main = 'etc/nginx/nginx.conf';

function rootsOf(files: Record<string, string>): NginxRoots {
  return readNginxRoots(new FileTree(writeTree(files)));
}

function pathsOf(text: string): string[] {
  return rootsOf({ [main]: text }).roots.map((root) => root.path);
}

describe('the document roots of nginx', () => {
  it('are those of its servers and locations, through all includes, with their lines', () => {
    const { roots, warnings } = rootsOf({
      [main]: 'user x;\nhttp {\n  include sites-enabled/*;\n  include /etc/nginx/more.conf;\n}\n',
      'etc/nginx/sites-enabled/a':
        'server {\n  root "/srv/a";\n  location / {\n    alias /srv/b/;\n  }\n}\n',
      'etc/nginx/sites-enabled/.b': 'server { root /srv/hidden; }',
      'etc/nginx/more.conf': '# root /srv/no;\nserver { root /srv/c; root /srv/a; }',
    });
    expect(roots).toEqual([
      {
        path: '/srv/a',
        source: { kind: 'file', file: '/etc/nginx/sites-enabled/a', line: 2 },
        setBy: 0,
      },
      {
        path: '/srv/b',
        source: { kind: 'file', file: '/etc/nginx/sites-enabled/a', line: 4 },
        setBy: 0,
      },
      { path: '/srv/c', source: { kind: 'file', file: '/etc/nginx/more.conf', line: 2 }, setBy: 0 },
    ]);
    expect(warnings).toEqual([]);
  });

  it('are the part that is before a variable', () => {
    expect(
      pathsOf(
        `root /srv/$host/www; root /home/x-\${name}; alias /srv/e/$1; root $document_root/x;`,
      ),
    ).toEqual(['/srv', '/home', '/srv/e']);
  });

  it('are known where `set` and `map` say what a variable can be', () => {
    const text =
      'map $host $directory {\n default /srv/d;\n x.example "/srv/x y";\n}\nserver { set $base /srv/s; root $base/www; }\nserver { root $directory; }';
    expect(pathsOf(text)).toEqual(['/srv/s/www', '/srv/d', '/srv/x y']);
  });

  it('are said not to be known where nothing of them is', () => {
    const { roots, warnings } = rootsOf({
      [main]: 'root $mine;\nroot /$host;\nset $a $b; root $a;',
    });
    expect(roots).toEqual([]);
    expect(warnings.map(({ hides }) => hides)).toEqual([0, 0, 0]);
  });

  it('are also what FPM is told of its scripts', () => {
    const text =
      'fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\nfastcgi_param SCRIPT_FILENAME /srv/app$fastcgi_script_name;\nfastcgi_param SCRIPT_FILENAME /srv/one/index.php;\nfastcgi_param DOCUMENT_ROOT /srv/two;';
    expect(pathsOf(text)).toEqual(['/srv/app', '/srv/one', '/srv/two']);
  });

  it('that are relative begin at the prefix', () => {
    const root = writeTree({
      [main]: 'root sites/a;',
      'usr/share/nginx/sites/a/x': '',
      'opt/sites/a/x': '',
      'opt/html/x': '',
    });
    const read = (prefix?: string): string[] =>
      readNginxRoots(new FileTree(root), prefix === undefined ? {} : { prefix }).roots.map(
        (found) => found.path,
      );
    expect(read()).toEqual(['/usr/share/nginx/sites/a']);
    expect(read('/opt')).toEqual(['/opt/sites/a', '/opt/html']);
  });

  it('are none and no warning where there is no nginx', () => {
    expect(rootsOf({})).toEqual({ roots: [], phpValues: [], warnings: [] });
  });

  it.runIf(isRoot)('are the word of whoever could have written them', () => {
    const root = writeTree({
      [main]: 'include /home/bob/site.conf; set $base /srv/x;',
      'home/bob/site.conf': 'root /srv/b; root $base;',
    });
    chownSync(path.join(root, 'home/bob/site.conf'), 1234, 1234);
    const { roots } = readNginxRoots(new FileTree(root));
    expect(roots.map((found) => [found.path, found.setBy])).toEqual([
      ['/srv/b', 1234],
      ['/srv/x', 1234],
    ]);
  });
});

describe('a configuration of nginx that cannot all be read', () => {
  it.runIf(isRoot)('says whose word that hides', () => {
    const root = writeTree({
      [main]: 'include /home/*/site.conf; include huge; root /srv;',
      'home/bob/site.conf': '',
      'home/eve/site.conf': 'include /home/eve/site.conf;',
    });
    execFileSync('truncate', ['-s', '1M', path.join(root, 'home/bob/site.conf')]);
    execFileSync('truncate', ['-s', '17M', path.join(root, 'etc/nginx/huge')]);
    chownSync(path.join(root, 'home/bob/site.conf'), 1234, 1234);
    chownSync(path.join(root, 'home/eve/site.conf'), 1235, 1235);
    const { roots, warnings } = readNginxRoots(new FileTree(root));
    expect(roots.map((found) => found.path)).toEqual(['/srv']);
    expect(warnings.map(({ message, hides }) => [message, hides])).toEqual([
      ['/home/bob/site.conf cannot be read: larger than 256 KiB', 1234],
      ['/home/eve/site.conf is not read: includes nest deeper than 40', 1235],
      ['/etc/nginx/huge cannot be read: larger than 16 MiB', 0],
    ]);
  });

  it('is read as far as it goes, whatever its bytes', () => {
    for (const text of ['{', '}', '"', '\\', '${', 'a{b{c{', "'x", ';;;', 'root', 'root ', '\0']) {
      expect(Array.isArray(pathsOf(`root /a; ${text}`)), text).toBe(true);
      expect(pathsOf(`root /a; ${text}`)[0]).toBe('/a');
    }
    expect(pathsOf(`${'{'.repeat(100_000)}${'}'.repeat(100_001)} root /a;`)).toEqual(['/a']);
  });
});

describe('nginx’s grammar', () => {
  it('has OpenResty’s Lua blocks, whose braces and quotes are Lua’s', () => {
    const lua =
      "content_by_lua_block { local t = { \"}\" , '\\'}', [[ } ]], [==[ }]] ]==] } -- } it's\n --[[ } ]] }";
    const words = [...nginxDirectives(`${lua}\nroot /a;`)].map((directive) => directive.words);
    expect(words.at(-1)).toEqual(['root', '/a']);
    expect(words).toHaveLength(3);
  });

  it.skipIf(!requireTool('nginx'))('is the one by which nginx takes its words apart', () => {
    const values = [
      '"two words"',
      "'it\\'s'",
      '"q\\"q"',
      'a\\ b',
      'back\\\\slash',
      'n\\nl',
      'x\\;y',
      '"a#b"',
      'a#b',
      "a'b",
      `"\${x}{y}"`,
      '\\{z\\}',
    ];
    const root = tempDir('sescle-nginx-');
    mkdirSync(path.join(root, 'logs'));
    for (const value of values) {
      const [directive] = [...nginxDirectives(`root ${value};`)];
      const word = directive?.words[1] ?? '';
      const file = path.join(root, 'nginx.conf');
      // nginx names what it does not know: the whole word, as a directive.
      writeFileSync(file, `${value} on;\n`, 'latin1');
      const { stderr } = spawnSync('nginx', ['-t', '-p', root, '-c', file, '-e', 'stderr'], {
        encoding: 'latin1',
      });
      const unknown = /unknown directive "([\s\S]*)" in /.exec(stderr)?.[1];
      expect(unknown, value).toBe(word);
    }
  });

  it.skipIf(!requireTool('nginx'))('finds the same lines as nginx -T', () => {
    const root = tempDir('sescle-nginx-');
    const file = path.join(root, 'nginx.conf');
    for (const name of ['logs', 'sites', 'sites/d']) mkdirSync(path.join(root, name));
    const texts = {
      'nginx.conf':
        'events {}\nhttp {\n include sites/*.conf; include "one more";\n map $host $m { default /m; }\n}\n',
      'sites/a.conf': `server { listen 127.0.0.1:1; root '/srv/a b'; location /x{alias /srv/\${host}/y;}\nlocation /q { root /srv/q; } }`,
      'sites/b.conf': 'server { listen 127.0.0.1:2; # root /no;\n root /srv/b#c; }',
      'sites/.c.conf': 'root /srv/hidden;',
      'one more': 'server { listen 127.0.0.1:3; root $m/deep; }',
    };
    for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(root, name), text);
    const { stdout, stderr } = spawnSync(
      'nginx',
      ['-T', '-p', root, '-c', file, '-e', 'stderr', '-g', `pid ${root}/pid;`],
      { encoding: 'latin1' },
    );
    expect(stderr).toContain('syntax is ok');
    const read = Array.from(stdout.matchAll(/^# configuration file (.*):$/gm), ([, name]) => name);
    const { roots, warnings } = readNginxRoots(new FileTree('/'), { mainFile: file, prefix: root });
    expect(warnings).toEqual([]);
    const found = roots.map(({ path: directory, source }) => [
      source.kind === 'file' ? source.file : '',
      directory,
    ]);
    expect(found).toEqual([
      [path.join(root, 'sites/a.conf'), '/srv/a b'],
      [path.join(root, 'sites/a.conf'), '/srv'],
      [path.join(root, 'sites/a.conf'), '/srv/q'],
      [path.join(root, 'sites/b.conf'), '/srv/b#c'],
      [path.join(root, 'one more'), '/m/deep'],
    ]);
    for (const [name] of found) expect(read).toContain(name);
    expect(read).toHaveLength(4);
  });
});

it('takes no time to speak of for a line made to take long', () => {
  const started = performance.now();
  const text = ['a '.repeat(120_000), `"${'\\a'.repeat(100_000)}`, '$a'.repeat(100_000)];
  // A quote that is not closed.
  const open = ['/etc/nginx/nginx.conf:1: ends within a line: was it cut short?'];
  for (const [index, long] of text.entries())
    expect(texts(rootsOf({ [main]: `${long};` }).warnings)).toEqual(index === 1 ? open : []);
  expect(performance.now() - started).toBeLessThan(5000);
});
