// Prints the tests' closing line from the results that GoogleTest and vitest left as JSON:
// `N passed, N failed, N skipped`. Exits 1 where a test failed, a run left no results (it crashed),
// or none ran.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory = '.', ...expected] = process.argv.slice(2);

/** @param {string} name */
function read(name) {
  const path = join(directory, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

const gtest = read('gtest.json');
const vitest = read('vitest.json');
const gtestCases = (gtest?.testsuites ?? []).flatMap((suite) => suite.testsuite);
const gtestSkipped = gtestCases.filter((test) => test.result === 'SKIPPED').length;
const gtestFailed = gtest?.failures ?? 0;
// A file that could not even be loaded counts as one failure.
const brokenFiles = (vitest?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const missingRuns = expected.filter((name) => !existsSync(join(directory, name))).length;

const failed = gtestFailed + (vitest?.numFailedTests ?? 0) + brokenFiles + missingRuns;
const skipped = gtestSkipped + (vitest?.numPendingTests ?? 0) + (vitest?.numTodoTests ?? 0);
const passed = gtestCases.length - gtestFailed - gtestSkipped + (vitest?.numPassedTests ?? 0);

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
