/**
 * Runs the built command line as a user would.
 *
 * Invariant: a missing build fails the test with what to do, instead of being skipped.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tempDir } from './temp-dir.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The program's file. */
export const cliPath = `${root}dist/cli/main.js`;

export interface CliEnd {
  /** The exit status; null if a signal killed it. */
  readonly status: number | null;
  readonly stdout: Buffer;
  /** Standard output as text. */
  readonly text: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CliRun {
  readonly ended: Promise<CliEnd>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to the match when standard error has one. */
  awaitStderr(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Throws if something is not built. */
export function requireBuild(): void {
  for (const [file, command] of [
    [cliPath, 'npm run build:ts'],
    [`${root}build/Release/sescle.node`, 'npm run build:native'],
  ] as const) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run ${command} first`);
  }
}

/** Starts `sescle ARGS...`. */
export function startCli(args: readonly string[], options: RunOptions = {}): CliRun {
  return start(process.execPath, [cliPath, ...args], options);
}

/** Runs `sescle ARGS...` to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<CliEnd> {
  return startCli(args, options).ended;
}

/** Runs a bash script in which `"${sescle[@]}"` is the command; for bytes, pipes and users that argv cannot say. */
export function runShell(script: string): Promise<CliEnd> {
  const preamble = `sescle=(${quote(process.execPath)} ${quote(cliPath)})\n`;
  return start('bash', ['-c', preamble + script], {}).ended;
}

/** Quotes for a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Not the machine's: what one test does to its clock is no other's affair. */
const stateDirectory = tempDir('sescle-state-');

function start(command: string, args: readonly string[], { cwd, env: extra }: RunOptions): CliRun {
  requireBuild();
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { STATE_DIRECTORY: stateDirectory, ...env, ...extra, TERM: 'xterm' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data;
  });
  const ended = once(child, 'close').then(([status]): CliEnd => {
    const stdout = Buffer.concat(out);
    return { status, stdout, text: stdout.toString('utf8'), stderr };
  });
  return {
    ended,
    kill: (signal) => child.kill(signal),
    async awaitStderr(pattern) {
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`it ended before ${pattern}: ${stderr}`);
        await Promise.race([once(child.stderr, 'data'), once(child, 'close')]);
      }
    },
  };
}
