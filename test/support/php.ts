/**
 * A real PHP process that does with sessions what a test tells it (see test/php/worker.php).
 *
 * Invariant: every call settles: with PHP's answer, or with an error when PHP dies. The process
 * ends with the test that started it. A session left open by `start` stays locked until `close`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { onTestFinished } from 'vitest';

export type SessionData = Readonly<Record<string, unknown>>;

export interface WrittenSession {
  /** `session.save_path` as PHP takes it: `/path`, `2;/path`, `2;0600;/path`. */
  readonly savePath: string;
  readonly id: string;
  readonly data: SessionData;
}

export interface CollectedStore {
  readonly savePath: string;
  readonly maxLifetimeSeconds: number;
}

export interface Collection {
  /** The second that the collector took for now lies between these two. */
  readonly before: number;
  readonly after: number;
  /** What session_gc() returned: the number removed, as PHP counts it, or false. */
  readonly removed: number | false;
}

interface Reply {
  readonly value?: unknown;
  readonly problem?: string;
  readonly warnings: readonly string[];
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(reason: Error): void;
}

const worker = path.join(import.meta.dirname, '../php/worker.php');

/** No cookies and no cache headers: PHP's command line has nobody to send them to. */
const settings = {
  'session.use_cookies': '0',
  'session.cache_limiter': '',
  'session.use_strict_mode': '0',
  'session.gc_probability': '0',
  'session.lazy_write': '1',
};

export class Php {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly waiting: Waiting[] = [];
  private ended: Error | undefined;

  constructor() {
    const options = Object.entries(settings).flatMap(([key, value]) => ['-d', `${key}=${value}`]);
    this.child = spawn('php', [...options, worker], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {
      // EPIPE: PHP is gone; its 'close' event tells everyone who waits.
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.waiting.shift()?.resolve(JSON.parse(line) as Reply);
    });
    this.child.on('error', (error) => this.giveUp(error));
    this.child.on('close', (status, signal) =>
      this.giveUp(new Error(`php ended: ${signal ?? `status ${status}`}`)),
    );
  }

  /** session_start(): true and what the session held, or false. It stays open. */
  async start(
    savePath: string,
    id: string,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<{ readonly started: boolean; readonly data: SessionData }> {
    return (await this.ask({ do: 'start', savePath, id, options })) as never;
  }

  /** `$_SESSION[key] = value` */
  async put(key: string, value: unknown): Promise<void> {
    await this.ask({ do: 'put', key, value });
  }

  /** session_write_close() */
  async close(): Promise<boolean> {
    return (await this.ask({ do: 'close' })) as boolean;
  }

  /** session_destroy() */
  async destroy(): Promise<boolean> {
    return (await this.ask({ do: 'destroy' })) as boolean;
  }

  /** Opens, fills and closes each session in turn. */
  async write(sessions: readonly WrittenSession[]): Promise<void> {
    await this.ask({ do: 'write', sessions });
  }

  /** session_gc() in each store in turn. */
  async collect(stores: readonly CollectedStore[]): Promise<Collection[]> {
    return (await this.ask({ do: 'collect', stores })) as Collection[];
  }

  /** session_gc() in one store. */
  async collectOne(savePath: string, maxLifetimeSeconds: number): Promise<Collection> {
    const [collection] = await this.collect([{ savePath, maxLifetimeSeconds }]);
    if (!collection) throw new Error('php answered without a collection');
    return collection;
  }

  /** Ends PHP. What it held open is written, as at the end of any script. */
  async end(): Promise<void> {
    if (this.ended) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin.end();
    await closed;
  }

  private async ask(request: object): Promise<unknown> {
    if (this.ended) throw this.ended;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    if (reply.problem !== undefined) throw new Error(`php: ${reply.problem}`);
    if (reply.warnings.length > 0) throw new Error(`php warned: ${reply.warnings.join('; ')}`);
    return reply.value;
  }

  private giveUp(reason: Error): void {
    this.ended ??= reason;
    for (const { reject } of this.waiting.splice(0)) reject(reason);
  }
}

/** A PHP process for the running test. */
export function startPhp(): Php {
  const php = new Php();
  onTestFinished(() => php.end());
  return php;
}

/** The bytes of what PHP's default handler stores, for reading a file back without PHP. */
export function serialized(key: string, value: string): string {
  return `${key}|s:${Buffer.byteLength(value)}:"${value}";`;
}
