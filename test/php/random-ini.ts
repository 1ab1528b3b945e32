/**
 * Random ini texts: some that people might write, some with a fault in the middle, some that nobody
 * would.
 *
 * Invariant: one character a byte. None holds a NUL, where PHP's string parser would stop.
 */
import { fc } from '../support/fast-check.js';

/** What `${NAME}` finds; NOTHING is not among them. */
export const environment = { HOME: '/root', SESCLE_PATH: '2;/srv/x', SESCLE_EMPTY: '' };

const blank = fc.constantFrom('', '', ' ', '\t', '  ', ' \t ');
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r');
const word = fc.constantFrom(
  'a',
  'files',
  '1440',
  '-2',
  '.5',
  '3.',
  '1K',
  '0x1A',
  '/var/lib/php',
  'E_ALL',
  'E_NOTICE',
  'PHP_OS',
  'truely',
  'on-line',
  'a.b:c',
  'x$y',
  '$',
  '\\n',
  '#c',
  '\xe9',
  '{x}',
);
const truth = fc.constantFrom(
  'on',
  'On',
  'yes',
  'TRUE',
  'off',
  'No',
  'none',
  'False',
  'null',
  'NULL',
);
const variable = fc
  .constantFrom('HOME', 'SESCLE_PATH', 'SESCLE_EMPTY', 'NOTHING', ' HOME ', 'a:b', 'NOTHING:-x')
  .map((name) => `\${${name}}`);
const double = fc
  .array(fc.oneof(word, variable, fc.constantFrom(' ', ';', '=', '\\"', '\\\\', '\\$', '\n', "'")))
  .map((parts) => `"${parts.join('')}"`);
const single = fc
  .array(fc.oneof(word, fc.constantFrom(' ', ';', '"', '\\', '\n', `${'$'}{HOME}`)), {
    minLength: 1,
  })
  .map((parts) => `'${parts.join('')}'`);
const strings = fc
  .array(fc.tuple(fc.oneof(word, word, double, single, variable), blank), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.flat().join(''));
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    strings,
    fc
      .tuple(tie('expression'), fc.constantFrom('|', '&', '^'), blank, tie('expression'))
      .map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom('~', '!'), blank, tie('expression')).map((parts) => parts.join('')),
    tie('expression').map((inner) => `(${inner})`),
  ),
}));
const value = fc.oneof(strings, strings, truth, expression, fc.constant(''));
const key = fc.constantFrom(
  'a',
  'session.save_path',
  'a b',
  'x',
  '-012',
  '7',
  'on',
  '\xe9',
  "it's",
);
const offset = fc.oneof(
  fc.constant(''),
  fc.constantFrom('0', '3', 'x', ' y ', 'E_ALL', '-5'),
  double,
  single,
);
const comment = fc.constantFrom('', '', '', ';c', ' ; "c', ';');

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(blank, key, blank, fc.constant('='), blank, value, comment, lineEnd),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      key,
      offset.map((inner) => `[${inner}]`),
      blank,
      fc.constant('='),
      value,
      lineEnd,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        '[PATH=/srv]',
        '[HOST=A.example]',
        '[Session]',
        '[a b]',
        '[E_ALL]',
        "['q]']",
        `[${'$'}{HOME}x]`,
      ),
      blank,
      lineEnd,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(';comment', ' ; c', '#old', '', 'bare', '\t'), lineEnd),
  },
);

const file = fc
  .tuple(
    fc.constantFrom('', '', '', '\xef\xbb\xbf'),
    fc.array(line, { maxLength: 8 }),
    fc.constantFrom('', '', 'a=1', 'a="x"', 'none', ';c', 'a=$\\', "a='x"),
  )
  .map(([bom, lines, end]) => [bom, ...lines.flat(), end].join(''));

const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'=[]"\'$', ...'{}\\\n\r \t;|&^~!(),:/'),
      word,
      truth,
      fc.constantFrom('${', '\r\n', 'HOME}', 'a=', '[b]', ':-', '\\"', '\xef\xbb\xbf'),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

/** A file with something foreign put in, or taken out. */
const faulty = fc.tuple(file, soup, fc.nat(), fc.nat(3)).map(([text, foreign, place, length]) => {
  const at = place % (text.length + 1);
  return `${text.slice(0, at)}${foreign}${text.slice(at + length)}`;
});

const bytes = fc
  .uint8Array({ min: 1, maxLength: 40 })
  .map((array) => Buffer.from(array).toString('latin1'));

/** Any text. */
export const iniText = fc.oneof(
  { weight: 5, arbitrary: file },
  { weight: 4, arbitrary: faulty },
  { weight: 2, arbitrary: soup },
  { weight: 1, arbitrary: bytes },
);

/** What might stand behind the `=` of a directive. */
export const iniValue = value;

/** Numbers as settings have them, and what is none. */
export const quantityText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '0',
        '1',
        '7',
        '9',
        '12',
        '1440',
        '0x',
        '0X',
        '0b',
        '0B',
        '0o',
        '0O',
        'K',
        'k',
      ),
      fc.constantFrom(
        'M',
        'm',
        'G',
        'g',
        ' ',
        '\t',
        '\n',
        '\v',
        '-',
        '+',
        'a',
        'F',
        '.',
        'e5',
        '_',
      ),
      fc.constantFrom('9223372036854775807', '9223372036854775808', '18446744073709551615'),
      fc.constantFrom('18446744073709551616', '0x8000000000000000', '\0', '\xa0', 'inf'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
