/**
 * The two streams that the command line writes to, as one console.
 *
 * Invariant: what is written to both comes out in the order in which it was written, as long as
 * their readers keep up; a progress line never runs into other output.
 */
import { isTerminal } from './is-terminal.js';
import { OutputStream } from './output-stream.js';

/** How a stream failed: the error's name, as `EPIPE`. */
export interface StreamFailure {
  readonly stream: 'standard output' | 'standard error';
  readonly code: string;
}

/** How much listing is held back so that a system call is not made for every file. */
const bufferBytes = 64 * 1024;

export class Console {
  /** The first failure of either stream. */
  failure: StreamFailure | undefined;
  /** Called when a stream's reader has gone away. A full disk is no reason to stop. */
  onReaderGone: (() => void) | undefined;
  /** Called before something other than a progress line is written to a terminal. */
  beforeTerminalOutput: (() => void) | undefined;
  readonly isOutTerminal = isTerminal(1);
  readonly isErrTerminal = isTerminal(2);

  private held: Buffer[] = [];
  private heldBytes = 0;
  private flushing: NodeJS.Immediate | undefined;
  private readonly output = new OutputStream(1, (code) => this.fail('standard output', code));
  private readonly errors = new OutputStream(2, (code) => this.fail('standard error', code));

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
    this.errors.write(Buffer.from(text));
  }

  /** Writes to standard error without asking for the line to be cleared first; drops it if busy. */
  progress(text: string): void {
    if (!this.errors.isFull) this.errors.write(Buffer.from(text));
  }

  /** Undefined while there is room for more; else resolves once there is. */
  room(): Promise<void> | undefined {
    if (!this.output.isFull && !this.errors.isFull) return undefined;
    return this.drained();
  }

  /** Resolves once everything is written, or dropped. */
  async drained(): Promise<void> {
    this.flush();
    await Promise.all([this.output.drained(), this.errors.drained()]);
  }

  /** Gives up on readers that do not read: drops what they have not taken, and all to come. */
  abandon(): void {
    this.output.abandon();
    this.errors.abandon();
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

  /** Writes what is held back for standard output. */
  private flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    if (this.heldBytes === 0) return;
    const bytes = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    if (this.isOutTerminal) this.beforeTerminalOutput?.();
    this.output.write(bytes);
  }

  private fail(stream: StreamFailure['stream'], code: string): void {
    this.failure ??= { stream, code };
    if (code === 'EPIPE') this.onReaderGone?.();
  }
}
