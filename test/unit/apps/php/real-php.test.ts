/**
 * The reader of PHP's values against PHP itself: what is read is what PHP has, and what is written in plain
 * words is read.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { readPhp } from '../../../../lib/apps/php/file.js';
import { NotPhp } from '../../../../lib/apps/php/tokens.js';
import { at, type PhpValue, textOf } from '../../../../lib/apps/php/values.js';
import { fc } from '../../../support/fast-check.js';
import { fuzzRuns, fuzzTimeoutMs } from '../../../support/fuzz-runs.js';
import { requireTool } from '../../../support/require-tool.js';
import { decoded, difference, type RealValue, ValueOracle } from '../../../support/value-oracle.js';

/** PHP's own ways of writing a text. */
const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abcxyzAZ019 _-=#;:,.@%&*()[]{}<>?!/|~^+') },
  { weight: 2, arbitrary: fc.constantFrom("'", '"', '\\', '$', '`', '\n', '\r', '\t', '\u00e9') },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  },
);
const text = fc.array(character, { maxLength: 12 }).map((all) => all.join(''));

const single = text.map((value) => `'${value.replaceAll(/[\\']/g, '\\$&')}'`);
const double = fc.tuple(text, fc.boolean()).map(([value, escapes]) => {
  const plain = value.replaceAll(/[\\"$]/g, '\\$&').replaceAll('\r', '\\r');
  return `"${escapes ? `${plain}\\x41\\101\\u{e9}\\n\\q\\e` : plain}"`;
});
const nowdoc = text
  .filter((value) => !/[\r\n]/.test(value))
  .map((value) => `<<<'END'\n${value}\nEND`);
const integer = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }).map(String),
  fc.integer({ min: 0, max: 4095 }).map((value) => `0x${value.toString(16)}`),
  fc.integer({ min: 0, max: 511 }).map((value) => `0${value.toString(8)}`),
  fc.integer({ min: 0, max: 63 }).map((value) => `0b${value.toString(2)}`),
  fc.constantFrom('1_000', '9223372036854775807', '9223372036854775808', '0', '00', '08'),
);
const float = fc.constantFrom('1.5', '.5', '1e3', '0.1', '6.', '1E-2', '1_0.5');
const word = fc.constantFrom(
  'true',
  'TRUE',
  'false',
  'null',
  'Null',
  'PHP_EOL',
  '__LINE__',
  'M_PI',
);
const literal = fc.oneof(single, double, integer, float, word);

const comment = fc.constantFrom('', '', ' ', '\n', '/* , ] */', '# x ]\n', '// y\n');

const { expression, array } = fc.letrec<{ expression: string; array: string; key: string }>(
  (tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      literal,
      nowdoc,
      tie('array'),
      fc
        .tuple(
          tie('expression'),
          fc.constantFrom(' . ', ' + ', ' * ', ' - ', ' ?: ', ' ?? ', ' == ', ' && ', ' / '),
          tie('expression'),
        )
        .map(([a, operator, b]) => `(${a}${operator}${b})`),
      fc
        .tuple(
          fc.constantFrom('1', "'a'", '$a'),
          fc.constantFrom(' . ', ' + ', ' - '),
          fc.constantFrom('2', '$b', '"x"'),
          fc.constantFrom(' . ', ' * '),
          integer,
        )
        .map((all) => all.join('')),
      fc
        .tuple(
          fc.constantFrom('(int)', '(string) ', '(bool)', '( int )', '-', '+', '!', '@', '- -'),
          tie('expression'),
        )
        .map(([prefix, value]) => `${prefix}(${value})`),
      fc
        .tuple(tie('expression'), tie('expression'), tie('expression'))
        .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.constantFrom(
        '$a',
        '$b',
        "$a['k']",
        '$a[0]',
        '$c->p',
        'K1',
        'strlen("abc")',
        'fn($x) => $x',
        'function () { return 5; }',
        'new stdClass',
        'PHP_INT_SIZE',
        '__DIR__',
        '"a{$a[\'k\']}b"',
        '"x$b"',
        '"\\{$b}"',
      ),
    ),
    array: fc
      .tuple(
        fc.boolean(),
        fc.array(fc.tuple(fc.option(tie('key'), { nil: null }), comment, tie('expression')), {
          maxLength: 4,
        }),
        fc.boolean(),
      )
      .map(([isShort, entries, hasComma]) => {
        const inside = entries
          .map(([key, space, value]) => `${space}${key === null ? '' : `${key} => `}${value}`)
          .join(', ');
        const end = hasComma && entries.length > 0 ? ',' : '';
        return isShort ? `[${inside}${end}]` : `array(${inside}${end})`;
      }),
    key: fc.oneof(
      single,
      integer,
      word,
      fc.constantFrom("'5'", "'-3'", '-3', "'05'", "'k'", "'p'", '1.7', '$b'),
    ),
  }),
);

/** Each has been read wrongly, or easily might be. */
const tricky = [
  '$a = &$b;',
  "unset($a['k']);",
  'unset($a);',
  'list($a, $b) = [1, 2];',
  '[$a, $b] = [$b, $a];',
  '$b++;',
  'class T { public $p = 5; protected static ?array $q = [1, 2]; const X = 1; function f($a = 1) { return $a; } public $r; }',
  'sort($a);',
  '$n = array_push($a, 9);',
  "switch (1) { case 1: $a = 'one'; }",
  '?>text<?php',
  '{ $a = 5; $b = $a; }',
  "$a = ['k' => 1, 'm' => ['n' => 2]]; if (true) { $a['m']['n'] = 3; }",
  "$a = ['k' => null]; if (false) { $a['k']['m'] = 1; $a['l'] = 2; }",
  '$c = new stdClass; $c->p = 1; $c->q = 2; if (true) { $c->p = 3; }',
  "$a = ['k' => 'abc', 'm' => 1]; unset($a['m']); $a['k'][0] = 'x';",
  'function refer(&$x) { $x = 5; foreach ($x as &$y) {} } $a = 1; $n = refer($a);',
  'use function Safe\\trim;',
  "function byText(&$x) { $x = 5; } $a = 1; $n = 'byText'($a);",
  "function byItem(&$x) { $x = 5; } $f = ['byItem']; $a = 1; $n = $f[0]($a);",
  'function env(&$x) { $x = 5; } $a = 1; $n = env($a);',
  'class M { function trim(&$x) { $x = 5; } } $o = new M; $a = 1; $n = $o->trim($a);',
  'function keep(&$x) { return function () use (&$x) { $x = 9; }; } $f = keep($b); $b = 1; $f();',
  'l: $a = 5;',
  '$s = "abc"; $b = $s[0]; $s[\' 1\'] = "x"; $a = "\\X41";',
  '$c = new stdClass; $c->p = 1; $b = $c; $b->p = 2;',
  '$c = $b = new stdClass; $b->p = 2;',
  'class V { private $d; function __set($n, $v) { $this->d = 7; } } $c = new V; $c->p = 5; $b = $c->p;',
  'define("K2", new stdClass); $a = K2; $a->p = 5;',
  '$c->q = new stdClass; $c->q->r = 1; $b = $c->q; $b->r = 2;',
  '$c = new stdClass; foreach ([$c] as $v) { $v->p = 2; } $a = [$c]; $a[0]->p = 3;',
  '$c = new stdClass; $c->p = 1; define("K2", $c); $a = K2; $a->p = 5;',
  "$c = new ArrayObject(['k' => 1]); $c['k'] = 5; $b = $c['k']; $c->p = 5;",
  "$a = ['x' => &$b]; $a['x'] = 5; $b = 6;",
  "$x = ['k' => 1]; foreach ($x as &$v) {} $y = $x; $y['k'] = 5; $v = 9;",
  "$a = &$b['x']; $x = $b; $x['x'] = 1; $a = 2;",
  "$l = [1, 2]; $x = ['a' => array_pop($l), 'b' => $l];",
  '$a = [$b = 5, $b]; $x = [$b++, $b];',
  'return [array_pop($a), $a];',
  "define('K2', [$b++, $b]);",
  'declare(ticks=1) $a = 2;',
  "define('E_STRICT', 5); $b = E_STRICT;",
  "ini_set('session.gc_maxlifetime', 100);",
  "$x = ini_set('session.gc_maxlifetime', 200);",
  "if ($a) { ini_set('session.gc_maxlifetime', 300); }",
  "session_start(['gc_maxlifetime' => 400]);",
  'class U { public float $p = 5; public $q = [1]; var $r = "x"; }',
  'if (true) { return 7; }',
  'if (false) $x = 1 ? match (1) { default => 1 } : $b = 5;',
  '/* $a = 5; */',
  'const K2 = 7;',
  '$c = new stdClass();',
  'for ($b = 0; $b < 3; $b++);',
  'do { $a = 1; } while (false);',
  'try { $a = 4; } catch (Exception $e) { $b = 1; }',
  '$a = match (true) { default => 6 };',
];

/** Code that sets what it does not name. */
const hidden = [
  "$n = 'a'; $$n = 'changed';",
  `\${'a'} = 2;`,
  `$b = \${'a'}++;`,
  "$GLOBALS['a'] = 1;",
  "extract(['a' => 'changed']);",
  'function g() { global $a; $a = 7; } g();',
  "function h() { $GLOBALS['a'] = 7; } $a = 1; h();",
  '$f = function () { global $a; $a = 7; }; $a = 1; $f();',
  'class R { public $r; function __construct(&$x) { $this->r = &$x; } function set() { $this->r = 9; } } $o = new R($b); $b = 1; $o->set();',
  '$f = function (&$x) { $x = 5; }; $b = 1; $x = $f($b);',
  '$n = 0; $x = "{$l[$n++]}";',
  "$d = 'define'; $d('K1', 5);",
  '$b = 1; $x = "{$l[$a = 7]}{$f}";',
  '$x = "{$l[print(define(\'K1\', 3))]}";',
  'eval(\'$a = 5; define("K1", 3);\');',
  "goto end; $a = 1; define('K2', 5); ini_set('session.gc_maxlifetime', 50); end:",
  'declare(ticks=1): $a = 5; enddeclare;',
  'while (false): $a = 1; $b = 5; endwhile;',
  "function h() { ini_set('session.gc_maxlifetime', 70); } h();",
  "call_user_func('ini_set', 'session.gc_maxlifetime', 60);",
];

const statement = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        '$a',
        '$b',
        '$c',
        "$a['k']",
        "$a['k']['m']",
        '$a[]',
        "$a['k'][]",
        "$a['k'][$b]",
        '$a[5]',
        '$c->p',
        '$a[$b]',
        "$b['x'][]",
      ),
      expression,
    )
    .map(([target, value]) => `${target} = ${value};`),
  fc
    .tuple(fc.constantFrom('$a', '$b'), fc.constantFrom('.=', '+=', '??='), literal)
    .map((all) => `${all.join(' ')};`),
  fc
    .tuple(
      fc.constantFrom(
        'if (true)',
        'if (false)',
        'if (1 > 2)',
        'foreach ([1] as $b)',
        'while (false)',
      ),
      expression,
    )
    .map(([head, value]) => `${head} { $a = ${value}; }`),
  expression.map((value) => `if (false) $b = ${value}; else $a = 3;`),
  expression.map((value) => `$a = $b = ${value};`),
  fc
    .tuple(
      fc.constantFrom(
        'define(',
        '\\define(',
        '$b = define(',
        '$a = 1 + define(',
        'if ($a) define(',
        'if (false) { define(',
        "defined('K2') or define(",
        '[fn() => 1, define(',
        "define('K2', define(",
        "define('K2', fn() => define(",
        'return define(',
      ),
      fc.constantFrom("'K1'", "'K2'", "'K' . '1'", '$n', "constant_name: 'K1'"),
      expression,
    )
    .map(([head, name, value]) => {
      const close = head.startsWith("define('K2'") ? '))' : head.startsWith('[') ? ')]' : ')';
      return `${head}${name}, ${value}${close};${head.includes('{') ? ' }' : ''}`;
    }),
  expression.map((value) => `const K1 = ${value};`),
  literal.map((value) => `const K2 = ${value}, K1 = 5;`),
  fc
    .tuple(expression, expression)
    .map(([a, b]) => `$a = ['f' => fn($x) => ${a}, 'k' => ${b}, fn(int $y = 5): int => 2];`),
  fc.constantFrom(
    'if (!isset($x)) { return; }',
    "define('K1', [define('K1', 3), 7]);",
    "$x = [fn($x) => define('K1', 5)]; $x[0](1);",
  ),
  fc.constantFrom('d();', "$n = 'K1';", '$a = K1;', '$b = K2;', "$b['x'] = \\K1;"),
  fc.constantFrom(...tricky),
);

/** What makes a file one that is not followed: most files are to have none of it. */
const unseen = fc.oneof(
  expression.map((value) => `if (true): $a = ${value}; $b = 2; endif;`),
  expression.map(
    (value) =>
      `if (false): $b = 1; define('K1', ${value}); $a = 2; return 5; else: $a = 1; endif; $a = 7;`,
  ),
  expression.map((value) => `$f = function () use (&$a) { $a = ${value}; }; $f();`),
  expression.map((value) => `d(); function d() { define('K1', ${value}); }`),
  expression.map(
    (value) => `if (true) { function d() { global $a; $a = ${value}; } } d(); $b = $a;`,
  ),
  fc.constantFrom(...hidden),
);

const file = fc
  .tuple(
    fc.array(fc.oneof({ weight: 30, arbitrary: statement }, { weight: 1, arbitrary: unseen }), {
      maxLength: 7,
    }),
    fc.option(expression, { nil: null }),
  )
  .map(
    ([statements, value]) =>
      `<?php\n${statements.join('\n')}\n${value === null ? '' : `return ${value};\n`}`,
  );

describe.skipIf(!requireTool('php'))(
  'what is read of a file of settings',
  { timeout: fuzzTimeoutMs(120_000) },
  () => {
    const oracle = new ValueOracle();
    afterAll(() => oracle.end());

    async function expectAsPhp(code: string): Promise<void> {
      const real = await oracle.run(code);
      // PHP does not run it, or it stopped on the way: nothing can be compared.
      if (real.failed) return;
      const read = readPhp(code, { directory: oracle.directory });
      if (read instanceof NotPhp) expect.fail(`refused: ${read.reason}`);
      if (!read.isObscure) {
        for (const [name, value] of Object.entries(real.variables)) {
          expectSame(read.variables.get(decoded(name)), value, `$${decoded(name)}`, code);
        }
        for (const [name, value] of read.variables) {
          const isThere = Object.keys(real.variables).some((each) => decoded(each) === name);
          if (!isThere && value.kind !== 'unknown' && value.kind !== 'array') {
            expect.fail(`$${name} is not there\n${code}`);
          }
        }
      }
      for (const [name, value] of Object.entries(real.constants)) {
        if (read.constants.has(decoded(name))) {
          expectSame(read.constants.get(decoded(name)), value, decoded(name), code);
        }
      }
      for (const [name, value] of read.constants) {
        const isThere = Object.keys(real.constants).some((each) => decoded(each) === name);
        if (!isThere && value.kind !== 'unknown') expect.fail(`${name} is not there\n${code}`);
      }
      const lifetime = read.iniSettings.get('session.gc_maxlifetime');
      if (lifetime !== undefined && lifetime.kind !== 'unknown') {
        expect(textOf(lifetime), code).toBe(real.ini);
      }
      for (const [name, values] of Object.entries(real.classes)) {
        for (const [property, value] of Object.entries(values)) {
          const own = read.classes.get(decoded(name))?.get(decoded(property));
          expectSame(own, value, `${decoded(name)}::${decoded(property)}`, code);
        }
      }
      if (read.returned !== null) expectSame(read.returned, real.returned, 'return', code);
    }

    function expectSame(
      read: PhpValue | undefined,
      real: RealValue,
      name: string,
      code: string,
    ): void {
      // A variable that only a loop or a closure set is not seen, and nobody is told that it is not there.
      if (read === undefined) return;
      const found = difference(read, real, name);
      if (found !== null) expect.fail(`${found}\n${code}`);
    }

    test.each([...tricky, ...hidden])('is what PHP has behind %s', async (code) => {
      const before = `<?php\n$a = 1;\n$b = ['x' => 2];\n$l = [1];\n`;
      await expectAsPhp(`${before}${code}\n`);
      await expectAsPhp(`${before}${code}\n$s = [$a, $b];\ndefine('K1', $a);\nreturn $b;\n`);
    });

    test('is what PHP has, or it is unknown', async () => {
      await fc.assert(fc.asyncProperty(file, expectAsPhp), { numRuns: fuzzRuns(400) });
    });

    test.each(['$o->trim($b)', 'T::trim($b)', 'new Trim($b)'])(
      'is unknown where %s of another file may have changed it',
      (call) => {
        const read = readPhp(`<?php $b = 1; $x = ${call};`);
        if (read instanceof NotPhp) expect.fail(read.reason);
        expect(read.variables.get('b')?.kind).toBe('unknown');
      },
    );

    test('is there beside a function, which is not', () => {
      const read = readPhp(
        "<?php return ['f' => fn(int $x = 5): int => $x, 'g' => function () { return [1]; }, 'k' => 7];",
      );
      if (read instanceof NotPhp) expect.fail(read.reason);
      expect(at(read.returned, 'f')?.kind).toBe('unknown');
      expect(at(read.returned, 'k')).toMatchObject({ kind: 'int', value: 7 });
    });

    test('is all there where it is written in plain words', async () => {
      const { plain } = fc.letrec<{ plain: string; list: string }>((tie) => ({
        plain: fc.oneof(
          { maxDepth: 4 },
          single,
          double,
          nowdoc,
          fc.integer().map(String),
          fc.constantFrom('true', 'false', 'null', '60 * 60 * 24', "'a' . 'b'"),
          tie('list'),
        ),
        list: fc
          .array(fc.tuple(fc.option(single, { nil: null }), comment, tie('plain')), {
            maxLength: 4,
          })
          .map(
            (entries) =>
              `[${entries.map(([key, space, value]) => `${space}${key === null ? '' : `${key} => `}${value}`).join(',')}]`,
          ),
      }));
      await fc.assert(
        fc.asyncProperty(plain, async (value) => {
          const code = `<?php\nreturn ${value};`;
          const real = await oracle.run(code);
          const read = readPhp(code);
          if (read instanceof NotPhp || read.returned === null) expect.fail(`not read\n${code}`);
          expect(difference(read.returned, real.returned), code).toBeNull();
          expect(JSON.stringify([...flat(read.returned)])).not.toContain('unknown');
        }),
        { numRuns: fuzzRuns(200) },
      );
    });
  },
);

function* flat(value: PhpValue): Generator<string> {
  yield value.kind;
  if (value.kind === 'array') for (const each of value.entries.values()) yield* flat(each);
}

void array;
