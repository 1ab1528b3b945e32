/**
 * What a driver is: a real program that removes expired sessions, and how it is called.
 *
 * Invariant: a driver only says its command. It prepares what it needs in the scratch directory,
 * before the measurement; nothing of the harness runs inside one.
 */
import { execute, findProgram } from '../execute.js';
import type { Command } from '../measure.js';
import type { Stores, Tree } from '../tree.js';

/** What a driver is asked to do: remove what is expired from a tree. */
export interface Job {
  readonly tree: Stores;
  readonly lifetimeSeconds: number;
  /** An empty directory for configuration files. */
  readonly scratch: string;
}

export interface Driver {
  readonly name: string;
  /** One line on what is run, and what of it is not as on a server. */
  readonly about: string;
  /** Drivers of a family are one program with different settings: tables show the fastest. */
  readonly family?: string;
  /** Deliberately wrong, to prove that the harness notices: never run unless it is named. */
  readonly isFaulty?: boolean;
  /** Whether it goes by ctime: then a tree must be filled for that. */
  readonly judgesByCtime?: boolean;
  /** Why it cannot be run on this machine; undefined if it can. */
  missing(): string | undefined;
  /** What the program says of its version. */
  version(): Promise<string>;
  /** Why it cannot do a job fairly or at all; undefined if it can. */
  unsuitable?(tree: Pick<Tree, 'live' | 'expired' | 'depth'>): string | undefined;
  command(job: Job): Command | Promise<Command>;
}

/** Of Debian's packages, which are named in CONTRIBUTING.md. */
export function missingProgram(name: string): string | undefined {
  return findProgram(name) === undefined ? `${name} is not installed` : undefined;
}

/** The first line that a program says of its version, with no more words than needed. */
export async function firstLine(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await execute(command, args);
  return (stdout.trim() || stderr.trim()).split('\n')[0] ?? '';
}
