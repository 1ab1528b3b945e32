/** A command that is named first is made alone: nobody can tell. */
import { expect, test } from 'vitest';
import { Console } from '../../../lib/cli/console.js';
import { buildProgram } from '../../../lib/cli/program.js';

const helpOf = (name: string, word?: string) =>
  buildProgram(new Console(), () => {}, word)
    .commands.find((command) => command.name() === name)
    ?.helpInformation();

const names = buildProgram(new Console(), () => {}).commands.map((command) => command.name());

test.each(names)('%s has the same options and help where it is the first argument', (name) => {
  expect(helpOf(name, name)).toBe(helpOf(name));
});

test('the other commands have no options then, and all have theirs for the completion', () => {
  expect(helpOf('stores', 'sweep')).not.toBe(helpOf('stores'));
  expect(helpOf('stores', 'completion')).toBe(helpOf('stores'));
});
