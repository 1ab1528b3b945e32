/** What lighttpd has PHP do, by its configuration: the directories, what it sends and starts, what is not understood. */
import { describe, expect, it } from 'vitest';
import { readLighttpd } from '../../../../lib/php/lighttpd/read-lighttpd.js';
import { type Files, treeOf } from '../trees.js';

function read(text: string, files: Files = {}) {
  const tree = treeOf({ '/etc/lighttpd/lighttpd.conf': text, ...files });
  const { roots, phpValues, backends, warnings } = readLighttpd(tree, {
    mainFile: '/etc/lighttpd/lighttpd.conf',
  });
  return {
    roots: roots.map(({ path }) => path),
    sent: phpValues.map(({ name, text: value }) => `${name} ${value}`),
    started: backends.map(({ command, environment }) => [
      ...command,
      Object.fromEntries(environment),
    ]),
    lost: warnings.map(({ message, hides }) => [
      message.replace(/, so what lighttpd tells.*/, ''),
      hides,
    ]),
  };
}

const none = { roots: [], sent: [], started: [], lost: [] };

describe('lighttpd', () => {
  for (const [what, text, roots] of [
    ['the document root', 'server.document-root = "/srv/a"\n', ['/srv/a']],
    [
      'variables',
      'var.base = "/srv"\nname = "/b"\nserver.document-root = var.base + name + "/c"\n',
      ['/srv/b/c'],
    ],
    [
      'a condition and its other',
      '$HTTP["host"] == "b" { server.document-root = "/srv/b" }\nelse $HTTP["host"] =~ "c$" {\n server.document-root = "/srv/c"\n}\n',
      ['/srv/b', '/srv/c'],
    ],
    ['aliases', 'alias.url += ( "/x" => "/srv/x", "/y" => "/srv/y" )\n', ['/srv/x', '/srv/y']],
    [
      'virtual hosts',
      'simple-vhost.server-root = "/srv/v/"\nevhost.path-pattern = "/srv/e/%0/htdocs/"\n',
      ['/srv/v', '/srv/e'],
    ],
    [
      'a variable that a condition changes',
      'd = "/srv/1"\n$SERVER["socket"] == ":81" { d = "/srv/2" }\nserver.document-root = d\n',
      ['/srv/1', '/srv/2'],
    ],
    [
      'comments and modules',
      '# server.document-root = "/no"\nserver.modules = ( "mod_a", # x\n "mod_b" )\nserver.port = 80\nserver.document-root = "/srv/a#b"\n',
      ['/srv/a#b'],
    ],
  ] as const) {
    it(`serves ${what}`, () => {
      expect(read(text)).toEqual({ ...none, roots });
    });
  }

  it('sends variables, and starts php-cgi with those that it is given', () => {
    const text = [
      'setenv.add-environment = ( "PHP_VALUE" => "session.gc_maxlifetime=9", "X" => "y" )',
      'fastcgi.server = ( ".php" => ((',
      '  "bin-path" => "/usr/bin/php-cgi -c /srv/ini",',
      '  "socket" => "/run/x" + var.PID,',
      '  "bin-environment" => ( "PHP_FCGI_CHILDREN" => "4", "PHPRC" => "/srv/rc" ),',
      '  "docroot" => "/srv/d"',
      ')))',
      '',
    ].join('\n');
    expect(read(text)).toEqual({
      roots: ['/srv/d'],
      sent: ['PHP_VALUE session.gc_maxlifetime=9'],
      started: [
        ['/usr/bin/php-cgi', '-c', '/srv/ini', { PHP_FCGI_CHILDREN: '4', PHPRC: '/srv/rc' }],
      ],
      lost: [],
    });
  });

  it('starts the programs that endings are assigned', () => {
    const text =
      'cgi.assign = ( ".php" => "/srv/starter", ".pl" => "/usr/bin/perl", ".cgi" => "" )\n';
    expect(read(text)).toEqual({ ...none, started: [['/srv/starter', {}]] });
  });

  it('includes files by pattern, and runs nothing', () => {
    const files = { '/etc/lighttpd/conf-enabled/a.conf': 'server.document-root = "/srv/a"\n' };
    const text =
      'include_shell "/usr/share/lighttpd/create-mime.conf.pl"\ninclude_shell "/usr/share/lighttpd/use-ipv6.pl 80"\ninclude "conf-enabled/*.conf"\n';
    expect(read(text, files)).toEqual({ ...none, roots: ['/srv/a'] });
  });

  for (const [what, text] of [
    ['a program whose output is read', 'include_shell "/usr/local/bin/make-conf"\n'],
    ['a file that is gone', 'include "gone.conf"\n'],
    ['a variable that nobody knows', 'server.document-root = env.HOME + "/x"\n'],
    ['a relative directory', 'server.document-root = "htdocs"\n'],
    ['directories of users', 'userdir.path = "public_html"\n'],
    ['a program that chooses them', 'magnet.attract-physical-path-to = ( "/x.lua" )\n'],
    ['a list in place of a text', 'server.document-root = ( "/a" )\n'],
    ['a block that does not end', '$HTTP["host"] == "a" {\n'],
    ['a block too many', '}\n'],
    ['a value that does not end', 'server.modules = ( "a"\n'],
    ['what is no configuration', 'this is not [a "configuration\n'],
    ['nothing', '\n'],
  ] as const) {
    it(`leaves a doubt for ${what}`, () => {
      const { lost } = read(text);
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.every(([, hides]) => hides === 0)).toBe(true);
    });
  }
});
