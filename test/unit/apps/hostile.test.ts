/**
 * Applications' files that somebody made to harm the one who reads them: each reading ends, throws nothing,
 * and what it tells is printable.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../lib/apps/application.js';
import { readPhpdotenv } from '../../../lib/apps/dotenv/phpdotenv.js';
import { readSymfonyDotenv } from '../../../lib/apps/dotenv/symfony-dotenv.js';
import { readPhp } from '../../../lib/apps/php/file.js';
import { NotPhp } from '../../../lib/apps/php/tokens.js';
import { at } from '../../../lib/apps/php/values.js';
import { applicationAt, applicationOfSessions } from '../../../lib/apps/recognise.js';
import { readYaml } from '../../../lib/apps/yaml.js';
import { FileTree } from '../../../lib/php/file-tree.js';
import { anyTextOf } from '../../support/any-text.js';
import { fc } from '../../support/fast-check.js';
import { fuzzRuns, fuzzTimeoutMs } from '../../support/fuzz-runs.js';
import { type Files, treeOf, writeTree } from '../php/trees.js';

const laravel = { 'a/artisan': '', 'a/bootstrap/app.php': '<?php' };

describe('PHP that goes on for ever', () => {
  test.each([
    ['brackets', `<?php return ${'['.repeat(100_000)}`],
    ['brackets that close', `<?php return ${'['.repeat(50_000)}${']'.repeat(50_000)};`],
    ['parentheses', `<?php return ${'('.repeat(50_000)}1${')'.repeat(50_000)};`],
    ['signs', `<?php return ${'- '.repeat(100_000)}1;`],
    ['casts', `<?php return ${'(int)'.repeat(50_000)}'1';`],
    ['refusals', `<?php return ${'!'.repeat(100_000)}true;`],
    ['choices', `<?php return ${'(1 ? '.repeat(20_000)}1${' : 2)'.repeat(20_000)};`],
    ['a sum', `<?php return 1${' + 1'.repeat(100_000)};`],
    ['strings in strings', `<?php return ${'"{$a['.repeat(10_000)}`],
    ['keys', `<?php $a${"['k']".repeat(20_000)} = 1;`],
    [
      'an array, key by key',
      `<?php ${Array.from({ length: 100_000 }, (_, key) => `$a['k${key}'] = 1;`).join(' ')}`,
    ],
    ['statements', `<?php ${'$a = 1; '.repeat(100_000)}`],
    ['blocks', `<?php ${'if (1) {'.repeat(50_000)}`],
    ['comments', `<?php ${'/* */'.repeat(100_000)} return 1;`],
    ['heredocs', `<?php ${'$a = <<<X\nX;\n'.repeat(20_000)}`],
  ])('ends: %s', { timeout: 60_000 }, (_, text) => {
    expect(() => readPhp(text)).not.toThrow();
  });

  test('may hold anything in any variable where variables are set without being named', () => {
    const read = readPhp("<?php $config['a'] = 1; extract($_GET);");
    if (read instanceof NotPhp) expect.fail(read.reason);
    expect(at(read.variables.get('config'), 'a')?.kind).toBe('unknown');
    expect(read.variables.get('never')?.kind).toBe('unknown');
  });

  test('is not put together: a variable that doubles is no text of gigabytes', () => {
    const doubling = `<?php $a = 'xxxxxxxxxxxxxxxx';\n${'$a = $a . $a;\n'.repeat(60)}return $a;`;
    const read = readPhp(doubling);
    if (read instanceof NotPhp) expect.fail(read.reason);
    expect(read.returned?.kind).toBe('unknown');
  });
});

describe('texts that nobody would write', () => {
  const signs = [
    ...[
      '<?php ',
      '?>',
      'return ',
      '$a',
      "['k']",
      '->p',
      ' = ',
      ';',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      ',',
    ],
    ...[
      ' => ',
      '.',
      '+',
      '"',
      "'",
      '\\',
      '<<<X\n',
      'X',
      '\n',
      '/*',
      '*/',
      '//',
      '#',
      '1',
      '0x',
      'null',
    ],
    ...['class C ', 'function ', 'if ', 'include ', '&', '...', '${', '{$', '#[', '\0', '\u00ff'],
  ];

  test('are PHP with a value, without one, or none', { timeout: fuzzTimeoutMs(60_000) }, () => {
    fc.assert(
      fc.property(anyTextOf(signs), (text) => {
        const read = readPhp(`<?php ${text}`);
        if (read instanceof NotPhp) expect(read.line).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  test('are YAML or .env, or none', { timeout: fuzzTimeoutMs(60_000) }, () => {
    const text = anyTextOf([
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '#',
      '=',
      '$',
      '\\',
      '&x',
      '\t',
      '\0',
    ]);
    fc.assert(
      fc.property(text, (written) => {
        at(readYaml(written), 'a', 'a');
        readPhpdotenv(written, 'f');
        readSymfonyDotenv(written, 'f');
      }),
      { numRuns: fuzzRuns(2000) },
    );
  });

  test.each([
    [
      'one level in another',
      `${Array.from({ length: 5000 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')}`,
    ],
    ['brackets', `a: ${'['.repeat(1900)}`],
    ['lines that never end', `a: [\n${'  "x",\n'.repeat(50_000)}`],
    ['spaces', `a${' '.repeat(1900)}b\n`.repeat(50)],
  ])('end as YAML: %s', { timeout: 60_000 }, (_, text) => {
    expect(() => readYaml(text)).not.toThrow();
  });
});

describe('files that are none', () => {
  test('a FIFO, a directory and a device in place of each are not waited for', () => {
    const root = writeTree({ ...laravel, 'a/config': null, 'a/config/session.php': null });
    execFileSync('mkfifo', [`${root}/a/.env`, `${root}/a/config/database.php`]);
    symlinkSync('/dev/zero', `${root}/zero`);
    mkdirSync(`${root}/a/bootstrap/cache`);
    symlinkSync('/dev/zero', `${root}/a/bootstrap/cache/config.php`);
    const found = applicationAt('/a', new FileTree(root));
    expect(found).toMatchObject({ framework: 'laravel', store: null, lifetime: null });
    expect(found?.doubts.map(({ reason }) => reason).join()).toContain('not a regular file');
  });

  test('links in a circle end', () => {
    const files: Files = { 'a/artisan': '-> spark', 'a/spark': '-> artisan', b: '-> b' };
    expect(applicationAt('/a', treeOf(files))).toBeNull();
    expect(applicationAt('/b', treeOf(files))).toBeNull();
    expect(applicationOfSessions('/a/artisan/x', treeOf(files))).toBeNull();
  });

  test('a link leads to no file outside of the tree', () => {
    const outside = writeTree({ secret: 'SESSION_LIFETIME=5\n' });
    const files = { ...laravel, 'a/.env': `-> ${outside}/secret` };
    expect(applicationAt('/a', treeOf(files))?.lifetime ?? null).toBeNull();
  });

  test('one that is larger than any is not read', () => {
    const env = `SESSION_LIFETIME=5\n${'# padding\n'.repeat(300_000)}`;
    const found = applicationAt('/a', treeOf({ ...laravel, 'a/.env': env }));
    expect(found?.lifetime).toBeNull();
    expect(found?.doubts.map(({ reason }) => reason).join()).toContain('larger than 2 MiB');
  });

  test('a file that ends within a string says nothing, and where', () => {
    const files = {
      ...laravel,
      'a/config/session.php': "<?php\nreturn ['lifetime' => 5,\n 'x => 1];\n",
    };
    const found = applicationAt('/a', treeOf(files));
    expect(found?.lifetime).toBeNull();
    expect(found?.doubts).toContainEqual({
      source: { kind: 'file', file: '/a/config/session.php', line: 3 },
      reason: 'ends within a string',
    });
  });
});

describe('what is told', () => {
  test('is printable, whatever stands in the files', () => {
    const evil = 'x\u001b]0;owned\u0007\r\u0085\n';
    const files = {
      'm/bin/magento': '',
      'm/app/etc/env.php': `<?php return ['session' => ['save' => '${evil}']];`,
      's/bin/console': '',
      's/config/bundles.php': '',
      's/config/packages/framework.yaml': `framework:\n  session:\n    handler_id: "x\u001b[2J"\n`,
    };
    const tree = treeOf(files);
    for (const directory of ['/m', '/s']) {
      const found = applicationAt(directory, tree);
      const told = [
        ...(found?.doubts ?? []).map(({ reason }) => reason),
        found?.store?.value.kind === 'elsewhere' ? found.store.value.name : '',
      ].join();
      expect(told).not.toBe('');
      expect(told).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }
  });

  test('is never a secret by mistake', () => {
    const secret = new Secret('hunter2');
    for (const shown of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }),
    ]) {
      expect(shown).not.toContain('hunter2');
    }
    expect(secret.reveal()).toBe('hunter2');
  });
});
