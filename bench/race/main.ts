/**
 * `npm run bench:race`: how wide the window is in which a request that opens an expired session loses
 * what it writes, for sescle and for its peers, in one run.
 *
 *   --rounds N   how often each cleaner sweeps (default 10), in turns
 *   --size N     sessions a sweep (default 8000)
 *   --dir DIR    on which file system (default /dev/shm)
 *   --out FILE   where the JSON goes; the table goes beside it as .txt
 *
 * Invariant: what was lost is what the store shows after the cleaner has ended; the exit status is 1 where
 * sescle is not under its limits.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { execute, findProgram } from '../execute.js';
import { describeMachine } from '../machine.js';
import { passingResults, program, script } from '../places.js';
import { formatCount, formatTable } from '../table.js';
import { type Cleaner, cleaners } from './cleaners.js';
import { addVisits, type Visits, type Window, windowOf } from './window.js';

interface Row {
  readonly cleaner: string;
  readonly visitor: string;
  readonly visits: Visits;
  readonly window: Window;
  readonly limitUs: number | undefined;
}

const nobody: Visits = { visits: 0, lost: 0, inverseDelaysPerUs: 0 };

async function race({ order, argv }: Cleaner, store: string, size: number, visitor: string) {
  rmSync(store, { recursive: true, force: true });
  mkdirSync(store);
  const args = [store, String(size), order, visitor, ...argv];
  const { status, stdout, stderr } = await execute(program('race'), args);
  if (status !== 0) throw new Error(`${argv[0]}: ${stderr}`);
  return JSON.parse(stdout) as Visits;
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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '10' },
      size: { type: 'string', default: '8000' },
      dir: { type: 'string', default: '/dev/shm' },
      out: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const size = Number(values.size);
  const workplace = mkdtempSync(path.join(values.dir, 'sescle-race-'));
  const startedAt = new Date().toISOString();
  try {
    const store = path.join(workplace, 'store');
    const all = cleaners(store, workplace).filter(
      ({ argv: [command = ''] }) => path.isAbsolute(command) || findProgram(command) !== undefined,
    );
    const visitors = { C: 'c', PHP: script('session-visits.php') };
    const sums = new Map<string, Visits>();
    // In turns, so that what else the machine does meets all of them.
    for (let round = 1; round <= rounds; round++) {
      for (const cleaner of all) {
        for (const [visitor, how] of Object.entries(visitors)) {
          const key = `${cleaner.name}\n${visitor}`;
          const found = await race(cleaner, store, size, how);
          sums.set(key, addVisits(sums.get(key) ?? nobody, found));
        }
      }
      console.error(`${new Date().toISOString().slice(11, 19)}  round ${round} of ${rounds}`);
    }
    const rows = Object.keys(visitors).flatMap((visitor) =>
      all.map(({ name, limitUs }) => {
        const visits = sums.get(`${name}\n${visitor}`) ?? nobody;
        return { cleaner: name, visitor, visits, window: windowOf(visits), limitUs };
      }),
    );
    const over = rows.filter(
      ({ visitor, visits, window, limitUs = Infinity }) =>
        visitor === 'C' && (visits.lost === 0 ? window.high : window.estimate) > limitUs,
    );
    const problems = over.map(({ cleaner, limitUs }) => `${cleaner} is not under ${limitUs} µs`);
    const machine = await describeMachine();
    const text = [
      `race: ${rounds} sweeps of ${formatCount(size)} expired sessions each, by ${all.length} cleaners in turns, in ${values.dir}`,
      `${machine.cores} cores (${machine.processor}), ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}`,
      `commit ${machine.commit}, addon ${machine.addon}, ${startedAt}`,
      '',
      ...table(rows),
      '',
      'A visit opens a session at a random moment around its removal, as PHP does, and writes to it; lost is what',
      'its name does not lead to afterwards. How the window follows: bench/programs/race.c, bench/race/window.ts.',
      '',
      ...(problems.length === 0 ? ['Nothing wrong.'] : problems.map((it) => `WRONG: ${it}`)),
      '',
    ].join('\n');
    const out = path.resolve(values.out ?? path.join(passingResults, `race-${startedAt}.json`));
    const results = {
      trial: 'race',
      startedAt,
      machine,
      options: { rounds, size, dir: values.dir },
      figures: rows,
      problems,
    };
    mkdirSync(path.dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(results, undefined, 1)}\n`);
    writeFileSync(`${out.replace(/\.json$/, '')}.txt`, text);
    console.log(`${text}\nWritten: ${out} and .txt`);
    return problems.length > 0 ? 1 : 0;
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

process.exitCode = await main();
