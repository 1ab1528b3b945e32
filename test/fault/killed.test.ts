/**
 * SIGTERM and SIGKILL at random moments of a sweep: what is gone are expired sessions; after SIGTERM the
 * report says how many, and that it is not the whole; the next sweep does the rest.
 *
 * 1,000 times with SESCLE_FAULT_LONG=1. SESCLE_SEED plays the same moments again, as far as a clock can.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sweep } from '../../lib/index.js';
import { lifetimeSeconds, longExpired, watchOver } from '../attack/victims.js';
import { type CliEnd, type CliRun, startCli } from '../support/cli.js';
import { Random } from '../support/random.js';
import { writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { until } from '../support/until.js';
import { soundReport, sweepWords } from './report.js';
import { isLong, Tally } from './tally.js';

const rounds = isLong ? 1000 : 30;
/** Where each signal has yet to come in mid-sweep; that is a matter of luck. */
const mostRounds = rounds + 300;
/** Most of a round is the start of Node. */
const lanes = 4;
const expiredCount = 120;
const removalsPerSecond = 600;
const sweepMs = (1000 * expiredCount) / removalsPerSecond;
const giveUpAfterMs = 60_000;

const signals = ['SIGTERM', 'SIGKILL'] as const;
type Signal = (typeof signals)[number];

const tally = new Tally('signals at random moments');

interface Scene {
  readonly store: string;
  readonly live: ReturnType<typeof watchOver>;
  gone(): number;
}

function makeScene(): Scene {
  const store = tempDir();
  const live = watchOver(writeSessions(store, 3, 'live'));
  writeSessions(store, expiredCount, 'old', longExpired);
  return { store, live, gone: () => expiredCount + 3 - readdirSync(store).length };
}

/** A moment of Node's start, or of the sweep, which has begun when something is gone. */
async function randomMoment(random: Random, { gone }: Scene, run: CliRun): Promise<void> {
  const isEarly = random.fraction() < 0.2;
  const afterMs = random.fraction() * 1.1 * sweepMs;
  if (!isEarly) {
    let hasEnded = false;
    run.ended.then(() => (hasEnded = true));
    await until(() => gone() > 0 || hasEnded);
  }
  await pause(afterMs);
}

async function endOf(run: CliRun, fault: string): Promise<CliEnd> {
  const hasEnded = new AbortController();
  const hung = pause(giveUpAfterMs, undefined, hasEnded).then(() => {
    tally.hang(fault);
    run.kill('SIGKILL');
    throw new Error(`it did not end after ${fault}`);
  });
  try {
    return await Promise.race([run.ended, hung]);
  } finally {
    hasEnded.abort();
  }
}

/** @returns whether sessions were gone, and not all */
async function playRound(signal: Signal, random: Random): Promise<boolean> {
  const scene = makeScene();
  const slowly = ['--max-rate', String(removalsPerSecond), '--threads', '2'];
  const run = startCli(sweepWords(scene.store, ...slowly));
  await randomMoment(random, scene, run);
  run.kill(signal);
  const end = await endOf(run, signal);
  const gone = scene.gone();
  tally.expectNoneHarmed(signal, scene.live.harmed());
  expectTold(signal, end, gone);

  const after = await sweep(scene.store, { maxLifetimeSeconds: lifetimeSeconds });
  expect(after).toMatchObject({
    complete: true,
    totals: { live: 3, removed: expiredCount - gone, errorCount: 0 },
  });
  tally.expectNoneHarmed(signal, scene.live.harmed());
  tally.round(signal);
  return gone > 0 && gone < expiredCount;
}

function expectTold(signal: Signal, end: CliEnd, gone: number): void {
  if (end.status === null) {
    // By one that nobody can catch; or by the signal itself: before there was a sweep, or behind it.
    if (signal === 'SIGKILL' || gone === 0) return;
    expect(gone).toBe(expiredCount);
    expect(soundReport(end)).toMatchObject({ complete: true, totals: { removed: gone } });
    return;
  }
  const report = soundReport(end);
  expect(report.totals.removed).toBe(gone);
  if (end.status === 0) {
    // It had ended before the signal came.
    expect(report).toMatchObject({ complete: true, totals: { removed: expiredCount } });
    return;
  }
  expect(signal).toBe('SIGTERM');
  expect(end.status).toBe(143);
  expect(end.stderr).toMatch(/sescle: ended by SIGTERM: [^\n]+\n$/);
  if (gone < expiredCount) expect(report.complete).toBe(false);
}

it('lose nothing but expired sessions', { timeout: isLong ? 1_200_000 : 300_000 }, async () => {
  const random = Random.fromEnvironment();
  let played = 0;
  const inMidSweep = { SIGTERM: 0, SIGKILL: 0 };
  const isMissing = () => signals.some((signal) => inMidSweep[signal] === 0);
  const lane = async () => {
    while (played < rounds || (isMissing() && played < mostRounds)) {
      const signal = played++ % 2 === 0 ? 'SIGTERM' : 'SIGKILL';
      if (await playRound(signal, random)) inMidSweep[signal] += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    const { SIGTERM, SIGKILL } = inMidSweep;
    const met = `${SIGTERM} SIGTERM and ${SIGKILL} SIGKILL came in mid-sweep`;
    console.log(`of ${played} signals ${met}; SESCLE_SEED=${random.seed}`);
  }
  expect(isMissing(), 'a signal of each kind came in mid-sweep').toBe(false);
});
