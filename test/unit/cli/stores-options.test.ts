/** The options of discovery: what parses is what the help shows, paths keep their bytes. */
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { discoverOptions } from '../../../lib/cli/discovery-options.js';
import { type StoresFlags, storesFlags, storesOptions } from '../../../lib/cli/stores-options.js';
import { tempDir } from '../../support/temp-dir.js';

function parse(...args: string[]): StoresFlags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of storesOptions()) command.addOption(option);
  return storesFlags(command.parse(args, { from: 'user' }).opts());
}

test('what is not given has its default', () => {
  expect(parse()).toEqual({ json: false, quiet: false, systemdPaths: false, verbose: 0 });
  expect(discoverOptions(parse())).toEqual({});
});

test('every option is understood', () => {
  const root = tempDir();
  const flags = parse('-p', 'php8.2', '-i', 'php.ini', '-c', '/c', '--root', root, '-vv', '--json');
  expect(flags).toMatchObject({ json: true, verbose: 2 });
  expect(discoverOptions(flags)).toEqual({
    php: Buffer.from('php8.2'),
    ini: Buffer.from(join(process.cwd(), 'php.ini')),
    configuration: Buffer.from('/c'),
    root: Buffer.from(root),
  });
  expect(discoverOptions(parse('--php', './php')).php).toEqual(
    Buffer.from(`${process.cwd()}/./php`),
  );
});

test('--search takes several directories, absolute, byte for byte', () => {
  expect(parse('--search', '/a', 'b', '--search', '/\udcff', '-v').search).toEqual([
    Buffer.from('/a'),
    Buffer.from(join(process.cwd(), 'b')),
    Buffer.from([0x2f, 0xff]),
  ]);
});

test.each([
  [['-q', '-v'], /-q and -v/],
  [['-vvvvv'], /more than 4 times/],
  [['-p', ''], /-p '' .*empty/],
  [['--search', ''], /--search ''/],
  [['--search'], /argument missing/],
  [['-l', '5'], /unknown option '-l'/],
])('refused: %j', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

test('a root that is no directory is refused', () => {
  expect(() => discoverOptions(parse('--root', '/does/not\n/exist'))).toThrow(
    /--root '\/does\/not\\n\/exist' is not a directory/,
  );
});
