/**
 * Work in a process of its own: what hangs there (a mount whose server is gone) stops nobody here.
 *
 * Node joins the threads of its pool before a process ends, and ends no thread that waits in the kernel.
 * A process can be left behind.
 *
 * Invariant: ask() settles within the deadline, or when it is told to end. A process that hangs is left
 * behind, since the kernel may not let it be killed; there are never more than `mostLeftBehind` of them. It
 * holds none of our streams open: their reader would wait for it too.
 */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../package.js';

export interface ApartOptions {
  /** The program, below dist/: it answers one message with answerOnce(). */
  readonly program: string;
  readonly deadlineMs: number;
  readonly mostLeftBehind: number;
  /** Of Node's pool there. */
  readonly threads?: number;
  /** What ask() throws where no answer came in time, or none could. */
  readonly notAnswering: () => Error;
  readonly failed: (reason: string) => Error;
}

export class Apart<Question, Answer> {
  readonly #options: ApartOptions;
  readonly #leftBehind = new Set<ChildProcess>();

  constructor(options: ApartOptions) {
    this.#options = options;
  }

  /** @throws the signal's reason; what the options have for it */
  async ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    const { program, mostLeftBehind, threads, notAnswering } = this.#options;
    signal?.throwIfAborted();
    if (this.#leftBehind.size >= mostLeftBehind) throw notAnswering();
    const child = fork(join(packageRoot, 'dist', program), {
      serialization: 'advanced',
      execArgv: [],
      env:
        threads === undefined
          ? process.env
          : { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (text: Buffer) => process.stderr.write(text));
    try {
      const answer = await this.#answerOf(child, question, signal);
      // It waits for nothing: it ends at once.
      end(child);
      return answer;
    } catch (error) {
      this.#leave(child);
      throw error;
    }
  }

  #answerOf(
    child: ChildProcess,
    question: Question,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { deadlineMs, notAnswering, failed } = this.#options;
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
        resolve(answer as Answer);
      });
      child.once('error', (error) => {
        settle();
        reject(failed(error.message));
      });
      // Once what it had to say has come.
      child.once('close', (status, killedBy) => {
        settle();
        reject(failed(`it ended with ${killedBy ?? `status ${status}`}`));
      });
      child.send(question as Serializable, (error) => {
        if (error !== null) reject(failed(error.message));
      });
    });
  }

  /** It may hang: then it ends when the kernel lets it. */
  #leave(child: ChildProcess): void {
    end(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    this.#leftBehind.add(child);
    child.once('exit', () => this.#leftBehind.delete(child));
  }
}

/** Nobody waits for it any more. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stderr?.destroy();
  if (child.connected) child.disconnect();
  child.unref();
}
