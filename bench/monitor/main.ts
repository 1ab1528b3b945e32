/**
 * `npm run bench:monitor -- TRIAL`: measures the monitor, `sescle watch` (see options.ts).
 *
 * Invariant: whatever happens, Ctrl-C included, processes, mounts and images of it are gone when it
 * ends. The exit status is 1 if anything was that must not be.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine } from '../machine.js';
import { passingResults } from '../places.js';
import { runInWorkplace } from '../workplace.js';
import { type Options, parseOptions } from './options.js';
import type { Outcome } from './trial.js';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  return runInWorkplace('bench:monitor', options.workplace, async (workplace, signal) => {
    const startedAt = new Date().toISOString();
    const outcome = await options.trial.run({
      workplace,
      signal,
      progress: (line) => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`),
    });
    await write(outcome, options, startedAt);
    return outcome.problems.length > 0 ? 1 : 0;
  });
}

async function write(
  { lines, figures, problems }: Outcome,
  { trial, out }: Options,
  startedAt: string,
): Promise<void> {
  const file = path.resolve(out ?? path.join(passingResults, `${trial.name}-${startedAt}.json`));
  const machine = await describeMachine();
  const settings = Object.entries(trial.settings).map(([key, value]) => `${key} ${value}`);
  const verdict = problems.length === 0 ? ['Nothing wrong.'] : problems.map((it) => `WRONG: ${it}`);
  const text = [
    `${trial.name}: ${settings.join(', ')}`,
    `${machine.cores} cores (${machine.processor}), ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}`,
    `commit ${machine.commit}, addon ${machine.addon}, ${startedAt}`,
    '',
    ...lines,
    '',
    ...verdict,
    '',
  ].join('\n');
  const { name, settings: options } = trial;
  const results = { trial: name, startedAt, machine, options, figures, problems };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(`${file.replace(/\.json$/, '')}.txt`, text);
  console.log(`${text}\nWritten: ${file} and .txt`);
}

process.exitCode = await main();
