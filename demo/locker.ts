/**
 * Another process that holds sessions open and locked, as PHP does from session_start() to the end
 * of the page. Node has no flock(), Python has.
 *
 * Invariant: it holds the locks until it is released, and never longer than this process lives: it
 * ends when its standard input does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const script = `
import fcntl, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too
held = []
for _ in range(int(sys.stdin.readline())):
    descriptor = os.open(sys.stdin.readline().rstrip("\\n"), os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    held.append(descriptor)
print("locked", flush=True)
sys.stdin.read()
`;

export interface Locker {
  release(): Promise<void>;
}

/** Resolves when every file is locked. Rejects where Python or a file is missing. */
export async function lockFiles(files: readonly string[]): Promise<Locker> {
  const python = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.on('error', () => {
    // EPIPE: Python is gone, which its 'close' event tells below.
  });
  const closed = once(python, 'close').catch((error: Error) => {
    throw new Error(`python3, which is to hold the locks, cannot be started: ${error.message}`);
  });
  python.stdin.write(`${files.length}\n${files.map((file) => `${file}\n`).join('')}`);
  await Promise.race([
    once(python.stdout, 'data'),
    closed.then(() => {
      throw new Error('python3 ended before it had locked the sessions');
    }),
  ]);
  return {
    async release() {
      python.stdin.end();
      await closed;
    },
  };
}
