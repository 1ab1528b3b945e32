/**
 * The load generator, programs/load.c: a process that asks php-fpm for sessions at a fixed rate.
 *
 * Invariant: it ends by end() or by dispose, whichever comes first.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { program, script } from '../places.js';

export interface LoadSettings {
  readonly socket: string;
  /** A directory for its output. */
  readonly scratch: string;
  readonly requestsPerSecond: number;
  readonly existing: number;
  readonly existingSeed: number;
  readonly newSeed: number;
  readonly newPercent: number;
}

export interface LoadResult {
  /** Microseconds, by phase. */
  readonly latencies: readonly (readonly number[])[];
  readonly failed: number;
  /** Existing sessions that were found empty. */
  readonly lost: number;
  readonly created: number;
}

const phaseShift = 30;

export class Load implements AsyncDisposable {
  private stdout = '';
  private stderr = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly output: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  static start(settings: LoadSettings): Load {
    const output = path.join(settings.scratch, 'latencies');
    const { socket, requestsPerSecond, existing, existingSeed, newSeed, newPercent } = settings;
    const numbers = [requestsPerSecond, existing, existingSeed, newSeed, newPercent].map(String);
    const child = spawn(
      program('load'),
      [socket, script('session-request.php'), ...numbers, output],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return new Load(child, output);
  }

  /** Requests that are due from now on belong to the next phase. */
  nextPhase(): void {
    this.child.kill('SIGUSR1');
  }

  /** Waits for the answers that are due and returns what was measured. */
  async end(): Promise<LoadResult> {
    const closed = this.hasEnded() ? undefined : once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
    if (this.child.exitCode !== 0) throw new Error(`the load generator failed: ${this.stderr}`);
    const sums = JSON.parse(this.stdout) as Omit<LoadResult, 'latencies'>;
    return { ...sums, latencies: this.readLatencies() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded()) return;
    const end = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await end;
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private readLatencies(): number[][] {
    const bytes = readFileSync(this.output);
    const phases: number[][] = [[], [], []];
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = bytes.readUInt32LE(at);
      phases[word >>> phaseShift]?.push(word & (2 ** phaseShift - 1));
    }
    return phases;
  }
}
