/**
 * The command line of the monitor's benchmarks: one command a trial.
 *
 * Invariant: whatever comes out is a trial that can be begun; numbers and file systems are checked here.
 */
import { Command, InvalidArgumentError } from 'commander';
import { count } from '../count.js';
import { type FileSystemName, fileSystemNames } from '../file-systems.js';
import type { Trial, TrialOptions } from '../judging-trial.js';
import { costTrial } from './cost.js';
import { crashTrial } from './crash.js';
import { latenessTrial } from './lateness.js';
import { severalTrial } from './several.js';
import { soakTrial } from './soak.js';
import { storesTrial } from './stores.js';

const lifetimeOfPhp = 1440;

/** Prints help or what is wrong, and ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): TrialOptions {
  const program: Command = new Command('npm run bench:monitor --')
    .description(
      'Measures `sescle watch`, and checks that it removes what it must and nothing else.',
    )
    .helpOption('-h, --help', 'show this help');
  let chosen: TrialOptions | undefined;

  const command = (name: string, about: string): Command =>
    program
      .command(name)
      .description(about)
      .helpOption('-h, --help', 'show this help')
      .option('--fs <name>', fileSystemNames.join(', '), fileSystem, 'ext4')
      .option('--work <directory>', 'for images and mount points (default: the temporary one)')
      .option('--out <file.json>', 'results; the table (.txt) goes beside it')
      .allowExcessArguments(false);
  const choose =
    (trialOf: (flags: Flags) => Trial) =>
    (flags: Flags): void => {
      const { work, out, ...own } = flags as { work?: string; out?: string };
      chosen = { trial: trialOf(own), workplace: work, out };
    };

  spreadOptions(command('lateness', 'how late sessions are removed, and whether any is wrongly'))
    .option('--picks <n>', 'sessions that PHP touches before they are due', count, 400)
    .option('--flood <n>', 'sessions of another user that are due all at once', count)
    .option('--told-lifetime <seconds>', 'tell the monitor a wrong one: the trial must fail', count)
    .action(choose((flags) => latenessTrial(flags as never)));
  spreadOptions(command('cost', 'processor time and system calls beside those of find'))
    .option('--minutes <n>', 'end after so long (default: when the next scan has ended)', count)
    .action(choose((flags) => costTrial(flags as never)));
  command('stores', 'many stores in one monitor')
    .option('--count <n>', 'stores', count, 10_000)
    .option('--idle <seconds>', 'how long nothing happens', count, 60)
    .action(choose((flags) => storesTrial(flags as never)));
  command('soak', 'whether memory or descriptors grow while stores come and go')
    .option('--minutes <n>', 'how long', count, 60)
    .option('--count <n>', 'stores at most', count, 30)
    .option('--rate <n>', 'sessions created a second', count, 300)
    .option('--fresh', 'a store that comes back has another name')
    .action(choose((flags) => soakTrial(flags as never)));
  command('crash', 'whether kill -9 does any harm')
    .option('--times <n>', 'how often', count, 100)
    .option('--within <ms>', 'it is killed at a random moment so long after its start', count, 700)
    .option('--lifetime <seconds>', 'of sessions', count, 3)
    .option('--rate <n>', 'sessions created a second', count, 400)
    .option('--told-lifetime <seconds>', 'tell the monitor a wrong one: the trial must fail', count)
    .action(choose((flags) => crashTrial(flags as never)));
  command('several', 'monitors of one store, of which one is killed each minute')
    .option('--monitors <n>', 'how many', count, 3)
    .option('--minutes <n>', 'how long', count, 10)
    .option('--rate <n>', 'sessions created a second', count, 1000)
    .option('--lifetime <seconds>', 'of sessions', count, 60)
    .option('--kill-removing', 'kill the one that removes each time, and not any of them')
    .option(
      '--told-lifetime <seconds>',
      'tell the monitors a wrong one: the trial must fail',
      count,
    )
    .action(choose((flags) => severalTrial(flags as never)));
  program.parse([...argv], { from: 'user' });
  if (chosen === undefined) program.help({ error: true });
  return chosen;
}

type Flags = Readonly<Record<string, unknown>>;

function spreadOptions(command: Command): Command {
  return command
    .option('--size <n>', 'sessions, as 20k or 1M', count, 1_000_000)
    .option('--each-second <n>', 'of them, due in each of the seconds', count, 2000)
    .option('--seconds <n>', 'seconds, one after the other', count, 120)
    .option('--lifetime <seconds>', 'of sessions', count, lifetimeOfPhp)
    .option('--lead <seconds>', 'for the first scan (default: by size)', count);
}

function fileSystem(text: string): FileSystemName {
  const found = fileSystemNames.find((known) => known === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`one of ${fileSystemNames.join(', ')}`);
}
