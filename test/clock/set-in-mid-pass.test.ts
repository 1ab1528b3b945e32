/**
 * The system's clock is set at random moments of sweeps of 50 stores, and of a running monitor, while PHP
 * goes on writing: no live session goes, and what is due does.
 *
 * In a process whose clock can be set without anybody else's (programs/movable-clock.c). 2,000 trials with
 * SESCLE_CLOCK_LONG=1, else a few; SESCLE_SEED plays the same steps again, as far as a clock can.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { requireTool } from '../support/require-tool.js';
import { tempDir } from '../support/temp-dir.js';

const isLong = process.env['SESCLE_CLOCK_LONG'] === '1';
const seed = Number(process.env['SESCLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const programs = path.join(import.meta.dirname, 'programs');
const library = pathToFileURL(path.join(import.meta.dirname, '../../dist/index.js')).href;

interface Outcome {
  readonly trials: number;
  readonly sessions: number;
  /** Live, and gone. */
  readonly lost: number;
  /** Due, */
  readonly due: number;
  /** and still there. */
  readonly left: number;
  /** Sweeps in which the clock was set, */
  readonly within: number;
  /** and which did not come to an end for that. */
  readonly incomplete: number;
}

/** As preloaded: a clock that the process itself can set. */
function buildClock(): { readonly library: string; readonly file: string } {
  const directory = tempDir();
  const built = `${directory}/movable-clock.so`;
  const source = path.join(programs, 'movable-clock.c');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', built, source]);
  writeFileSync(`${directory}/ahead`, Buffer.alloc(8));
  return { library: built, file: `${directory}/ahead` };
}

async function play(kind: 'sweep' | 'monitor', trials: number): Promise<Outcome> {
  const clock = buildClock();
  const script = path.join(programs, 'set-in-mid-pass.mjs');
  const child = spawn(
    process.execPath,
    [script, library, tempDir(), kind, String(trials), String(seed)],
    {
      env: { ...process.env, LD_PRELOAD: clock.library, MOVABLE_CLOCK: clock.file },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [status] = await once(child, 'close');
  expect(status).toBe(0);
  return JSON.parse(output);
}

describe.skipIf(!requireTool('gcc'))('a clock that is set while sessions are removed', () => {
  it.each([
    ['sweep', isLong ? 1000 : 12],
    ['monitor', isLong ? 1000 : 8],
  ] as const)(
    'logs nobody out, and leaves nothing that is due: %s',
    async (kind, trials) => {
      const outcome = await play(kind, trials);
      if (isLong) console.log(`${kind}, seed ${seed}: ${JSON.stringify(outcome)}`);
      expect(outcome, `seed ${seed}`).toMatchObject({ trials, lost: 0, left: 0, incomplete: 0 });
      expect(outcome.due).toBeGreaterThan(0);
    },
    isLong ? 3_600_000 : 120_000,
  );
});
