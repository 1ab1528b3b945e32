/**
 * `npm run demo`: fills a temporary store with session files of every kind, sweeps it, and shows
 * what was expected beside what was found, in the report and on the disk.
 *
 * Invariant: whatever happens, Ctrl-C included, the temporary directory is removed. Exit status 0
 * only if nothing differed. SESCLE_DEMO_FILES sets the number of files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { SescleError } from '../lib/index.js';
import { demonstrate } from './demonstration.js';

const defaultFileCount = 100_000;

async function main(): Promise<number> {
  const fileCount = process.env['SESCLE_DEMO_FILES'] ?? String(defaultFileCount);
  if (!/^[1-9][0-9]{0,7}$/.test(fileCount)) {
    console.error(`demo: SESCLE_DEMO_FILES=${fileCount}: give a number of files, as 100000`);
    return 2;
  }
  const interruption = new AbortController();
  let interruptedStatus = 1;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // Kept to the end: a second Ctrl-C must not end the cleaning up.
    process.on(name, () => {
      interruptedStatus = 128 + constants.signals[name];
      interruption.abort();
    });
  }
  // The reader is gone, as with `npm run demo | head`: clean up and end.
  process.stdout.on('error', () => interruption.abort());

  const base = mkdtempSync(path.join(tmpdir(), 'sescle-demo-'));
  try {
    const isAsExpected = await demonstrate(base, Number(fileCount), interruption.signal);
    return isAsExpected ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error('demo: interrupted');
      return interruptedStatus;
    }
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof SescleError && error.remedy) console.error(error.remedy);
    return 1;
  } finally {
    console.log(`Removing ${base}`);
    rmSync(base, { recursive: true, force: true });
  }
}

process.exitCode = await main();
