/**
 * One stream that the command line writes to: a queue before a descriptor.
 *
 * Invariant: writing never blocks the event loop, so signals are heard however slow the reader is.
 * What cannot be written yet waits in the queue; who writes much asks isFull and waits for room.
 * Nothing here throws: a reader that went away, or a full disk, is remembered in `failure`, and all
 * further writing is dropped.
 */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';

const roomBytes = 64 * 1024;
const retryMs = 5;

export class OutputStream {
  /** How writing failed, as `EPIPE`. */
  failure: string | undefined;
  private isAbandoned = false;
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  private retry: NodeJS.Timeout | undefined;
  private waiting: (() => void)[] = [];
  private readonly fd: number;

  /** @param onFailure called once */
  constructor(
    fd: 1 | 2,
    private readonly onFailure: (code: string) => void,
  ) {
    this.fd = nonBlocking(fd);
  }

  write(bytes: Buffer): void {
    if (this.isAbandoned || bytes.length === 0) return;
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
    if (this.retry === undefined) this.pump();
  }

  get isFull(): boolean {
    return this.queuedBytes >= roomBytes;
  }

  /** Resolves once everything is written, or dropped. */
  drained(): Promise<void> {
    return this.queue.length === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Drops what is not written yet, and all that is still to come. */
  abandon(): void {
    this.isAbandoned = true;
    this.settle();
  }

  private settle(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.queue = [];
    this.queuedBytes = 0;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private pump(): void {
    this.retry = undefined;
    try {
      for (let bytes = this.queue[0]; bytes !== undefined; bytes = this.queue[0]) {
        const written = writeSync(this.fd, bytes);
        this.queuedBytes -= written;
        if (written < bytes.length) this.queue[0] = bytes.subarray(written);
        else this.queue.shift();
      }
      this.settle();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
      if (code === 'EAGAIN') this.retry = setTimeout(() => this.pump(), retryMs);
      else this.fail(code);
    }
  }

  private fail(code: string): void {
    this.failure = code;
    this.abandon();
    this.onFailure(code);
  }
}

/**
 * A pipe or terminal of our own description, since O_NONBLOCK on the one that we were given would be
 * felt by every process that shares it. Files need none; a socket cannot be opened again.
 */
function nonBlocking(fd: 1 | 2): number {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFIFO() && !stat.isCharacterDevice()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}
