/** What shells and the manual are told of the command line; `npm run documents` writes it anew. */
import { expect, test } from 'vitest';
import { completedCommands, shortHelp } from '../../../lib/cli/completions.js';
import { bashCompletion } from '../../../lib/cli/completions-bash.js';
import { fishCompletion } from '../../../lib/cli/completions-fish.js';
import { zshCompletion } from '../../../lib/cli/completions-zsh.js';
import { Console } from '../../../lib/cli/console.js';
import { sweepOptions } from '../../../lib/cli/options.js';
import { buildProgram } from '../../../lib/cli/program.js';

const commands = completedCommands(buildProgram(new Console(), () => {}));

test.each([
  ['sescle.bash', bashCompletion],
  ['_sescle', zshCompletion],
  ['sescle.fish', fishCompletion],
])(
  'completions/%s is what the tables of options make (else: npm run documents)',
  async (file, make) => {
    await expect(make(commands)).toMatchFileSnapshot(`../../../completions/${file}`);
  },
);

test('every option of the tables is there, and the help', () => {
  const sweep = commands.find(({ name }) => name === 'sweep');
  expect(sweep?.options.map(({ long }) => long)).toEqual([
    ...sweepOptions().map(({ long }) => long),
    '--version',
    '--help',
  ]);
  expect(commands.map(({ name }) => name)).not.toContain('help');
});

test('what a value is follows from its name in the help', () => {
  const options = commands.flatMap((command) => command.options);
  const kindOf = (long: string) => options.find((option) => option.long === long)?.valueKind;
  expect(kindOf('--root')).toBe('directory');
  expect(kindOf('--config')).toBe('file');
  expect(kindOf('--threads')).toBe('unknown');
  expect(commands.find(({ name }) => name === 'sweep')?.argumentKind).toBe('directory');
});

test('words that are offered are accepted, and no others', () => {
  const options = new Map(sweepOptions().map((option) => [option.long, option]));
  for (const { long, valueKind } of commands.find(({ name }) => name === 'sweep')?.options ?? []) {
    if (typeof valueKind === 'string') continue;
    const parse = (word: string) => options.get(long)?.parseArg?.(word, undefined);
    for (const word of valueKind) expect(parse(word)).toBe(word);
    expect(() => parse('anything else')).toThrow();
  }
});

test.each([
  ['show the version', 'show the version'],
  ['say more: -v details, -vv every removed session', 'say more'],
  ['remove at most N (default: no limit)', 'remove at most N'],
  ['how long a session lives, as 24m', 'how long a session lives'],
])('of the help %j a list shows %j', (help, short) => {
  expect(shortHelp(help)).toBe(short);
});
