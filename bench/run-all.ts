/**
 * A whole run: every file system that was asked for, its trials, and what they were measured on.
 *
 * Invariant: an interruption or a failure ends the measuring, not the results: what was recorded
 * before it is returned, with the reason.
 */
import type { Driver } from './drivers/driver.js';
import { chooseDrivers } from './drivers/index.js';
import { type Description, type FileSystemName, whyUnavailable } from './file-systems.js';
import type { InterferenceCell } from './interference/result.js';
import { runInterference, whyNoInterference } from './interference/run-interference.js';
import { describeMachine } from './machine.js';
import { type Options, usualDrivers } from './options.js';
import { type Cell, type DriverNote, type Results, resultsFormat } from './results.js';
import { runTrials } from './run-trials.js';

export async function runAll(
  options: Options,
  workplace: string,
  signal: AbortSignal,
): Promise<Results> {
  const cells: Cell[] = [];
  const interference: InterferenceCell[] = [];
  const fileSystems = new Map<FileSystemName, Description>();
  const skipped: string[] = [];
  const startedAt = new Date().toISOString().slice(0, 19);
  const machine = await describeMachine();
  const settings = {
    ...options,
    workplace,
    signal,
    progress: (line: string) => console.error(line),
  };
  const trialDrivers = options.drivers ?? usualDrivers();
  const interferers =
    options.drivers ??
    chooseDrivers(['find', 'sescle', `sescle --nice --max-rate ${options.maxRate}`, 'session_gc']);

  const onFileSystem = async (name: FileSystemName): Promise<void> => {
    if (options.trials.length > 0) {
      const record = (measured: readonly Cell[]): number => cells.push(...measured);
      fileSystems.set(name, await runTrials(name, { ...settings, drivers: trialDrivers, record }));
    }
    if (!options.hasInterference) return;
    for (const expired of options.sizes) {
      const record = (measured: readonly InterferenceCell[]): number =>
        interference.push(...measured);
      const forIt = { ...settings, drivers: interferers, expired, record };
      fileSystems.set(name, await runInterference(name, forIt));
    }
  };

  const noInterference = options.hasInterference ? whyNoInterference() : undefined;
  if (noInterference !== undefined) throw new Error(`interference: ${noInterference}`);
  for (const name of options.fileSystems) {
    const reason = whyUnavailable(name);
    if (reason !== undefined) {
      skipped.push(`${name}: ${reason}`);
      continue;
    }
    try {
      await onFileSystem(name);
    } catch (error) {
      skipped.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(`bench: ${skipped.at(-1)}`);
      if (signal.aborted) break;
    }
  }
  const used = [
    ...(options.trials.length > 0 ? trialDrivers : []),
    ...(options.hasInterference ? interferers : []),
  ];
  return {
    format: resultsFormat,
    command: `npm run bench -- ${process.argv.slice(2).map(quote).join(' ')}`.trim(),
    startedAt,
    bytesEach: options.bytesEach,
    machine,
    fileSystems: [...fileSystems.values()],
    drivers: await Promise.all([...new Set(used)].map(noteOf)),
    skipped,
    cells,
    interference,
  };
}

async function noteOf(driver: Driver): Promise<DriverNote> {
  const { name, about } = driver;
  const missing = driver.missing();
  if (missing !== undefined) return { name, about, missing };
  return { name, about, version: await driver.version() };
}

function quote(argument: string): string {
  return /^[\w.,/=:-]+$/.test(argument) ? argument : `'${argument}'`;
}
