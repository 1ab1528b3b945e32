/**
 * The attackers: small programs of test/attack/programs that do one harmful thing in a tight loop, as
 * an unprivileged user wherever a user could do it.
 *
 * Invariant: an attacker is gone when its test has finished, and one that broke down fails the test.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { requireTool } from '../support/require-tool.js';
import { startProgram } from '../support/running-program.js';
import { tempDir } from '../support/temp-dir.js';

/** Who has an account here, and means harm. */
export const mallory = 61_002;

/** Attacks take five times as long, and trees are as large as they can be. */
export const isLong = process.env['SESCLE_ATTACK_LONG'] === '1';

/** How long each attack goes on; that is hundreds of thousands of rounds. */
export const attackMs = isLong ? 10_000 : 2_000;

/** What a test of an attack and of its control may take: on a slow machine, and where it fails. */
export const attackTimeoutMs = attackMs + 150_000;

export const isRoot = process.getuid?.() === 0;

/** Whether attacks can be run here: everything is, with CI=true. */
export function canAttack(...tools: readonly string[]): boolean {
  const hasTools = ['gcc', 'setpriv', 'find', ...tools].map(requireTool).every(Boolean);
  return hasTools && isRoot;
}

let built: string;
const programs = new Map<string, string>();

beforeAll(() => {
  built = tempDir('sescle-attack-');
});

/** A program of test/attack/programs, compiled when it is first asked for. */
export function program(name: string): string {
  const known = programs.get(name);
  if (known !== undefined) return known;
  const file = join(built, name);
  const source = join(import.meta.dirname, 'programs', `${name}.c`);
  execFileSync('gcc', ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-o', file, source]);
  programs.set(name, file);
  return file;
}

/** Another user's command: no capabilities, no other groups. */
export function as(uid: number, ...words: readonly string[]): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...words];
}

export interface AttackEnd {
  readonly rounds: number;
  /** What else it has counted. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Attack {
  readonly pid: number;
  /** Ends it. Throws if it had ended before. */
  stop(): Promise<AttackEnd>;
}

/** Starts an attack and resolves when it is under way. */
export async function startAttack(...command: readonly string[]): Promise<Attack> {
  const child = await startProgram(command, /ready/);
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      said += String(chunk);
    });
  }
  const closed = once(child, 'close');
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await closed;
      const { rounds, ...counts }: Record<string, number> = Object.fromEntries(
        Array.from(said.matchAll(/^(\w+) (\d+)$/gm), ([, what, count]) => [what, Number(count)]),
      );
      if (rounds === undefined) throw new Error(`the attack broke down: ${said}`);
      return { rounds, counts };
    },
  };
}
