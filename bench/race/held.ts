/**
 * Whether a session that a request holds open across a sweep keeps what the request writes, for sescle and
 * for its peers (bench/programs/hold.c).
 *
 * Invariant: a write of such a session that sescle lost is a problem.
 */
import { run as runProgram } from '../execute.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { program } from '../places.js';
import { formatCount, formatTable } from '../table.js';
import { type Cleaner, cleaners, commandFor } from './cleaners.js';

export interface HeldSettings {
  /** Sessions held open for each cleaner, in all. */
  readonly held: number;
  /** Sessions in each sweep. */
  readonly size: number;
}

interface Held {
  readonly held: number;
  readonly lost: number;
}

/** Held in one sweep: each takes a descriptor. */
const heldInASweep = 500;

export function heldTrial(settings: HeldSettings): Trial {
  return { name: 'held', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(
  { held, size }: HeldSettings,
  { workplace, signal, progress }: Surroundings,
): Promise<Outcome> {
  const all = cleaners.filter(({ driver }) => driver.missing() === undefined);
  const rows = all.map((cleaner) => ({ cleaner, sum: { held: 0, lost: 0 } }));
  while (rows.some(({ sum }) => sum.held < held)) {
    for (const row of rows) {
      if (row.sum.held >= held) continue;
      const found = await sweepOver(row.cleaner, workplace, size, signal);
      row.sum = { held: row.sum.held + found.held, lost: row.sum.lost + found.lost };
      progress(`${row.cleaner.driver.name}: ${row.sum.held} of ${held} held`);
    }
  }
  return {
    lines: [
      ...formatTable<(typeof rows)[number]>(
        [
          { heading: 'cleaner', cell: ({ cleaner }) => cleaner.driver.name, isText: true },
          { heading: 'held', cell: ({ sum }) => formatCount(sum.held) },
          { heading: 'lost', cell: ({ sum }) => formatCount(sum.lost) },
        ],
        rows,
      ),
      '',
      'Held: an expired session, opened and locked before the cleaner came to it and written 10 ms to 1 s later.',
    ],
    figures: { rows: rows.map(({ cleaner, sum }) => ({ cleaner: cleaner.driver.name, ...sum })) },
    problems: rows
      .filter(({ cleaner, sum }) => cleaner.limitUs !== undefined && sum.lost > 0)
      .map(({ cleaner, sum }) => `${cleaner.driver.name} lost ${sum.lost} writes`),
  };
}

async function sweepOver(
  cleaner: Cleaner,
  workplace: string,
  size: number,
  signal: AbortSignal,
): Promise<Held> {
  const { store, argv } = await commandFor(cleaner, workplace);
  const args = [store, String(size), String(heldInASweep), cleaner.order, ...argv];
  return JSON.parse(await runProgram(program('hold'), args, { signal })) as Held;
}
