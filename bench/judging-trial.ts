/**
 * A trial that judges: it makes its own stores, has something run on them, and says what was wrong.
 *
 * Invariant: what must never be is a problem, whatever else was measured; figures alone are none.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine } from './machine.js';
import { passingResults } from './places.js';
import { runInWorkplace } from './workplace.js';

/** What a trial is given, and must leave as it was. */
export interface Surroundings {
  /** An empty directory that everybody may pass through; what is left in it is removed. */
  readonly workplace: string;
  readonly signal: AbortSignal;
  /** One line on what is being done. */
  readonly progress: (line: string) => void;
}

export interface Outcome {
  /** For people. */
  readonly lines: readonly string[];
  /** For programs: whatever the lines are made of. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** What must not be, and was. */
  readonly problems: readonly string[];
}

export interface Trial {
  readonly name: string;
  /** With all its options, as they are told with the result. */
  readonly settings: Readonly<Record<string, unknown>>;
  run(surroundings: Surroundings): Promise<Outcome>;
}

export interface TrialOptions {
  readonly trial: Trial;
  readonly workplace: string | undefined;
  readonly out: string | undefined;
}

/**
 * Runs it, writes its results, and shows them.
 *
 * @param command as its user named it
 * @returns the exit status: 1 if anything was that must not be
 */
export function runTrial(
  command: string,
  { trial, workplace, out }: TrialOptions,
): Promise<number> {
  return runInWorkplace(command, workplace, async (directory, signal) => {
    const startedAt = new Date().toISOString();
    const outcome = await trial.run({
      workplace: directory,
      signal,
      progress: (line) => console.error(`${new Date().toISOString().slice(11, 19)}  ${line}`),
    });
    await write(outcome, trial, out, startedAt);
    return outcome.problems.length > 0 ? 1 : 0;
  });
}

async function write(
  { lines, figures, problems }: Outcome,
  trial: Trial,
  out: string | undefined,
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
