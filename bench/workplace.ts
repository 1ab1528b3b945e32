/**
 * A benchmark's run: a directory of its own, an interruption, and the exit status.
 *
 * Invariant: whatever happens, Ctrl-C included, the directory is gone at the end, and so is what the work
 * cleans up once its signal is aborted.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { hasPrivateMounts, rerunWithPrivateMounts } from './private-mounts.js';

/** @returns the status that it comes to */
export type Work = (workplace: string, signal: AbortSignal) => Promise<number>;

/**
 * @param name of the command, for its messages
 * @param parent of the directory; by default the one for temporary files
 * @returns the exit status: that of the work, 1 if it throws, 128 + n if signal n interrupted it
 */
export async function runInWorkplace(
  name: string,
  parent: string | undefined,
  work: Work,
): Promise<number> {
  if (process.getuid?.() === 0 && !hasPrivateMounts()) return rerunWithPrivateMounts();
  const interruption = new AbortController();
  let interrupted = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Kept to the end: a second Ctrl-C must not end the cleaning up.
    process.on(signal, () => {
      interrupted = 128 + constants.signals[signal];
      interruption.abort(new Error('interrupted'));
    });
  }
  const workplace = mkdtempSync(path.join(parent ?? tmpdir(), 'sescle-bench-'));
  // PHP runs as another user.
  chmodSync(workplace, 0o755);
  try {
    const status = await work(workplace, interruption.signal);
    return interrupted || status;
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return interrupted || 1;
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}
