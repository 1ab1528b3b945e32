/**
 * The two streams that the command line writes to.
 *
 * Invariant: writing is synchronous, so memory stays bounded however slow the reader is (the sweep
 * waits), and in order across both streams. Nothing here throws: a reader that went away, or a full
 * disk, is remembered, told once, and all further writing to that stream is dropped.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** How a stream failed: the error's name, as `EPIPE`. */
export interface StreamFailure {
  readonly stream: 'standard output' | 'standard error';
  readonly code: string;
}

/** How much listing is held back so that a system call is not made for every file. */
const bufferBytes = 64 * 1024;
const retryMs = 5;

export class Console {
  /** The first failure of either stream. */
  failure: StreamFailure | undefined;
  /** Called once, at the first failure. */
  onFailure: (() => void) | undefined;
  /** Called before something other than a progress line is written to a terminal. */
  beforeTerminalOutput: (() => void) | undefined;
  readonly isOutTerminal = isatty(1);
  readonly isErrTerminal = isatty(2);

  private held: Buffer[] = [];
  private heldBytes = 0;
  private flushing: NodeJS.Immediate | undefined;

  /** Writes to standard output soon: at the latest when the event loop comes round. */
  out(data: string | Buffer): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
    this.held.push(bytes);
    this.heldBytes += bytes.length;
    if (this.heldBytes >= bufferBytes) this.flush();
    else this.flushing ??= setImmediate(() => this.flush());
  }

  /** Writes to standard error at once, behind all that was written to standard output. */
  err(text: string): void {
    this.flush();
    if (this.isErrTerminal) this.beforeTerminalOutput?.();
    this.write(2, Buffer.from(text));
  }

  /** Writes to standard error without asking for the line to be cleared first. */
  progress(text: string): void {
    this.write(2, Buffer.from(text));
  }

  /** Writes what is held back for standard output. */
  flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    if (this.heldBytes === 0) return;
    const bytes = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    if (this.isOutTerminal) this.beforeTerminalOutput?.();
    this.write(1, bytes);
  }

  /** The terminal's width in columns, 80 where there is none. */
  get columns(): number {
    const stream = this.isErrTerminal
      ? process.stderr
      : this.isOutTerminal
        ? process.stdout
        : undefined;
    return stream?.columns || 80;
  }

  private readonly broken = new Set<number>();

  private write(fd: 1 | 2, bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.broken.has(fd); ) {
      try {
        at += writeSync(fd, bytes, at);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
        // A pipe that another process made non-blocking and that is full.
        if (code === 'EAGAIN')
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
        else this.fail(fd, code);
      }
    }
  }

  private fail(fd: 1 | 2, code: string): void {
    this.broken.add(fd);
    if (this.failure !== undefined) return;
    this.failure = { stream: fd === 1 ? 'standard output' : 'standard error', code };
    this.onFailure?.();
  }
}
