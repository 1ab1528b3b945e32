/**
 * The built `sescle watch`, as a user starts it.
 *
 * Invariant: it is a process of its own with a state directory and a socket of its own, and gone
 * after dispose; if it ends by itself, whoever asks it anything next gets told.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sescle } from '../places.js';
import { Child } from './child.js';
import { requestStatus, type Status } from './status.js';

export interface MonitorSettings {
  /** After `watch`: options and save paths. */
  readonly argv: readonly string[];
  /** A directory for its socket, its state and its log. */
  readonly scratch: string;
}

/** It promises to end within a second. */
const endPatienceMs = 3000;
const pollMs = 100;
/** Asking takes at most this part of the monitor's time, as far as we have the patience. */
const askingShare = 0.1;
const longestPollMs = 3000;

export class Monitor implements AsyncDisposable {
  private constructor(
    private readonly child: Child,
    private readonly socket: string,
    readonly startedAtMs: number,
  ) {}

  static async start({ argv, scratch }: MonitorSettings): Promise<Monitor> {
    const socket = path.join(scratch, 'http.sock');
    const state = stateDirectory(scratch);
    const startedAtMs = Date.now();
    const child = await Child.start(
      [process.execPath, sescle, 'watch', '--state', state, '--http', `unix:${socket}`, ...argv],
      { log: path.join(scratch, 'monitor.log') },
    );
    return new Monitor(child, socket, startedAtMs);
  }

  get pid(): number {
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.child.hasEnded;
  }

  /** @throws Error if it is gone, with what it said last */
  requireRunning(): void {
    this.child.requireRunning();
  }

  /** What it has logged. */
  log(): string {
    return this.child.said();
  }

  async status(): Promise<Status> {
    this.child.requireRunning();
    try {
      return await requestStatus(this.socket);
    } catch (error) {
      this.child.requireRunning();
      throw error;
    }
  }

  /**
   * Waits until it answers, and what it answers is so.
   *
   * @throws Error when it is not after so many seconds
   */
  async until(
    isSo: (status: Status) => boolean,
    { signal, seconds }: { readonly signal: AbortSignal; readonly seconds: number },
  ): Promise<Status> {
    for (const begin = Date.now(); ; ) {
      const askedAtMs = Date.now();
      const status = await this.status().catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return undefined;
        throw error;
      });
      if (status !== undefined && isSo(status)) return status;
      if (Date.now() - begin > seconds * 1000) {
        throw new Error(`not after ${seconds} s: ${isSo.name}; ${JSON.stringify(status)}`);
      }
      const tookMs = Date.now() - askedAtMs;
      const pauseMs = Math.min(longestPollMs, Math.max(pollMs, tookMs / askingShare));
      await sleep(pauseMs, undefined, { signal });
    }
  }

  hangUp(): void {
    this.child.send('SIGHUP');
  }

  /** By SIGTERM, as systemd does. @throws Error if it does not end well and soon */
  async stop(): Promise<void> {
    this.child.send('SIGTERM');
    await this.child.end(endPatienceMs);
  }

  async kill(): Promise<void> {
    await this.child.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }
}

/** Where the monitor that is started with this scratch directory keeps its state. */
export function stateDirectory(scratch: string): string {
  return path.join(scratch, 'state');
}

/** Whether each store was scanned once. @throws Error where one cannot be */
export function isScanned({ stores }: Status): boolean {
  const failing = stores.find(({ problem }) => problem !== null);
  if (failing !== undefined) throw new Error(`${failing.id}: ${failing.problem}`);
  return stores.length > 0 && stores.every(({ scans }) => scans > 0);
}
