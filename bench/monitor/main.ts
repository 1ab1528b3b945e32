/**
 * `npm run bench:monitor -- TRIAL`: measures the monitor, `sescle watch` (see options.ts).
 *
 * Invariant: whatever happens, Ctrl-C included, processes, mounts and images of it are gone when it
 * ends. The exit status is 1 if anything was that must not be.
 */
import { runTrial } from '../judging-trial.js';
import { parseOptions } from './options.js';

process.exitCode = await runTrial('bench:monitor', parseOptions(process.argv.slice(2)));
