#!/usr/bin/env node
/**
 * The program `sescle`: the process's arguments, streams and signals around run().
 *
 * Invariant: run() returns once everything is written. The process is ended then, since a sweep that
 * was given up (a file system that does not answer) would keep it.
 */
import { nodeVersionFault } from './node-version.js';

const fault = nodeVersionFault(process.version);
if (fault !== null) {
  process.stderr.write(`sescle: ${fault}\n`);
  process.exit(1);
}

// Behind the check: what this imports may need a newer Node.
const { start } = await import('./start.js');
process.exit(await start());
