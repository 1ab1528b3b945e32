/**
 * Trees of sessions: filled before a sample, checked after it.
 *
 * Invariant: whether a driver did its work is decided here, by looking at every file, and never by
 * what the driver says.
 */
import path from 'node:path';
import { type ExecuteOptions, run } from './execute.js';
import { program } from './places.js';

/** What a tree holds. */
export interface Shape {
  readonly live: number;
  readonly expired: number;
  /** PHP's levels of directories, 0 to 2; each has 32 names, as of 5 bits a character. */
  readonly depth: number;
  /** Flat directories, each a store of its own; 0: the tree is one store. */
  readonly directories: number;
}

export interface Tree extends Shape {
  readonly root: string;
  /** The directories that a cleaner is to be given: the root, or each flat directory. */
  readonly stores: readonly string[];
  /** Seconds since 1970: what was last written before was expired when the tree was filled. */
  readonly mtimeCutoff: number;
  /** The same by ctime, which nobody can set; right only if the tree was filled for that. */
  readonly ctimeCutoff: number;
  readonly contents: Contents;
}

/** What a cleaner has to know of a tree. */
export type Stores = Pick<Tree, 'root' | 'stores' | 'depth' | 'ctimeCutoff'>;

/** One flat directory, of which nobody judges by ctime. */
export function flatStore(root: string): Stores {
  return { root, stores: [root], depth: 0, ctimeCutoff: 0 };
}

/** What check.c counts. */
export interface Contents {
  readonly live: number;
  readonly expired: number;
  readonly foreign: number;
  /** Below the root. */
  readonly directories: number;
  /** Of the live ones' names. */
  readonly fingerprint: string;
}

export interface FillOptions extends ExecuteOptions {
  /** Of each session's content. */
  readonly bytes: number;
  /** Another seed gives other names; a tree may be filled twice. */
  readonly seed?: number;
  /** Whether somebody will judge it by ctime, which may cost two seconds. */
  readonly isJudgedByCtime?: boolean;
}

/** Sessions belong to Debian's www-data, as PHP would make them; only root can give them away. */
const wwwData = 33;

/** Whoever is older is expired: in whole minutes and days, since some rivals know no others. */
export const lifetimeSeconds = 86_400;

export async function fillTree(root: string, shape: Shape, options: FillOptions): Promise<Tree> {
  const { live, expired, depth, directories } = shape;
  const owner = process.getuid?.() === 0 ? [`owner=${wwwData}`] : [];
  const output = await run(
    program('fill'),
    [
      root,
      String(live),
      String(expired),
      `depth=${depth}`,
      `directories=${directories}`,
      `bytes=${options.bytes}`,
      `seed=${options.seed ?? 1}`,
      `gap=${options.isJudgedByCtime ? 1 : 0}`,
      ...owner,
    ],
    options,
  );
  const filled = JSON.parse(output) as Contents & { mtimeCutoff: number; ctimeCutoff: number };
  return {
    ...shape,
    root,
    stores: storesOf(root, directories),
    mtimeCutoff: filled.mtimeCutoff,
    ctimeCutoff: filled.ctimeCutoff,
    contents: {
      live,
      expired,
      foreign: 0,
      directories: filled.directories,
      fingerprint: filled.fingerprint,
    },
  };
}

/** Counts what is there now, looking at every file. */
export async function countTree(
  root: string,
  mtimeCutoff: number,
  options: ExecuteOptions = {},
): Promise<Contents> {
  return JSON.parse(await run(program('check'), [root, String(mtimeCutoff)], options)) as Contents;
}

/** What is wrong with a tree that should hold its live sessions and nothing else; else undefined. */
export function whatIsWrong(tree: Tree, found: Contents): string | undefined {
  const { contents } = tree;
  const problems: string[] = [];
  if (found.expired > 0) problems.push(`left ${found.expired} of ${contents.expired} expired`);
  if (found.live !== contents.live) {
    problems.push(`removed ${contents.live - found.live} of ${contents.live} live`);
  } else if (found.fingerprint !== contents.fingerprint) {
    problems.push('the live sessions are others now');
  }
  if (found.directories !== contents.directories) {
    problems.push(`removed ${contents.directories - found.directories} directories`);
  }
  if (found.foreign > 0) problems.push(`left ${found.foreign} files of its own`);
  return problems.length > 0 ? problems.join(', ') : undefined;
}

function storesOf(root: string, directories: number): string[] {
  if (directories === 0) return [root];
  return Array.from({ length: directories }, (_, i) =>
    path.join(root, `d${String(i).padStart(5, '0')}`),
  );
}
