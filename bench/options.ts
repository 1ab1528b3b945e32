/**
 * The command line of the benchmarks.
 *
 * Invariant: whatever comes out exists: trials, drivers and file systems are looked up here.
 */
import { Command, InvalidArgumentError } from 'commander';
import { size } from './count.js';
import type { Driver } from './drivers/driver.js';
import { drivers as allDrivers, chooseDrivers } from './drivers/index.js';
import { type FileSystemName, fileSystemNames } from './file-systems.js';
import { trials as allTrials } from './trials/index.js';
import type { Trial } from './trials/trial.js';

export interface Options {
  readonly trials: readonly Trial[];
  /** Whether the interference trial was asked for, which is none of the others. */
  readonly hasInterference: boolean;
  /** Undefined: all that are not faulty on purpose; of interference, those that the issue names. */
  readonly drivers: readonly Driver[] | undefined;
  readonly fileSystems: readonly FileSystemName[];
  readonly sizes: readonly number[];
  readonly samples: number;
  readonly isColdToo: boolean;
  readonly bytesEach: number;
  readonly maxRate: number;
  readonly requestsPerSecond: number | undefined;
  readonly timeLimitSeconds: number;
  readonly workplace: string | undefined;
  readonly out: string | undefined;
  readonly compare: readonly [string, string] | undefined;
  readonly isList: boolean;
}

export const interferenceName = 'interference';

const mostSamples = 1000;

/** Prints help or what is wrong, and ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('npm run bench --')
    .description('Measures sescle beside other cleaners, and checks what each removed.')
    .option('--trial <names>', 'which of --list, separated by commas', trialsOf)
    .option('--driver <names>', 'which of --list; also "sescle --threads 2"', driversOf)
    .option('--fs <names>', 'tmpfs, ext4, xfs, btrfs', fileSystemsOf, ['tmpfs', 'ext4'])
    .option('--size <numbers>', 'files, as 10k,100k,1M', sizesOf, [100_000])
    .option('--samples <n>', 'of each driver in each trial', count, 5)
    .option('--cold', 'measure with an empty cache too')
    .option('--bytes <n>', 'of content in each session', size, 200)
    .option('--max-rate <n>', 'interference: removals a second of sescle --nice', size, 20_000)
    .option(
      '--rate <n>',
      'interference: requests a second (default: a third of the processors)',
      count,
    )
    .option('--time-limit <seconds>', 'of one sample', count, 900)
    .option('--work <directory>', 'for images and mount points (default: the temporary directory)')
    .option('--out <file.json>', 'results; a table (.txt) and a chart (.svg) go beside it')
    .option('--compare <files...>', 'compare two results, measure nothing')
    .option('--list', 'show trials and drivers, measure nothing')
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(false);
  command.parse([...argv], { from: 'user' });
  const flags = command.opts();
  const compare = flags['compare'] as string[] | undefined;
  if (compare !== undefined && compare.length !== 2) command.error('--compare takes two files');
  const names =
    (flags['trial'] as string[] | undefined) ??
    allTrials.filter(({ isOnRequest }) => !isOnRequest).map(({ name }) => name);
  return {
    trials: allTrials.filter(({ name }) => names.includes(name)),
    hasInterference: names.includes(interferenceName),
    drivers: flags['driver'] as readonly Driver[] | undefined,
    fileSystems: flags['fs'] as readonly FileSystemName[],
    sizes: flags['size'] as readonly number[],
    samples: Number(flags['samples']),
    isColdToo: flags['cold'] === true,
    bytesEach: Number(flags['bytes']),
    maxRate: Number(flags['maxRate']),
    requestsPerSecond: flags['rate'] as number | undefined,
    timeLimitSeconds: Number(flags['timeLimit']),
    workplace: flags['work'] as string | undefined,
    out: flags['out'] as string | undefined,
    compare: compare as [string, string] | undefined,
    isList: flags['list'] === true,
  };
}

/** The drivers of a run that names none. */
export function usualDrivers(): readonly Driver[] {
  return allDrivers.filter(({ isFaulty }) => !isFaulty);
}

function trialsOf(text: string): string[] {
  const known = [...allTrials.map(({ name }) => name), interferenceName];
  return list(text, (name) => {
    if (known.includes(name)) return name;
    throw new InvalidArgumentError(`there is no trial ${name}; --list shows them`);
  });
}

function driversOf(text: string): Driver[] {
  return list(text, (name) => {
    try {
      return chooseDrivers([name]);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  }).flat();
}

function fileSystemsOf(text: string): FileSystemName[] {
  return list(text, (name) => {
    const found = fileSystemNames.find((known) => known === name);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`one of ${fileSystemNames.join(', ')}`);
  });
}

function sizesOf(text: string): number[] {
  return list(text, size);
}

function list<T>(text: string, parse: (item: string) => T): T[] {
  return text.split(',').map((item) => parse(item.trim()));
}

function count(text: string): number {
  const value = size(text);
  if (value >= 1 && value <= mostSamples * 1000) return value;
  throw new InvalidArgumentError('a number from 1');
}
