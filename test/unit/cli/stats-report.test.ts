/** Statistics of many stores, for people. */
import { expect, test } from 'vitest';
import { noBars } from '../../../lib/cli/bars.js';
import { statsReport } from '../../../lib/cli/stats-report.js';
import { plain } from '../../../lib/cli/style.js';
import { storeStatistics } from './store-statistics.js';

function reportOf(count: number): string {
  const stores = Array.from({ length: count }, (_, at) =>
    storeStatistics({
      path: `/srv/${at}`,
      sessions: at * 100,
      expired: { sessions: at, bytes: 0 },
    }),
  );
  return statsReport(
    { version: 1, takenAt: '', durationMs: 20, complete: true, stores, unusable: [] },
    { style: plain, bars: noBars },
  );
}

test('up to ten stores have a block each', () => {
  expect(reportOf(10).match(/^ {2}sessions /gm)).toHaveLength(10);
});

test('more have a line each, the fullest first', () => {
  const lines = reportOf(200).split('\n');
  expect(lines).toHaveLength(200 + 4);
  expect(lines[0]).toBe('sessions   on disk  expired  due in 1h  never used  store');
  expect(lines[1]).toBe('  19,900  3.91 MiB      199          0         0 %  /srv/199');
  expect(lines[200]).toMatch(/^ {7}0 .* \/srv\/0$/);
  expect(lines.at(-2)).toMatch(/^1,990,000 sessions in 200 stores, counted in 0\.02 s$/);
});
