// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is Apache's syntax too.
/**
 * Parsers of files that others write, on texts that nobody would: each ends, throws nothing, and what
 * it names lies in the text.
 */

import { describe, expect, test } from 'vitest';
import { configLines, splitWords } from '../../../lib/php/apache/config-lines.js';
import type { ByteString } from '../../../lib/php/byte-string.js';
import { nginxDirectives } from '../../../lib/php/nginx/nginx-lines.js';
import { caddyLines } from '../../../lib/php/processes/caddy-lines.js';
import { cgroupName } from '../../../lib/php/processes/cgroup.js';
import { servedMounts, showsTheSame } from '../../../lib/php/processes/mount-view.js';
import { environmentFile, wordsOf } from '../../../lib/php/processes/unit-words.js';
import type { Source, Warning } from '../../../lib/php/provenance.js';
import { anyTextOf, lineCount } from '../../support/any-text.js';
import { fc } from '../../support/fast-check.js';
import { readTree, usagesIn } from './apache/trees.js';
import { complete, mainFile, readPools } from './fpm/configuration.js';

const signs = [
  ' ',
  '\n',
  '\r\n',
  '\t',
  '\\',
  '\\\n',
  '"',
  "'",
  '#',
  ';',
  '=',
  'a',
  '/srv',
  '$',
  '${',
];

/** Sources name lines that are there. */
function expectInText(source: Source | undefined, text: ByteString, file: ByteString): void {
  if (source?.kind !== 'file' || source.file !== file) return;
  expect(source.line).toBeGreaterThanOrEqual(1);
  expect(source.line).toBeLessThanOrEqual(lineCount(text));
}

function expectWarningsInText(warnings: readonly Warning[], text: ByteString, file: ByteString) {
  for (const { message, source } of warnings) {
    expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expectInText(source, text, file);
  }
}

describe('arbitrary text', () => {
  test('as nginx’s configuration: directives on their lines, in order', () => {
    const text = anyTextOf([...signs, '{', '}', 'a_by_lua_block', '--', '[[', ']]', '}}']);
    fc.assert(
      fc.property(text, (config) => {
        let last = 1;
        for (const { line, words } of nginxDirectives(config)) {
          expect(line).toBeGreaterThanOrEqual(last);
          expect(line).toBeLessThanOrEqual(lineCount(config));
          expect(words.join('').length).toBeLessThanOrEqual(config.length);
          last = line;
        }
      }),
      { examples: [['\n}}{'], ['a;\n;']] },
    );
  });

  test('as a Caddyfile: lines, and what is not understood, where they are', () => {
    const text = anyTextOf([
      ...signs,
      '{',
      '}',
      '`',
      '<<X',
      '\xef\xbb\xbf',
      'root *',
      'php_server',
    ]);
    fc.assert(
      fc.property(text, (config) => {
        for (const { line } of caddyLines(config)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lineCount(config));
        }
      }),
    );
  });

  test('as Apache’s lines: each is trimmed, on its line, and its words come out of it', () => {
    fc.assert(
      fc.property(anyTextOf([...signs, '<', '>', '\v', '\f', '\0']), (config) => {
        let last = 0;
        for (const { line, text } of configLines(config)) {
          expect(line).toBeGreaterThan(last);
          expect(line).toBeLessThanOrEqual(lineCount(config));
          expect(text).not.toBe('');
          expect(text.startsWith('#')).toBe(false);
          expect(splitWords(text).join('').length).toBeLessThanOrEqual(text.length);
          last = line;
        }
      }),
    );
  });

  test('as Apache’s configuration: it is read, and every warning has its line', () => {
    const text = anyTextOf([
      ...signs,
      '\n<VirtualHost *:80>\n',
      '\n</VirtualHost>\n',
      '\n<Directory /srv>\n',
      '\n</Directory>\n',
      '<Directory ~ "^/(">\n',
      '\n<Macro m $a>\n',
      '\n</Macro>\n',
      '\nUse m ',
      '\n<IfModule !x>\n',
      '\n</IfModule>\n',
      '\nphp_value session.save_path ',
      '\nphp_admin_value session.gc_maxlifetime 1440\n',
      '\nDefine x ',
      '${x}',
      // Not itself: files that double at each level use up all of root's allowance, each time.
      '\nInclude /etc/apache2/*.d\n',
      '\nDocumentRoot /srv\n',
    ]);
    fc.assert(
      fc.property(text, (config) => {
        const main = 'etc/apache2/apache2.conf';
        const read = readTree({ [main]: config });
        const warnings: Warning[] = [];
        usagesIn(read, new Map(), warnings);
        // One line above: LoadModule.
        expectWarningsInText(
          [...read.configuration.warnings, ...warnings],
          `\n${config}`,
          `/${main}`,
        );
      }),
    );
  });

  test('as php-fpm’s configuration: it is read, and every warning and setting has its line', () => {
    const text = anyTextOf([
      ...signs,
      '\n[www]\n',
      '\n[a b]\n',
      `\n${complete}`,
      '\nphp_value[session.save_path] = ',
      '\nphp_admin_value[session.gc_maxlifetime] = 1440\n',
      '\nenv[TMPDIR] = ',
      '\nprefix = ',
      '\nchroot = ',
      '$pool',
      `\ninclude = ${mainFile}\n`,
      '\ninclude = /etc/*.conf\n',
      '[',
      ']',
      '|',
    ]);
    fc.assert(
      fc.property(text, (config) => {
        const { pools, warnings } = readPools({ [mainFile]: config });
        expectWarningsInText(warnings, config, mainFile);
        for (const { settings } of pools) {
          for (const { source } of settings.values()) expectInText(source, config, mainFile);
        }
      }),
    );
  });

  test('as a unit’s words: as many as there can be, and none longer than the line', () => {
    fc.assert(
      fc.property(anyTextOf([...signs, '\\x41', '\\u00e9', '\\101', '%%', '%i']), (text) => {
        const words = wordsOf(text);
        expect((words ?? []).join('').length).toBeLessThanOrEqual(2 * text.length);
        for (const name of environmentFile(text)?.keys() ?? []) expect(text).toContain(name);
      }),
    );
  });

  test('as lists of mounts: a namespace shows the same as itself, and as the other does', () => {
    const line = fc
      .tuple(
        fc.constantFrom('8:1', '8:2', ''),
        fc.constantFrom('/', '/srv', '//', 'x', '/a\\040b'),
        fc.constantFrom('/', '/srv', '/srv/a', '/proc/x', '/a\\040b', 'x', ''),
      )
      .map(([device, root, point]) => `30 1 ${device} ${root} ${point} rw - ext4 /dev/vda1 rw\n`);
    const table = fc
      .array(fc.oneof({ weight: 5, arbitrary: line }, anyTextOf([' ', '\n', '/', '8:1'], 8)))
      .map((lines) => `30 1 8:1 / / rw - ext4 /dev/vda1 rw\n${lines.join('')}`);
    fc.assert(
      fc.property(table, table, (ours, theirs) => {
        expect(showsTheSame(ours, ours)).toBe(true);
        expect(showsTheSame(ours, theirs)).toBe(showsTheSame(theirs, ours));
        servedMounts(ours);
        cgroupName(ours);
      }),
    );
  });
});
