/**
 * From arguments to one command, and from its end to an exit status.
 *
 * Invariant: whatever cannot be obeyed becomes one line on standard error, `sescle: REASON; REMEDY`,
 * and a status other than 0, before anything is looked at; a stack trace only ever means a defect.
 */
import { Command, CommanderError } from 'commander';
import { escapePath, packageVersion, SescleError } from '../index.js';
import type { Console } from './console.js';
import { tellTrouble } from './error-lines.js';
import { status, streamFailureStatus } from './exit-status.js';
import { programHelp, sweepHelp } from './help-text.js';
import { help, sweepFlags, sweepOptions, version } from './options.js';
import { rawBytes } from './raw-arguments.js';
import { sweepCommand } from './sweep-command.js';
import { UsageError } from './usage-error.js';

/**
 * @param args without Node and the script, as commandArguments() gives them
 * @returns the exit status
 */
export async function run(args: readonly string[], console: Console): Promise<number> {
  let exitStatus: number = status.done;
  try {
    refuseLaterCommands(args);
    const program = buildProgram(console, (ended) => {
      exitStatus = ended;
    });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitStatus = tellError(error, console);
  }
  await console.drained();
  const { failure } = console;
  if (failure === undefined) return exitStatus;
  if (failure.code !== 'EPIPE') {
    tellTrouble(console, `cannot write to ${failure.stream}: ${failure.code}`);
    await console.drained();
  }
  return streamFailureStatus(failure.code, exitStatus);
}

/** What the design names and this version does not have must not be mistaken for a typing error. */
function refuseLaterCommands(args: readonly string[]): void {
  const later: Readonly<Record<string, string>> = {
    watch: 'the monitor (sescle watch) is not part of this version yet',
    stores: 'the discovery of stores (sescle stores) is not part of this version yet',
  };
  const first = args[0];
  const reason = first === undefined ? 'the monitor is not part of this version yet' : later[first];
  if (reason !== undefined) throw new UsageError(reason, 'use sescle sweep (see sescle --help)');
}

function buildProgram(console: Console, end: (exitStatus: number) => void): Command {
  const program = new Command('sescle')
    .description('Removes expired PHP sessions, and nothing else.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.out(text),
      // Errors are told by tellError(), in one line.
      writeErr: () => {},
      getOutHelpWidth: () => (console.isOutTerminal ? console.columns : 80),
      getOutHasColors: () => false,
    })
    .helpOption(help.flags, help.help)
    .version(`sescle ${packageVersion}`, version.flags, version.help)
    .addHelpText('after', programHelp);
  const sweep = program
    .command('sweep')
    .summary('one pass over session stores, then exit')
    .description('Removes the expired sessions of one or more stores, in one pass.')
    .argument('[SAVE_PATH...]', "PHP's session.save_path: /path, '2;/path' or '2;0600;/path'")
    .addHelpText('after', sweepHelp)
    .action(async (savePaths: string[], found: Record<string, unknown>) => {
      end(await sweepCommand(savePaths.map(rawBytes), sweepFlags(found), console));
    });
  for (const option of sweepOptions()) sweep.addOption(option);
  sweep
    .helpOption(help.flags, help.help)
    .version(`sescle ${packageVersion}`, version.flags, version.help);
  return program;
}

/** `error: REASON`, and perhaps a suggestion on a line of its own. */
const commanderMessage = /^(?:error: )?(.*?)(?:\n\(Did you mean (.*\?)\))?$/s;

function tellError(error: unknown, console: Console): number {
  if (error instanceof CommanderError) {
    // Help and version end the parser by an exception too.
    if (error.exitCode === 0) return status.done;
    const [, reason = error.message, suggestion] = commanderMessage.exec(error.message) ?? [];
    tellTrouble(
      console,
      printable(reason),
      suggestion === undefined
        ? 'see sescle --help and sescle sweep --help'
        : `did you mean ${suggestion}`,
    );
    return status.usage;
  }
  if (error instanceof UsageError) {
    tellTrouble(console, printable(error.message), error.remedy);
    return status.usage;
  }
  if (error instanceof SescleError) {
    tellTrouble(console, error.message, error.remedy);
    return status.trouble;
  }
  console.err(
    `sescle: a defect of sescle, please report it: ${error instanceof Error ? error.stack : error}\n`,
  );
  return status.trouble;
}

/** Arguments in messages may hold any byte. */
function printable(message: string): string {
  return escapePath(rawBytes(message));
}
