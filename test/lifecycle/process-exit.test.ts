/**
 * The process ends in mid-sweep: at once, with its own status, and without a crash.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { canHangMounts, hungMount } from '../support/hung-mount.js';
import { itEndsWithinASecond, libraryUrl } from './library.js';

const script = `
const [url, store, options, delayMs] = process.argv.slice(1);
const { sweep } = await import(url);
let isFinished = false;
sweep(store, { maxLifetimeSeconds: 1440, onVerdict() {}, ...JSON.parse(options) })
  .finally(() => { isFinished = true; });
setTimeout(() => {
  process.stdout.write(String(Date.now()));
  process.exit(isFinished ? 99 : 7);
}, Number(delayMs));
`;

interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly errors: string;
  readonly tookMs: number;
}

async function exitInMidSweep(store: string, options: object, delayMs: number): Promise<Ending> {
  const args = [libraryUrl, store, JSON.stringify(options), String(delayMs)];
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const [status, signal] = await once(child, 'close');
  return { status, signal, errors, tookMs: Date.now() - Number(output) };
}

describe('process.exit() in mid-sweep', () => {
  itEndsWithinASecond(async (store, options, delayMs) => {
    const ending = await exitInMidSweep(store, options, delayMs);
    expect(ending).toMatchObject({ status: 7, signal: null, errors: '' });
    return ending;
  });

  it.skipIf(!canHangMounts())('is not held up by a store that never answers', async () => {
    const ending = await exitInMidSweep(await hungMount(), {}, 100);
    expect(ending).toMatchObject({ status: 7, signal: null, errors: '' });
    expect(ending.tookMs).toBeLessThan(1000);
  });
});
