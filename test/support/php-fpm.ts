/**
 * A real php-fpm: to ask what it makes of a configuration, and to have its pools run scripts.
 *
 * Invariant: what is started here ends with the test that started it, by its own process id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** The first php-fpm on this machine; undefined where there is none (with CI=true an error). */
export function findPhpFpm(): string | undefined {
  const name = readdirSync('/usr/sbin').find((entry) => /^php-fpm[0-9.]*$/.test(entry));
  if (name !== undefined) return `/usr/sbin/${name}`;
  if (process.env['CI'] === 'true') {
    throw new Error('there is no php-fpm in /usr/sbin, and with CI=true no test may be skipped');
  }
  return undefined;
}

export interface Dump {
  /** Whether php-fpm accepts the configuration. */
  readonly isValid: boolean;
  /** The lines of each pool, as `user = www-data`, by the pool's name, in php-fpm's order. */
  readonly pools: ReadonlyMap<string, readonly string[]>;
  /** All that it said, bytes as Latin-1. */
  readonly output: string;
}

/** What `php-fpm -tt` prints of a configuration. */
export function dumpConfiguration(
  phpFpm: string,
  mainFile: string,
  { arguments: more = [], env = {} }: { arguments?: string[]; env?: Record<string, string> } = {},
): Dump {
  const result = spawnSync(phpFpm, ['-tt', '-y', mainFile, ...more], { encoding: 'latin1', env });
  if (result.error) throw result.error;
  const pools = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of result.stderr.split('\n')) {
    const text = /^\[[^\]]*\] NOTICE: (.*)$/.exec(line)?.[1];
    const name = /^\[(.*)\]$/.exec(text ?? '')?.[1];
    if (name !== undefined) {
      lines = [];
      if (name !== 'global') pools.set(name, lines);
    } else if (text?.startsWith('\t')) {
      lines.push(text.slice(1));
    }
  }
  return { isValid: result.status === 0, pools, output: result.stderr };
}

/** Starts php-fpm in the foreground; resolves with its pid when it is ready for requests. */
export async function startPhpFpm(
  phpFpm: string,
  mainFile: string,
  { arguments: more = [], env = {} }: { arguments?: string[]; env?: Record<string, string> } = {},
): Promise<{ readonly pid: number }> {
  const child = spawn(phpFpm, ['-F', '-O', '-y', mainFile, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  const end = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await end;
  });
  await ready(child);
  return { pid: child.pid ?? 0 };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      if (said.includes('ready to handle connections')) resolve();
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error(`php-fpm ended: ${said}`)));
  });
}
