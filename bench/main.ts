/**
 * `npm run bench`: measures sescle beside other cleaners (see options.ts).
 *
 * Invariant: whatever happens, Ctrl-C included, processes, mounts and images of it are gone when it
 * ends. Results that were had until then are written.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { comparisonLines } from './compare.js';
import { drivers as allDrivers } from './drivers/index.js';
import { interferenceName, parseOptions } from './options.js';
import { passingResults } from './places.js';
import { reportLines } from './report.js';
import { type Results, readResults } from './results.js';
import { runAll } from './run-all.js';
import { formatTable } from './table.js';
import { trials as allTrials } from './trials/index.js';
import type { Trial } from './trials/trial.js';
import { runInWorkplace } from './workplace.js';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.isList) return list();
  if (options.compare) return compare(...options.compare);
  return runInWorkplace('bench', options.workplace, async (workplace, signal) => {
    const results = await runAll(options, workplace, signal);
    if (results.cells.length + results.interference.length === 0) {
      throw new Error(`nothing was measured\n${results.skipped.join('\n')}`);
    }
    await write(results, options.out);
    return 0;
  });
}

async function write(results: Results, out: string | undefined): Promise<void> {
  const file = path.resolve(out ?? path.join(passingResults, `${results.startedAt}.json`));
  const stem = file.replace(/\.json$/, '');
  mkdirSync(path.dirname(file), { recursive: true });
  const text = `${reportLines(results).join('\n')}\n`;
  // The chart's library takes longer to load than some samples.
  const { drawChart } = await import('./chart.js');
  const svg = drawChart(results);
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(`${stem}.txt`, text);
  if (svg !== undefined) writeFileSync(`${stem}.svg`, svg);
  console.log(text);
  console.log(`Written: ${file}, .txt${svg === undefined ? '' : ' and .svg'}`);
}

function compare(before: string, after: string): number {
  console.log(comparisonLines(readResults(before), readResults(after)).join('\n'));
  return 0;
}

function list(): number {
  const trials: readonly Pick<Trial, 'name' | 'about' | 'isOnRequest'>[] = [
    ...allTrials,
    {
      name: interferenceName,
      about: 'requests to php-fpm while a driver removes',
      isOnRequest: true,
    },
  ];
  const lines = formatTable(
    [
      { heading: 'trial', cell: ({ name }) => name, isText: true },
      { heading: '', cell: ({ about }) => about, isText: true },
      {
        heading: '',
        cell: ({ isOnRequest }) => (isOnRequest ? '(on request: --trial NAME)' : ''),
        isText: true,
      },
    ],
    trials,
  );
  const programs = formatTable(
    [
      { heading: 'driver', cell: ({ name }) => name, isText: true },
      { heading: '', cell: (driver) => driver.missing() ?? 'found', isText: true },
      { heading: '', cell: ({ about }) => about, isText: true },
    ],
    allDrivers,
  );
  console.log([...lines, '', ...programs].join('\n'));
  return 0;
}

process.exitCode = await main();
