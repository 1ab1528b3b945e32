/**
 * The commands, their options and arguments, for the parser and for the help.
 *
 * Invariant: a first word that is no command is an error, never the monitor; options before a command
 * are the monitor's, and never silently another's. What a command does is loaded where it is wanted: a
 * sweep, which may take no longer than Node's start, needs none of the others.
 */
import { Command, type Option } from 'commander';
import { packageVersion } from '../index.js';
import { adoptFlags, adoptOptions } from './adopt-options.js';
import type { Console } from './console.js';
import { doctorFlags, doctorOptions } from './doctor-options.js';
import {
  adoptHelp,
  completionHelp,
  doctorHelp,
  mkdirsHelp,
  programHelp,
  statsHelp,
  storesHelp,
  sweepHelp,
  watchHelp,
} from './help-text.js';
import { mkdirsFlags, mkdirsOptions } from './mkdirs-options.js';
import { help, version } from './option-rows.js';
import { sweepFlags, sweepOptions } from './options.js';
import { rawBytes } from './raw-arguments.js';
import { ownOptions, sharedOptionsHelp, sharedTopic } from './shared-options.js';
import { statsFlags, statsOptions } from './stats-options.js';
import { storesFlags, storesOptions } from './stores-options.js';
import { sweepCommand } from './sweep-command.js';
import { UsageError } from './usage-error.js';
import type * as WatchCommand from './watch-command.js';
import { watchFlags, watchOptions } from './watch-options.js';

/** The commands that look at no other: not completion, nor help. */
const alone = ['watch', 'sweep', 'stores', 'doctor', 'stats', 'adopt', 'mkdirs'];

/**
 * @param end is told the exit status
 * @param word the first argument; where it is a command, no other has its options: they take longer to make than
 *   a small sweep
 */
export function buildProgram(
  console: Console,
  end: (exitStatus: number) => void,
  word?: string,
): Command {
  const isAlone = word !== undefined && alone.includes(word);
  const addOptions = (command: Command, options: () => readonly Option[]) => {
    if (isAlone && command.name() !== word) return;
    for (const option of options()) command.addOption(option);
  };
  const helpColumns = () => (console.isOutTerminal ? console.columns : 80);
  const program = new Command('sescle')
    .helpCommand(false)
    .configureHelp({ visibleOptions: ownOptions })
    .description('Removes expired PHP sessions, and nothing else.')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => console.out(text),
      // Errors are told by tellError(), in one line.
      writeErr: () => {},
      getOutHelpWidth: helpColumns,
      getOutHasColors: () => false,
    })
    .addHelpText('after', programHelp);
  addOptions(program, watchOptions);
  const watch = program
    .command('watch')
    .summary('keep stores clean: remove each session as it expires')
    .description(
      'Keeps the stores clean until you stop it: every store of PHP, or those you name. "sescle" alone does the same for all stores.',
    )
    .argument('[SAVE_PATH...]')
    .addHelpText('after', watchHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      end(await runWatch(savePaths.map(rawBytes), watchFlags(found), console));
    });
  addOptions(watch, watchOptions);
  const sweep = program
    .command('sweep')
    .summary('remove expired sessions once, then exit')
    .description("Removes expired sessions once. SAVE_PATH is PHP's session.save_path.")
    .argument('[SAVE_PATH...]')
    .addHelpText('after', sweepHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      end(await sweepCommand(savePaths.map(rawBytes), sweepFlags(found), console));
    });
  addOptions(sweep, sweepOptions);
  const stores = program
    .command('stores')
    .summary("list the stores in PHP's configuration")
    .description("Lists every session store in PHP's configuration. Changes nothing.")
    .addHelpText('after', storesHelp)
    .action(async (found: Record<string, unknown>) => {
      const { storesCommand } = await import('./other-commands.js');
      end(await storesCommand(storesFlags(found), console));
    });
  addOptions(stores, storesOptions);
  const doctor = program
    .command('doctor')
    .summary("find what is wrong with this machine's sessions")
    .description(
      'Checks every store, what cleans it and its file system. Prints what is wrong, worst first, and how to fix it. Changes nothing.',
    )
    .addHelpText('after', doctorHelp)
    .action(async (found: Record<string, unknown>) => {
      const { doctorCommand } = await import('./other-commands.js');
      end(await doctorCommand(doctorFlags(found), console));
    });
  addOptions(doctor, doctorOptions);
  const stats = program
    .command('stats')
    .summary('count sessions by age, size and owner')
    .description(
      'Counts the sessions of every store of PHP, or of those you name. Changes nothing.',
    )
    .argument('[SAVE_PATH...]')
    .addHelpText('after', statsHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      const { statsCommand } = await import('./other-commands.js');
      end(await statsCommand(savePaths.map(rawBytes), statsFlags(found), console));
    });
  addOptions(stats, statsOptions);
  const adopt = program
    .command('adopt')
    .summary('add a directory to sescle.toml as a store')
    .description(
      'Adds a [[store]] to sescle.toml for each directory and makes the monitor reload. It shows the lines and asks first.',
    )
    .argument('[DIR...]')
    .addHelpText('after', adoptHelp)
    .action(async (directories: string[], found: Record<string, unknown>) => {
      const { adoptCommand } = await import('./other-commands.js');
      end(await adoptCommand(directories.map(rawBytes), adoptFlags(found), console));
    });
  addOptions(adopt, adoptOptions);
  const mkdirs = program
    .command('mkdirs')
    .summary('make the directories of a nested save path')
    .description(
      "Makes the directories of a nested save path such as '2;/path', like PHP's script mod_files.sh.",
    )
    .argument('<SAVE_PATH>')
    .addHelpText('after', mkdirsHelp)
    .action(async (savePath: string, found: Record<string, unknown>) => {
      const { mkdirsCommand } = await import('./other-commands.js');
      end(await mkdirsCommand(rawBytes(savePath), mkdirsFlags(found), console));
    });
  addOptions(mkdirs, mkdirsOptions);
  const completion = program
    .command('completion')
    .summary('print shell completion for bash, zsh or fish')
    .description('Prints a completion script for your shell.')
    .argument('<SHELL>')
    .addHelpText('after', completionHelp)
    .action(async (word: string) => {
      const { completionCommand } = await import('./completion-command.js');
      end(completionCommand(word, program, console));
    });
  program
    .command('help', { hidden: true })
    .argument('[COMMAND]')
    .action((word: string | undefined) => {
      if (word === sharedTopic) {
        console.out(sharedOptionsHelp(helpColumns()));
        return;
      }
      const named = program.commands.find((command) => command.name() === word);
      if (word !== undefined && named === undefined) refuseWord(word, program.commands);
      (named ?? program).outputHelp();
    });
  for (const command of [program, watch, sweep, stores, doctor, stats, adopt, mkdirs, completion]) {
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
      `write it after the command: sescle ${command.name()} ${given.short}`,
    );
  });
}
