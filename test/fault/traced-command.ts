/**
 * The built command under strace, which makes calls of it fail.
 *
 * Invariant: it ends; one that takes too long is killed whole. Its state is its own.
 */
import { cliPath, requireBuild } from '../support/cli.js';
import { type ProgramEnd, runProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';

/** Nothing that works takes nearly as long; less than a test may take. */
const giveUpAfterMs = 50_000;

/**
 * @param tracing strace's options
 * @param words the command's
 */
export function runTraced(
  tracing: readonly string[],
  words: readonly string[],
): Promise<ProgramEnd> {
  requireBuild();
  const env = { ...process.env, STATE_DIRECTORY: tempDir() };
  const command = [process.execPath, cliPath, ...words];
  return runProgram(['strace', '-f', '--seccomp-bpf', ...tracing, ...command], giveUpAfterMs, env);
}
