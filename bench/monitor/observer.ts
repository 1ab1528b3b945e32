/**
 * The bystander, programs/observe.c: when each file of a directory was deleted.
 *
 * Invariant: the kernel's limit of queued events is as it was as soon as the observer watches; where
 * the queue was full nevertheless, that is told.
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { program } from '../places.js';
import { Child } from './child.js';

export interface Deletion {
  readonly name: string;
  /** Milliseconds since 1970, at the latest. */
  readonly atMs: number;
}

export interface Observed {
  readonly deletions: readonly Deletion[];
  /** How often events were lost. */
  readonly overflows: number;
}

const limitFile = '/proc/sys/fs/inotify/max_queued_events';
/** Some hundred megabytes of the kernel's memory, if it ever comes to that. */
const enoughEvents = 2_000_000;
/** What is still queued must be read. */
const endPatienceMs = 30_000;

export class Observer implements AsyncDisposable {
  private said = '';

  private constructor(
    private readonly child: Child,
    private readonly output: string,
  ) {}

  /** @returns once it watches */
  static async start(directory: string, scratch: string): Promise<Observer> {
    const output = path.join(scratch, 'deletions');
    const before = readFileSync(limitFile, 'latin1').trim();
    const isRaised = Number(before) < enoughEvents && raiseLimit();
    try {
      const log = path.join(scratch, 'observe.log');
      const child = await Child.start([program('observe'), directory, output], { log });
      const observer = new Observer(child, output);
      await observer.untilReady();
      return observer;
    } finally {
      // It counts when the queue is made.
      if (isRaised) writeFileSync(limitFile, before);
    }
  }

  /** Reads what the kernel has still queued, and ends. */
  async end(): Promise<Observed> {
    const closed = once(this.child.stdout, 'end');
    this.child.send('SIGTERM');
    await this.child.end(endPatienceMs);
    await closed;
    const { overflows } = JSON.parse(this.said) as { overflows: number };
    return { deletions: readDeletions(this.output), overflows };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }

  private async untilReady(): Promise<void> {
    const { stdout } = this.child;
    const [first] = (await Promise.race([once(stdout, 'data'), once(stdout, 'end')])) as [unknown?];
    if (String(first) !== 'ready\n') throw new Error(`observe: ${this.child.said()}`);
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
  }
}

function raiseLimit(): boolean {
  try {
    writeFileSync(limitFile, String(enoughEvents));
    return true;
  } catch {
    return false; // not root: should the queue be full, that will be told
  }
}

function readDeletions(file: string): Deletion[] {
  const deletions: Deletion[] = [];
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const at = line.indexOf(' ');
    if (at > 0) deletions.push({ name: line.slice(at + 1), atMs: Number(line.slice(0, at)) / 1e6 });
  }
  return deletions;
}
