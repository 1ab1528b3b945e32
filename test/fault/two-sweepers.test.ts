/**
 * Two sweeps and PHP at work in one directory at once: each expired session is removed by one of the
 * two, and counted by that one alone; what PHP writes meanwhile stays.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SweepReport } from '../../lib/index.js';
import { longExpired, watchOver } from '../attack/victims.js';
import { runCli } from '../support/cli.js';
import { type Php, serialized, startPhp } from '../support/php.js';
import { requireTool } from '../support/require-tool.js';
import { leftOf, writeSessions } from '../support/sessions.js';
import { tempDir } from '../support/temp-dir.js';
import { soundReport, sweepWords } from './report.js';
import { isLong, Tally } from './tally.js';

const expiredCount = 1000;
/** So slow that the two nearly always meet: it takes longer than Node's start. */
const removalsPerSecond = 800;
const rounds = isLong ? 30 : 1;

const tally = new Tally('two sweeps and PHP at once');

async function sweepSlowly(store: string): Promise<SweepReport> {
  const slowly = ['--max-rate', String(removalsPerSecond), '--threads', '2'];
  const end = await runCli(sweepWords(store, ...slowly));
  expect(end).toMatchObject({ status: 0, stderr: '' });
  return soundReport(end);
}

/** Writes sessions over and over while something goes on. @returns how often each was written */
async function writeMeanwhile(
  php: Php,
  savePath: string,
  ids: readonly string[],
  meanwhile: Promise<unknown>,
): Promise<number> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  meanwhile.then(over, over);
  let times = 0;
  do {
    times += 1;
    await php.write(ids.map((id) => ({ savePath, id, data: { writer: `${id} ${times}` } })));
  } while (!isOver);
  return times;
}

function expectWritten(store: string, ids: readonly string[], times: number): void {
  const lost = ids.filter((id) => {
    const file = join(store, `sess_${id}`);
    const content = existsSync(file) ? readFileSync(file, 'utf8') : 'gone';
    return content !== serialized('writer', `${id} ${times}`);
  });
  tally.expectNoneHarmed('two sweeps and PHP', lost);
}

describe.skipIf(!requireTool('php'))('two sweeps', () => {
  it('and PHP: nothing is removed twice, nothing of PHP’s is lost', {
    timeout: 60_000 + rounds * 20_000,
  }, async () => {
    const [creating, touching] = [startPhp(), startPhp()];
    let met = 0;
    // Until they have met: on a busy machine one may be done before the other has begun.
    for (let round = 0; round < rounds || (met === 0 && round < rounds + 10); round++) {
      const store = tempDir();
      const live = watchOver(writeSessions(store, 20, 'live'));
      const expired = writeSessions(store, expiredCount, 'old', longExpired);
      const known = Array.from({ length: 20 }, (_, index) => `known${index}`);
      writeSessions(store, 1, 'known');
      const created = Array.from({ length: 20 }, (_, index) => `new${index}`);
      const sweeps = Promise.all([sweepSlowly(store), sweepSlowly(store)]);
      const [reports, createdTimes, touchedTimes] = await Promise.all([
        sweeps,
        writeMeanwhile(creating, store, created, sweeps),
        writeMeanwhile(touching, store, known, sweeps),
      ]);
      expect(leftOf(expired)).toEqual([]);
      const [one, other] = reports.map(({ totals }) => totals) as [Totals, Totals];
      expect(one.removed + other.removed).toBe(expiredCount);
      // What one has removed the other had never seen, or saw vanish, or found locked by the first.
      for (const totals of [one, other]) {
        const { removed, vanished, skipped } = totals;
        expect(removed + vanished + skipped.in_use).toBeLessThanOrEqual(expiredCount);
        expect(totals.errorCount).toBe(0);
        if (vanished + skipped.in_use > 0) met += 1;
      }
      tally.expectNoneHarmed('two sweeps and PHP', live.harmed());
      expectWritten(store, created, createdTimes);
      expectWritten(store, known, touchedTimes);
      tally.round('two sweeps and PHP');
    }
    expect(met).toBeGreaterThan(0);
  });
});

type Totals = SweepReport['totals'];
