/** What Caddy has PHP do, by its Caddyfile: the directories, what it sends, and what is not understood. */
import { describe, expect, it } from 'vitest';
import { readCaddy } from '../../../../lib/php/caddy/read-caddy.js';
import { type Files, treeOf } from '../trees.js';

function read(
  text: string,
  files: Files = {},
  environment: ReadonlyMap<string, string> | null = null,
) {
  const tree = treeOf({ '/etc/caddy/Caddyfile': text, ...files });
  const { roots, phpValues, warnings } = readCaddy(tree, {
    mainFile: '/etc/caddy/Caddyfile',
    environment,
  });
  return {
    roots: roots.map(({ path }) => path),
    sent: phpValues.map(({ name, text: value }) => `${name} ${value}`),
    lost: warnings.map(({ message, hides }) => [
      message.replace(/, so what Caddy tells.*/, ''),
      hides,
    ]),
  };
}

const php = 'php_fastcgi unix//run/php.sock';

describe('Caddy', () => {
  for (const [what, text, roots] of [
    ['a site', `a.example {\n\troot * /srv/a\n\t${php}\n}\n`, ['/srv/a']],
    ['a site without braces', `a.example\nroot /srv/a\n${php}\n`, ['/srv/a']],
    [
      'a matcher',
      `a.example {\n\t@x host b\n\troot @x /srv/b\n\troot * "/srv/a b"\n\t${php}\n}\n`,
      ['/srv/b', '/srv/a b'],
    ],
    [
      'the root of a transport',
      'a {\n\treverse_proxy x {\n\t\ttransport fastcgi {\n\t\t\troot /srv/t\n\t\t}\n\t}\n}\n',
      ['/srv/t'],
    ],
    ['a variable', `a {\n\tvars root /srv/v\n\t${php}\n}\n`, ['/srv/v']],
    ['a directory of each host', `a {\n\troot * /srv/{host}/public\n\t${php}\n}\n`, ['/srv']],
    ['a snippet', `(s) {\n\troot * /srv/s\n\t${php}\n}\na {\n\timport s\n}\n`, ['/srv/s']],
  ] as const) {
    it(`serves the directory of ${what}`, () => {
      expect(read(text)).toEqual({ roots, sent: [], lost: [] });
    });
  }

  it('sends PHP_VALUE, and a document root of its own', () => {
    const text = `a {\n\troot * /srv/a\n\t${php} {\n\t\tenv PHP_VALUE "session.gc_maxlifetime=9"\n\t\tenv DOCUMENT_ROOT /srv/d\n\t\tenv X y\n\t}\n}\n`;
    expect(read(text)).toEqual({
      roots: ['/srv/a', '/srv/d'],
      sent: ['PHP_VALUE session.gc_maxlifetime=9'],
      lost: [],
    });
  });

  it('imports files by pattern, relative to the file that says so', () => {
    const files = {
      '/etc/caddy/sites/a.caddy': `a {\n\troot * /srv/a\n}\n`,
      '/etc/caddy/sites/.hidden.caddy': `b {\n\troot * /srv/b\n}\n`,
    };
    expect(read(`import sites/*.caddy\nc {\n\troot * /srv/c\n\t${php}\n}\n`, files)).toEqual({
      roots: ['/srv/a', '/srv/c'],
      sent: [],
      lost: [],
    });
    expect(read('import none/*.caddy\n').lost).toEqual([]);
  });

  it('knows its environment or says so', () => {
    const text = `a {\n\troot * {$ROOT}\n\t${php}\n}\n`;
    expect(read(text, {}, new Map([['ROOT', '/srv/e']])).roots).toEqual(['/srv/e']);
    expect(read(text).lost).toEqual([['its environment is unknown', 0]]);
  });

  for (const [what, text] of [
    ['a root that the request chooses', `a {\n\troot * {http.x}\n\t${php}\n}\n`],
    ['no root at all', `a {\n\t${php}\n}\n`],
    ['a value with a placeholder', `a {\n\troot * /s\n\t${php} {\n\t\tenv PHP_VALUE {x}\n\t}\n}\n`],
    [
      'a variable whose name is a placeholder',
      `a {\n\troot * /s\n\t${php} {\n\t\tenv {x} y\n\t}\n}\n`,
    ],
    ['a file that is gone', 'import /etc/caddy/gone.caddy\n'],
    ['a snippet that is nowhere', 'a {\n\timport nowhere\n}\n'],
    ['an import that is computed', 'import {args[0]}\n'],
    ['a heredoc', 'a {\n\trespond <<X\n\tx\n\tX\n}\n'],
    ['a block that does not end', 'a {\n\troot * /s\n'],
    ['a block too many', '}\n'],
    ['nothing', ' \n'],
  ] as const) {
    it(`leaves a doubt for ${what}`, () => {
      const { lost } = read(text);
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.every(([, hides]) => hides === 0)).toBe(true);
    });
  }
});
