#!/usr/bin/env node
/**
 * The program `sescle`: the process's arguments, streams and signals around run().
 *
 * Invariant: run() returns once everything is written. The process is ended then, since a sweep that
 * was given up (a file system that does not answer) would keep it.
 */
import { Console } from './console.js';
import { nodeVersionFault } from './node-version.js';
import { commandArguments } from './raw-arguments.js';
import { run } from './run.js';

const fault = nodeVersionFault(process.version);
if (fault !== null) {
  process.stderr.write(`sescle: ${fault}\n`);
  process.exit(1);
}

process.exit(await run(commandArguments(), new Console()));
