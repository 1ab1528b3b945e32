/**
 * The commands, their options and arguments, for the parser and for the help.
 *
 * Invariant: a first word that is no command is an error, never the monitor; options before a command
 * are the monitor's, and never silently another's.
 */
import { Command } from 'commander';
import { packageVersion } from '../index.js';
import type { Console } from './console.js';
import { programHelp, storesHelp, sweepHelp, watchHelp } from './help-text.js';
import { help, version } from './option-rows.js';
import { sweepFlags, sweepOptions } from './options.js';
import { rawBytes } from './raw-arguments.js';
import { storesCommand } from './stores-command.js';
import { storesFlags, storesOptions } from './stores-options.js';
import { sweepCommand } from './sweep-command.js';
import { UsageError } from './usage-error.js';
import type * as WatchCommand from './watch-command.js';
import { watchFlags, watchOptions } from './watch-options.js';

/** @param end is told the exit status */
export function buildProgram(console: Console, end: (exitStatus: number) => void): Command {
  const program = new Command('sescle')
    .helpCommand(false)
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
  for (const option of watchOptions()) program.addOption(option);
  const watch = program
    .command('watch')
    .summary('the monitor: keeps stores clean, each session removed as soon as it has expired')
    .description(
      'Watches every store that PHP is configured to use, or those that are named, until it is ended. sescle without a command is the same for all stores.',
    )
    .argument('[SAVE_PATH...]', "PHP's session.save_path: /path, '2;/path' or '2;0600;/path'")
    .addHelpText('after', watchHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      end(await runWatch(savePaths.map(rawBytes), watchFlags(found), console));
    });
  for (const option of watchOptions()) watch.addOption(option);
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
  program
    .command('help', { hidden: true })
    .argument('[COMMAND]')
    .action((word: string | undefined) => {
      const named = program.commands.find((command) => command.name() === word);
      if (word !== undefined && named === undefined) refuseWord(word, program.commands);
      (named ?? program).outputHelp();
    });
  for (const command of [program, watch, sweep, stores]) {
    command
      .helpOption(help.flags, help.help)
      .version(`sescle ${packageVersion}`, version.flags, version.help);
  }
  // After its commands, which would inherit this.
  program
    .allowExcessArguments()
    .action(async (found: Record<string, unknown>, { args: [word], commands }: Command) => {
      if (word !== undefined) refuseWord(word, commands);
      end(await runWatch([], watchFlags(found), console));
    });
  refuseOptionsBeforeCommands(program);
  return program;
}

/**
 * A first word that is no command: as a parser that knows only commands puts it, with what may have
 * been meant.
 */
function refuseWord(word: string, commands: readonly Command[]): void {
  const names = new Command()
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const command of commands) names.command(command.name());
  names.parse([word], { from: 'user' });
}

/** Loads the monitor where it is wanted: a sweep needs none of it. */
async function runWatch(...args: Parameters<typeof WatchCommand.watchCommand>): Promise<number> {
  const { watchCommand } = await import('./watch-command.js');
  return watchCommand(...args);
}

function refuseOptionsBeforeCommands(program: Command): void {
  program.hook('preSubcommand', (_, command) => {
    const given = program.options.find(
      (option) => program.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (given === undefined) return;
    throw new UsageError(
      `${given.short} before ${command.name()} is an option of the monitor`,
      `write it behind: sescle ${command.name()} ${given.short}`,
    );
  });
}
