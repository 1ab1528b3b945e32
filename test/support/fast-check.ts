/**
 * fast-check, as the tests use it: the same inputs in each run, so that a run of all tests fails for what a
 * change did. Whoever asks for many (SESCLE_FUZZ_RUNS) gets others each time; fast-check prints the seed and
 * the path of an input that fails.
 */
import fc from 'fast-check';
import { askedRuns } from './fuzz-runs.js';

fc.configureGlobal(askedRuns === undefined ? { seed: 1 } : { numRuns: askedRuns });

export { fc };
