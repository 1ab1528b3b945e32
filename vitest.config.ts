/**
 * How the TypeScript tests run: each file in a process of its own, since the addon's threads and
 * the process's signals are part of what is tested.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    globals: false,
    setupFiles: ['test/support/fuzz-runs.ts'],
    testTimeout: process.env['SESCLE_FUZZ_RUNS'] === undefined ? 60_000 : 24 * 3_600_000,
    hookTimeout: 60_000,
  },
});
