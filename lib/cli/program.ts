/**
 * The commands, their options and arguments, for the parser and for the help.
 *
 * Invariant: a first word that is no command is an error, never the monitor; options before a command
 * are the monitor's, and never silently another's.
 */
import { Command } from 'commander';
import { packageVersion } from '../index.js';
import type { Console } from './console.js';
import { originalRows } from './discovery-options.js';
import { programHelp, storesHelp, sweepHelp } from './help-text.js';
import { help, optionsOf, verboseRow, version } from './option-rows.js';
import { sweepFlags, sweepOptions } from './options.js';
import { rawBytes } from './raw-arguments.js';
import { storesCommand } from './stores-command.js';
import { storesFlags, storesOptions } from './stores-options.js';
import { sweepCommand } from './sweep-command.js';
import { UsageError } from './usage-error.js';

/** @param end is told the exit status */
export function buildProgram(console: Console, end: (exitStatus: number) => void): Command {
  const program = new Command('sescle')
    .description('Removes expired PHP sessions, and nothing else.')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => console.out(text),
      // Errors are told by tellError(), in one line.
      writeErr: () => {},
      getOutHelpWidth: () => (console.isOutTerminal ? console.columns : 80),
      getOutHasColors: () => false,
    })
    .addHelpText('after', programHelp);
  for (const option of optionsOf([...originalRows, verboseRow('say more, up to -vvvv')])) {
    program.addOption(option);
  }
  const sweep = program
    .command('sweep')
    .summary('one pass over session stores, then exit')
    .description(
      'Removes the expired sessions, in one pass: of every store that PHP is configured to use, or of those that are named.',
    )
    .argument('[SAVE_PATH...]', "PHP's session.save_path: /path, '2;/path' or '2;0600;/path'")
    .addHelpText('after', sweepHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      end(await sweepCommand(savePaths.map(rawBytes), sweepFlags(found), console));
    });
  for (const option of sweepOptions()) sweep.addOption(option);
  const stores = program
    .command('stores')
    .summary('what was found, each value with where it came from')
    .description('Lists every store of sessions that PHP is configured to use. Changes nothing.')
    .addHelpText('after', storesHelp)
    .action(async (found: Record<string, unknown>) => {
      end(await storesCommand(storesFlags(found), console));
    });
  for (const option of storesOptions()) stores.addOption(option);
  for (const command of [program, sweep, stores]) {
    command
      .helpOption(help.flags, help.help)
      .version(`sescle ${packageVersion}`, version.flags, version.help);
  }
  addLaterCommand(program);
  refuseOptionsBeforeCommands(program);
  return program;
}

/** What the design names and this version does not have must not be mistaken for a typing error. */
function addLaterCommand(program: Command): void {
  program
    .command('watch', { hidden: true })
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new UsageError(
        'the monitor (sescle watch) is not part of this version yet',
        'use sescle sweep (see sescle --help)',
      );
    });
}

function refuseOptionsBeforeCommands(program: Command): void {
  program.hook('preSubcommand', (_, command) => {
    const given = program.options.find(
      (option) => program.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (given === undefined || command.name() === 'watch') return;
    throw new UsageError(
      `${given.short} before ${command.name()} is an option of the monitor`,
      `write it behind: sescle ${command.name()} ${given.short}`,
    );
  });
}
