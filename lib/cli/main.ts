#!/usr/bin/env node
/**
 * The program `sescle`: the process's arguments, streams and signals around run().
 *
 * Invariant: the exit status is set, never forced, so that nothing written is lost.
 */
import { Console } from './console.js';
import { commandArguments } from './raw-arguments.js';
import { run } from './run.js';

process.exitCode = await run(commandArguments(), new Console());
