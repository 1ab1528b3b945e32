/**
 * A process that runs beside the trial, until it is told to end.
 *
 * Invariant: it is gone after end(), kill() or dispose, and when this process dies. What it says on
 * standard error is in a file, so that it never waits for us.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../execute.js';

export interface ChildOptions {
  /** The file for what it says on standard error. */
  readonly log: string;
  /** Where it writes; undefined: a pipe, `stdout`. */
  readonly output?: string;
  readonly hasInput?: boolean;
  readonly uid?: number | undefined;
}

/** How much of what it said is told when it fails. */
const keptErrorBytes = 2000;

export class Child implements AsyncDisposable {
  readonly pid: number;
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
    private readonly log: string,
  ) {
    this.pid = child.pid ?? 0;
    this.ended = once(child, 'exit');
  }

  static async start(argv: readonly string[], options: ChildOptions): Promise<Child> {
    const { log, output, hasInput, uid } = options;
    const [command = '', ...args] = dyingWithUs(argv, uid);
    const errors = openSync(log, 'w');
    const written = output === undefined ? undefined : openSync(output, 'w');
    try {
      const child = spawn(command, args, {
        stdio: [hasInput ? 'pipe' : 'ignore', written ?? 'pipe', errors],
        env: { ...process.env, LC_ALL: 'C' },
      });
      await once(child, 'spawn');
      return new Child(child, argv[0] ?? '', log);
    } finally {
      closeSync(errors);
      if (written !== undefined) closeSync(written);
    }
  }

  get stdin(): Writable {
    if (this.child.stdin === null) throw new Error(`${this.name} was started without an input`);
    return this.child.stdin;
  }

  get stdout(): Readable {
    if (this.child.stdout === null) throw new Error(`${this.name} writes to a file`);
    return this.child.stdout;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @throws Error if it is gone, with what it said last */
  requireRunning(): void {
    if (this.hasEnded) throw new Error(this.lastWords());
  }

  /** What it said on standard error so far. */
  said(): string {
    return readFileSync(this.log, 'utf8');
  }

  send(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /**
   * Waits for its end, which somebody has asked for.
   *
   * @throws Error where it fails, or has not ended in time
   */
  async end(patienceMs: number): Promise<void> {
    const patience = new AbortController();
    const late = sleep(patienceMs, 'late', { signal: patience.signal }).catch(() => undefined);
    const first = await Promise.race([this.ended, late]);
    patience.abort();
    if (first === 'late') throw new Error(`${this.name} did not end within ${patienceMs} ms`);
    if (this.child.exitCode !== 0) throw new Error(this.lastWords());
  }

  /** By SIGKILL; returns once it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    if (!this.hasEnded) await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  private lastWords(): string {
    const { exitCode, signalCode } = this.child;
    const said = this.said().slice(-keptErrorBytes).trim();
    return `${this.name} ended with ${signalCode ?? `status ${exitCode}`}: ${said}`;
  }
}

/** The same process, which the kernel kills when we die; and another user's, if that is asked for. */
function dyingWithUs(argv: readonly string[], uid: number | undefined): readonly string[] {
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    if (uid === undefined) return argv;
    throw new Error('there is no setpriv (util-linux)');
  }
  const ids = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  // First the user: changing it makes the kernel forget whom to die with.
  const user = uid === undefined ? [] : [setpriv, ...ids, '--'];
  return [...user, setpriv, '--pdeathsig', 'KILL', '--', ...argv];
}
