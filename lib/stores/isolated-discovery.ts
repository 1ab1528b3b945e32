/**
 * Discovery in a process of its own: what hangs there (a mount whose server is gone) stops nobody here.
 *
 * Invariant: it settles within the deadline, or when it is told to end. A process that hangs is left
 * behind, since the kernel may not let it be killed; there are never more than `mostLeftBehind` of them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { SescleError } from '../errors.js';
import { packageRoot } from '../package.js';
import type { DiscoverOptions } from './discover.js';
import type { DiscoveryAnswer, DiscoveryQuestion } from './discovery-child.js';
import type { Discovery } from './store.js';

const deadlineMs = 60_000;
const mostLeftBehind = 3;
/** Each silent mount keeps one of its threads. */
const threads = '32';

const leftBehind = new Set<ChildProcess>();

/**
 * @throws SescleError as discoverStores(), and ERR_NOT_ANSWERING; the signal's reason
 */
export async function discoverIsolated({
  signal,
  ...question
}: DiscoverOptions): Promise<Discovery> {
  signal?.throwIfAborted();
  if (leftBehind.size >= mostLeftBehind) throw notAnswering();
  const child = fork(join(packageRoot, 'dist/stores/discovery-child.js'), {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: threads },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    return discoveryOf(await answerOf(child, question, signal));
  } finally {
    release(child);
  }
}

function answerOf(
  child: ChildProcess,
  question: DiscoveryQuestion,
  signal: AbortSignal | undefined,
): Promise<DiscoveryAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(notAnswering()), deadlineMs);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.once('message', (answer) => {
      settle();
      resolve(answer as DiscoveryAnswer);
    });
    child.once('error', (error) => {
      settle();
      reject(failed(error.message));
    });
    child.once('exit', (status, killedBy) => {
      settle();
      reject(failed(`it ended with ${killedBy ?? `status ${status}`}`));
    });
    child.send(question, (error) => {
      if (error !== null) reject(failed(error.message));
    });
  });
}

/** Nobody waits for it any more. */
function release(child: ChildProcess): void {
  child.kill('SIGKILL');
  if (child.connected) child.disconnect();
  child.unref();
  if (child.exitCode !== null || child.signalCode !== null) return;
  leftBehind.add(child);
  child.once('exit', () => leftBehind.delete(child));
}

function discoveryOf(answer: DiscoveryAnswer): Discovery {
  if ('discovery' in answer) return answer.discovery;
  const { refused, several } = answer;
  const [message, details] = refused;
  const cause =
    several.length === 0 ? undefined : new AggregateError(several.map((one) => new Error(one)));
  throw new SescleError(message, { ...details, cause });
}

function notAnswering(): SescleError {
  return new SescleError(
    'looking for session stores does not get on: a file system does not answer',
    {
      code: 'ERR_NOT_ANSWERING',
      remedy: 'look for a dead network or FUSE mount (findmnt), and mount it again or unmount it',
    },
  );
}

function failed(reason: string): SescleError {
  return new SescleError(`the process that looks for session stores failed: ${reason}`, {
    code: 'ERR_DISCOVERY',
  });
}
