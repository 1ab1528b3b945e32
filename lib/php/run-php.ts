/**
 * Runs an interpreter that is trusted to be PHP, and yet is given nothing: no shell, no input, next to
 * no environment, no rights, little time and little room.
 *
 * Invariant: always settles, within the time limit; its whole process group is killed at the limit.
 * As root it runs as nobody with no_new_privs (or, without setpriv, as nobody at least: demotion.ts).
 */
import { isUtf8 } from 'node:buffer';
import { type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type ByteString, fromBytes, toBytes } from './byte-string.js';
import { demoted, nobody } from './demotion.js';
import type { FileTree } from './file-tree.js';

export interface PhpCommand {
  readonly binary: ByteString;
  readonly args: readonly ByteString[];
  /** Beside PATH: PHPRC and PHP_INI_SCAN_DIR, if anything. */
  readonly environment: ReadonlyMap<ByteString, ByteString>;
}

export interface RunLimits {
  /** Default 5,000. */
  readonly timeLimitMs?: number | undefined;
  /** Default 1 MiB. */
  readonly maxOutputBytes?: number | undefined;
}

/** Why there is no output, as the end of a sentence that begins with the interpreter's name. */
export class RunFailure {
  constructor(readonly reason: string) {}
}

const path = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a command; its standard output, or why there is none. Standard error is thrown away. */
export async function runPhp(
  tree: FileTree,
  asked: PhpCommand,
  { timeLimitMs = 5_000, maxOutputBytes = 2 ** 20 }: RunLimits = {},
): Promise<ByteString | RunFailure> {
  const { binary, args, environment } = asked;
  const texts = [binary, ...args, ...environment.values()];
  // Node knows arguments as text only.
  if (!texts.every((text) => isUtf8(toBytes(text)) && !text.includes('\0')))
    return new RunFailure('cannot be run: its path or an argument is not UTF-8');
  const options: SpawnOptions = {
    cwd: '/',
    // A group of its own, which can be killed as one.
    detached: true,
    env: {
      PATH: path,
      ...Object.fromEntries(Array.from(environment, ([name, value]) => [name, utf8(value)])),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  };
  const plain = { argv: [binary, ...args].map(utf8), options };
  const command = process.geteuid?.() === 0 ? demoted(tree, plain, nobody) : plain;
  const [file = '', ...rest] = command.argv;
  const child = spawn(file, rest, command.options) as ChildProcessByStdio<null, Readable, null>;
  return await outcomeOf(child, timeLimitMs, maxOutputBytes);
}

function outcomeOf(
  child: ChildProcessByStdio<null, Readable, null>,
  timeLimitMs: number,
  maxOutputBytes: number,
): Promise<ByteString | RunFailure> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: ByteString | RunFailure) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const stop = (reason: string) => {
      killGroup(child);
      child.stdout?.destroy();
      settle(new RunFailure(reason));
    };
    const timer = setTimeout(() => stop(`did not answer within ${timeLimitMs} ms`), timeLimitMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) stop(`printed more than ${maxOutputBytes} bytes`);
      else chunks.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      settle(new RunFailure(`cannot be run: ${error.code ?? error.message}`)),
    );
    child.on('close', (status, signal) => {
      if (signal !== null) settle(new RunFailure(`was ended by ${signal}`));
      else if (status !== 0) settle(new RunFailure(`failed with status ${status}`));
      else settle(fromBytes(Buffer.concat(chunks)));
    });
  });
}

/** Only while the leader is there: afterwards its number may be someone else's. */
function killGroup(child: ChildProcessByStdio<null, Readable, null>): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: it has just ended.
  }
}

function utf8(text: ByteString): string {
  return toBytes(text).toString('utf8');
}
