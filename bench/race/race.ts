/**
 * How wide the window is in which a request that opens an expired session loses what it writes, for
 * sescle and for its peers, in one run.
 *
 * Invariant: what was lost is what the store shows after the cleaner has ended; where sescle is not under
 * its limit, that is a problem.
 */
import { run as runProgram } from '../execute.js';
import type { Outcome, Surroundings, Trial } from '../judging-trial.js';
import { program, script } from '../places.js';
import { formatCount, formatTable } from '../table.js';
import { type Cleaner, cleaners, commandFor } from './cleaners.js';
import { addVisits, type Visits, type Window, windowOf } from './window.js';

export interface RaceSettings {
  /** How often each cleaner sweeps. */
  readonly rounds: number;
  /** Sessions in each sweep. */
  readonly size: number;
}

interface Row {
  readonly cleaner: string;
  readonly visitor: string;
  readonly visits: Visits;
  readonly window: Window;
  readonly limitUs: number | undefined;
}

const nobody: Visits = { visits: 0, lost: 0, inverseDelaysPerUs: 0 };

async function race(
  cleaner: Cleaner,
  workplace: string,
  size: number,
  visitor: string,
  signal: AbortSignal,
): Promise<Visits> {
  const { store, argv } = await commandFor(cleaner, workplace);
  const args = [store, String(size), cleaner.order, visitor, ...argv];
  return JSON.parse(await runProgram(program('race'), args, { signal })) as Visits;
}

function us(value: number): string {
  return value.toFixed(value < 1 ? 3 : 1);
}

function table(rows: readonly Row[]): string[] {
  return formatTable<Row>(
    [
      { heading: 'cleaner', cell: ({ cleaner }) => cleaner, isText: true },
      { heading: 'visitor', cell: ({ visitor }) => visitor, isText: true },
      { heading: 'visits', cell: ({ visits }) => formatCount(visits.visits) },
      { heading: 'lost', cell: ({ visits }) => formatCount(visits.lost) },
      { heading: 'per 100,000', cell: ({ window }) => formatCount(Math.round(window.lostPer100k)) },
      {
        heading: 'window, µs',
        cell: ({ visits, window }) => (visits.lost === 0 ? '0' : us(window.estimate)),
      },
      {
        heading: '95%',
        cell: ({ visits, window: { low, high } }) =>
          visits.lost === 0 ? `under ${us(high)}` : `${us(low)} to ${us(high)}`,
      },
    ],
    rows,
  );
}

export function raceTrial(settings: RaceSettings): Trial {
  return { name: 'race', settings: { ...settings }, run: (given) => run(settings, given) };
}

async function run(
  { rounds, size }: RaceSettings,
  { workplace, signal, progress }: Surroundings,
): Promise<Outcome> {
  const all = cleaners.filter(({ driver }) => driver.missing() === undefined);
  const visitors = { C: 'c', PHP: script('session-visits.php') };
  const sums = new Map<string, Visits>();
  // In turns, so that what else the machine does meets all of them.
  for (let round = 1; round <= rounds; round++) {
    for (const cleaner of all) {
      for (const [visitor, how] of Object.entries(visitors)) {
        const key = `${cleaner.driver.name}\n${visitor}`;
        const found = await race(cleaner, workplace, size, how, signal);
        sums.set(key, addVisits(sums.get(key) ?? nobody, found));
      }
    }
    progress(`round ${round} of ${rounds}`);
  }
  const rows = Object.keys(visitors).flatMap((visitor) =>
    all.map(({ driver: { name }, limitUs }) => {
      const visits = sums.get(`${name}\n${visitor}`) ?? nobody;
      return { cleaner: name, visitor, visits, window: windowOf(visits), limitUs };
    }),
  );
  const over = rows.filter(
    ({ visitor, visits, window, limitUs = Infinity }) =>
      visitor === 'C' && (visits.lost === 0 ? window.high : window.estimate) > limitUs,
  );
  return {
    lines: [
      ...table(rows),
      '',
      'A visit opens a session at a random moment around its removal, as PHP does, and writes to it; lost is what',
      'its name does not lead to afterwards. How the window follows: bench/programs/race.c, bench/race/window.ts.',
      'Visits are as short as can be: for a cleaner that takes no lock, a longer request has a longer window.',
    ],
    figures: { rows },
    problems: over.map(({ cleaner, limitUs }) => `${cleaner} is not under ${limitUs} µs`),
  };
}
