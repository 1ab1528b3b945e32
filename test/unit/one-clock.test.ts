/**
 * What no file may do again: read a clock beside the one reading of a pass, or hand a list of any length
 * to one call.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../..');

/** The files with such text in their code. */
function filesWith(pattern: RegExp, directories: readonly string[]): string[] {
  return directories
    .flatMap((directory) =>
      readdirSync(path.join(root, directory), { recursive: true }).map((name) =>
        path.join(directory, String(name)),
      ),
    )
    .filter((file) => /\.(ts|h|cpp)$/.test(file))
    .filter((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .some((line) => pattern.test(line.replace(/^\s*(\/\/|\*|\/\*).*| \/\/ .*/, ''))),
    )
    .toSorted();
}

/** docs/decisions/0007-one-reading-of-the-clock.md says what each of these does. */
it('a clock that can be set is read in few files, and only sweep-clock.ts and the guard judge by it', () => {
  const system =
    /\bDate\.now\b|new Date\(\)|\bDate\(\)|CLOCK_REALTIME|gettimeofday|system_clock|\btime\((nullptr|NULL|0)\)/;
  expect(filesWith(system, ['lib', 'native/core', 'native/addon'])).toEqual([
    'lib/adopt/adopt.ts',
    'lib/cli/stores-command.ts',
    'lib/cli/watch-command.ts',
    'lib/clock/clock.ts',
    'lib/doctor/facts.ts',
    'lib/statistics/take-statistics.ts',
    'lib/tables/access/sqlite.ts',
    'lib/tables/pass.ts',
    'lib/tables/worker.ts',
    'native/core/sys_thread.cpp',
  ]);
  expect(filesWith(/\b[cC]lock\.now\b/, ['lib'])).toEqual([
    'lib/clock/reading.ts',
    'lib/monitor/alarm.ts',
    'lib/monitor/discover-watched.ts',
    'lib/monitor/monitor.ts',
    'lib/monitor/recurring.ts',
    'lib/monitor/store-passes.ts',
    'lib/monitor/store-shape.ts',
    'lib/monitor/store-times.ts',
    'lib/monitor/store-watch.ts',
  ]);
});

it('a request has its time from a reading, and from nothing else', () => {
  expect(filesWith(/\bclockLeadMs: /, ['lib'])).toEqual([
    'lib/files/request.ts',
    'lib/native/boundary.ts',
  ]);
  expect(filesWith(/\breadBothClocks\(/, ['lib'])).toEqual([
    'lib/clock/clock-guard.ts',
    'lib/clock/reading.ts',
    'lib/sweep/sweep-clock.ts',
  ]);
});

/** About 120,000 arguments are too many; page-charts.ts runs in a browser, on at most 60 numbers. */
it('no list is spread into a call that takes its items one by one', () => {
  const spread = /\b(Math\.(max|min)|push|unshift|fromCharCode|fromCodePoint)\((|[^{(]*, )\.\.\./;
  expect(filesWith(spread, ['lib'])).toEqual(['lib/telemetry/page-charts.ts']);
});
