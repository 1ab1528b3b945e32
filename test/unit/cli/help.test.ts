/** The help: each command's fits a screen, and what they share stands once. */
import { expect, test } from 'vitest';
import { Console } from '../../../lib/cli/console.js';
import { TableOption } from '../../../lib/cli/option-rows.js';
import { buildProgram } from '../../../lib/cli/program.js';
import { sharedOptionsHelp } from '../../../lib/cli/shared-options.js';

const program = buildProgram(new Console(), () => {});
const shared = sharedOptionsHelp(80);
const commands = [program, ...program.commands.filter((command) => command.name() !== 'help')];

function helpOf(command: (typeof commands)[number]): string {
  let text = '';
  const writeOut = (part: string) => {
    text += part;
  };
  command.configureOutput({ writeOut, getOutHelpWidth: () => 80 }).outputHelp();
  return text;
}

test.each(commands.map((command) => [command.name(), command] as const))(
  'the help of %s fits a screen of 24 lines and 80 columns',
  (_, command) => {
    const lines = helpOf(command).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);

test('every option of a command is in its help, or in that of the shared ones and not twice', () => {
  for (const command of commands.slice(1)) {
    const own = helpOf(command).slice(0, helpOf(command).indexOf('Examples:'));
    for (const option of command.options) {
      const isShared = !(option instanceof TableOption) || option.isShared;
      const flags = `  ${option.flags}`;
      expect({ flags, own: own.includes(flags), shared: shared.includes(flags) }).toEqual({
        flags,
        own: !isShared,
        shared: isShared || shared.includes(flags),
      });
    }
  }
});

test('the shared options come with the exit status', () => {
  for (const word of ['--php', '--root', '--threads', '--state', 'Exit status:', '128+n']) {
    expect(shared).toContain(word);
  }
  expect(shared.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
