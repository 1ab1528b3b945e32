/**
 * How the TypeScript tests run: each file in a process of its own, since the addon's threads and
 * the process's signals are part of what is tested.
 *
 * Some tests look at every PHP that runs on the machine, and sweep what they find: they go first and one
 * after the other. All others keep to what is their own. Most of their time they wait, for a program
 * that starts or a second that passes, so that two more of them run than there are processors. Each
 * file has mounts of its own, so that no file waits for what another one mounts.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';
import { ownMounts } from './test/support/own-mounts.js';

const ofMachine = ['test/php/**/*.test.ts', 'test/doctor/**/*.test.ts', 'test/cli/doctor.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    globals: false,
    globalSetup: ['test/support/run-directory.ts'],
    testTimeout: process.env['SESCLE_FUZZ_RUNS'] === undefined ? 60_000 : 24 * 3_600_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'machine',
          include: ofMachine,
          maxWorkers: 1,
          // Of a group 0 with one worker vitest makes the last.
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'own',
          include: ['test/**/*.test.ts'],
          exclude: ofMachine,
          pool: ownMounts(),
          maxWorkers: availableParallelism() + 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
