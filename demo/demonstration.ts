/**
 * The demonstration itself, in four steps: fill a store, lock some of it, sweep it, compare.
 *
 * Invariant: the instant that ages are measured at is one and the same for the expectation and for
 * the sweep; everything else that they know of the store, each found out alone.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatCount, type SweepReport, sweep } from '../lib/index.js';
import { differencesOnDisk, isIntact } from './disk-check.js';
import { type Expectation, expectation } from './expectation.js';
import { fill } from './fill.js';
import { formatBytes, formatDuration, formatRate } from './format.js';
import { lockFiles } from './locker.js';
import { type Entry, population } from './population.js';
import { ProgressLine } from './progress-line.js';
import { Random } from './random.js';
import { formatTable, rowsOf } from './table.js';

const maxLifetimeSeconds = 1440;
const preciousContents = 'The links in the store point here. Nobody may touch this file.\n';

const output = process.stdout;
const say = (line = ''): void => void output.write(`${line}\n`);
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/**
 * @param base an empty directory to do it in
 * @param fileCount how many files to write, about
 * @returns whether everything was as expected
 * @throws if it was aborted, or could not be set up
 */
export async function demonstrate(
  base: string,
  fileCount: number,
  signal: AbortSignal,
): Promise<boolean> {
  const store = path.join(base, 'sessions');
  const precious = path.join(base, 'precious');
  mkdirSync(store, { mode: 0o700 });
  writeFileSync(precious, preciousContents);

  const entries = await fillStore(store, fileCount, precious, signal);
  const locker = await lockFiles(
    entries.filter(({ locked }) => locked).map(({ name }) => path.join(store, name)),
  );
  try {
    const now = nowSeconds();
    const expected = expectation(entries, maxLifetimeSeconds, now);
    const report = await sweepStore(store, now, signal);
    signal.throwIfAborted();
    return compare(expected, report, store, precious);
  } finally {
    await locker.release();
  }
}

async function fillStore(
  store: string,
  fileCount: number,
  precious: string,
  signal: AbortSignal,
): Promise<Entry[]> {
  const random = new Random(Math.random);
  const entries = population(fileCount, maxLifetimeSeconds, nowSeconds(), random);
  say(`Writing ${formatCount(entries.length)} files to ${store}`);
  const startMs = performance.now();
  const progress = new ProgressLine(output, () => performance.now());
  const bytes = await fill(store, entries, precious, random, signal, (written) =>
    progress.show(() => `${formatCount(written)} written`),
  );
  progress.done();
  const durationMs = performance.now() - startMs;
  const rate = formatRate(entries.length, durationMs);
  say(`  ${formatBytes(bytes)} of sessions in ${formatDuration(durationMs)} (${rate})`);
  return entries;
}

async function sweepStore(store: string, now: number, signal: AbortSignal): Promise<SweepReport> {
  say();
  say('Sweeping it, as this command would:');
  say(`  sescle sweep -l ${maxLifetimeSeconds} ${store}`);
  const progress = new ProgressLine(output, () => performance.now());
  const report = await sweep(store, {
    maxLifetimeSeconds,
    signal,
    clock: () => now,
    onProgress: ({ scanned, removed, elapsedMs }) =>
      progress.show(
        () =>
          `${formatCount(scanned)} sessions looked at, ${formatCount(removed)} removed ` +
          `(${formatRate(removed, elapsedMs)})`,
      ),
  });
  progress.done();
  const { scanned, removed, bytesFreed } = report.totals;
  say(
    `  ${formatCount(scanned)} sessions looked at in ${formatDuration(report.durationMs)} ` +
      `(${formatRate(scanned, report.durationMs)}), ${formatCount(removed)} removed, ` +
      `${formatBytes(bytesFreed)} of disk space freed`,
  );
  return report;
}

function compare(
  expected: Expectation,
  report: SweepReport,
  store: string,
  precious: string,
): boolean {
  const rows = rowsOf(expected, report.totals);
  say();
  for (const line of formatTable(rows)) say(line);
  say();

  const differences = rows
    .filter((row) => row.expected !== row.found)
    .map((row) => `${row.verdict.trim()}: expected ${row.expected}, found ${row.found}`);
  if (!report.complete) differences.push('the report says that the sweep is incomplete');
  for (const error of report.stores.flatMap((swept) => swept.errors)) {
    differences.push(`${error.count} × ${error.syscall}: ${error.code}, first on ${error.path}`);
  }
  for (const difference of differencesOnDisk(store, expected)) differences.push(difference);
  if (!isIntact(precious, preciousContents)) differences.push(`${precious} was touched`);

  if (differences.length === 0) {
    const [gone, kept] = [expected.gone, expected.kept].map(({ size }) => formatCount(size));
    say(
      `On the disk: exactly the ${gone} expired sessions are gone, all ${kept} others are there,`,
    );
    say('and the file that the symbolic links point at is untouched.');
    return true;
  }
  console.error('The demonstration found differences:');
  for (const difference of differences) console.error(`  ${difference}`);
  return false;
}
