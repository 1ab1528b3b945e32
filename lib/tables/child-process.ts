/**
 * A process that works on tables for one user, as its parent sees it.
 *
 * Invariant: it has that user's rights and no others, a clean environment, no way to more rights, bounded
 * memory, and no descriptor of ours but three pipes. A question is answered within its deadline or the
 * process is killed; once it has ended every question that waits, and every later one, fails.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../package.js';
import { demoted, type Identity } from '../php/demotion.js';
import { FileTree } from '../php/file-tree.js';
import { TableError, tableError } from './failure.js';
import {
  type Answers,
  isAnswer,
  longestLine,
  type Op,
  type Questions,
  replyOf,
} from './messages.js';

/** Megabytes of JavaScript's heap; the rest that a driver holds is bounded by what it may be sent. */
const heapMegabytes = 48;
/** Of any answer. A bite has some statements, each with a deadline of its own. */
const deadlineMs = 60_000;

interface Waiting {
  readonly op: Op;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class TablesProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;
  #rest = '';
  #end: TableError | null = null;
  readonly #ended: Promise<void>;

  constructor(identity: Identity, program = 'tables/child.js') {
    const node = [
      process.execPath,
      `--max-old-space-size=${heapMegabytes}`,
      '--disallow-code-generation-from-strings',
      join(packageRoot, 'dist', program),
    ];
    const options = {
      cwd: '/',
      // A group of its own: a terminal's interrupt is for the parent to heed, which ends it between bites.
      detached: true,
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'pipe', 'ignore'] as ('pipe' | 'ignore')[],
    };
    const { argv, options: spawned } = demoted(
      new FileTree('/'),
      { argv: node, options },
      identity,
    );
    const [file = '', ...rest] = argv;
    this.#child = spawn(file, rest, spawned) as ChildProcessByStdio<Writable, Readable, null>;
    this.#ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#fail(
          tableError(
            'ERR_TABLE_NOT_ANSWERING',
            `the process that works on it ended: ${reason}`,
            'sescle starts another',
          ),
        );
        resolve();
      };
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('close', (status, signal) => end(signal ?? `status ${status}`));
    });
    // EPIPE: it has ended, which is told by its end.
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** @throws TableError */
  ask<O extends Op>(store: number, op: O, question: Questions[O]): Promise<Answers[O]> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(
          tableError(
            'ERR_TABLE_NOT_ANSWERING',
            'the process that works on it does not answer',
            'sescle starts another',
          ),
        );
        this.kill();
      }, deadlineMs);
      this.#waiting.set(number, {
        op,
        timer,
        reject,
        resolve: (answer) => resolve(answer as Answers[O]),
      });
      this.#child.stdin.write(`${JSON.stringify({ number, store, op, question })}\n`);
    });
  }

  /** At once, whatever it is at. Settles when it is gone, or cannot be waited for. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    const tooLong = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
    await Promise.race([this.#ended, tooLong]);
  }

  /** After what it is asked now: its input ends. */
  close(): void {
    this.#child.stdin.end();
  }

  #hear(text: string): void {
    this.#rest += text;
    for (let at = this.#rest.indexOf('\n'); at >= 0; at = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(at + 1);
      this.#take(line);
    }
    if (this.#rest.length > longestLine) this.#distrust();
  }

  #take(line: string): void {
    const reply = replyOf(line);
    const waiting = reply && this.#waiting.get(reply.number);
    if (reply === undefined || waiting === undefined) {
      this.#distrust();
      return;
    }
    this.#waiting.delete(reply.number);
    clearTimeout(waiting.timer);
    if ('failure' in reply) waiting.reject(new TableError(reply.failure));
    else if (isAnswer[waiting.op](reply.answer)) waiting.resolve(reply.answer);
    else this.#distrust(waiting);
  }

  /** It says what no child of ours says. */
  #distrust(waiting?: Waiting): void {
    const error = tableError(
      'ERR_TABLE_NOT_ANSWERING',
      'the process that works on it gave an invalid answer',
      'find out what the server or file is: it may be hostile',
    );
    waiting?.reject(error);
    this.#fail(error);
    this.#child.kill('SIGKILL');
  }

  #fail(error: TableError): void {
    this.#end ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#end);
    }
    this.#waiting.clear();
  }
}
