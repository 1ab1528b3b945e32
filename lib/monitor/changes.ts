/**
 * Whether what the stores were found by may say otherwise by now, at a cost that one can pay every
 * minute: the files and directories that were looked at, the stores, and which programs that run PHP
 * are running.
 *
 * Invariant: nothing is read but what stat tells and the names of processes that are new, and nothing of
 * a file system whose server may never answer; what it says decides when to look, never what to remove.
 * Whatever cannot be looked at is a state like any other.
 */
import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { coarseTickMs } from '../clock/reading.js';
import { type ByteString, toBytes } from '../php/byte-string.js';
import { servedMounts } from '../php/processes/mount-view.js';
import type { ProcessSapi } from '../php/processes/process.js';
import { programOf } from '../php/processes/program.js';

/** What to look at: paths on this machine, as bytes. */
export interface Watched {
  /** Files and directories that say which stores there are. */
  readonly sources: readonly ByteString[];
  /** Of the stores only which directory it is matters. */
  readonly stores: readonly ByteString[];
  readonly hasProcesses: boolean;
  /** Where the kernel tells of processes; /proc by default. */
  readonly proc?: string;
}

/** The bits of a directory in which others put files. */
const worldWritable = 0o002n;

export class Changes {
  readonly #watched: Watched;
  readonly #sourcesThen: string;
  readonly #storesThen: string;
  /** All processes that were there, and what of PHP they may run. */
  #processes: ReadonlyMap<string, ProcessSapi | 'none'> = new Map();
  /** PHP on a command line that was there the last time for the first time. */
  #newcomers: ReadonlySet<string> = new Set();

  /** @param sinceMs when finding the stores began: what has changed since then counts as changed */
  constructor(watched: Watched, sinceMs: number) {
    this.#watched = watched;
    const firstNs = BigInt(Math.floor(sinceMs - coarseTickMs)) * 1_000_000n;
    this.#sourcesThen = stampsOf(watched.sources, (file) => stampOf(file, firstNs));
    this.#storesThen = stampsOf(watched.stores, identityOf);
    this.#haveProcessesChanged();
  }

  /** Whether anything has changed since this was made, or since this was last asked. */
  hasChanged(): boolean {
    const haveProcesses = this.#haveProcessesChanged();
    const { sources, stores } = this.#watched;
    return (
      haveProcesses ||
      stampsOf(stores, identityOf) !== this.#storesThen ||
      stampsOf(sources, (file) => stampOf(file, null)) !== this.#sourcesThen
    );
  }

  #haveProcessesChanged(): boolean {
    if (!this.#watched.hasProcesses) return false;
    const now = new Map<string, ProcessSapi | 'none'>();
    const newcomers = new Set<string>();
    let hasChanged = false;
    const { proc = '/proc' } = this.#watched;
    for (const pid of processIds(proc)) {
      const known = this.#processes.get(pid);
      const sapi = known ?? sapiOf(proc, pid);
      now.set(pid, sapi);
      if (this.#newcomers.has(pid)) hasChanged = true;
      if (known !== undefined || sapi === 'none') continue;
      // Cron starts PHP every minute; only what stays keeps sessions that nobody knows of.
      if (sapi === 'cli') newcomers.add(pid);
      else hasChanged = true;
    }
    for (const [pid, sapi] of this.#processes) {
      if (sapi !== 'none' && sapi !== 'cli' && !now.has(pid)) hasChanged = true;
    }
    this.#processes = now;
    this.#newcomers = newcomers;
    return hasChanged;
  }
}

function stampsOf(files: readonly ByteString[], stamp: (file: ByteString) => string): string {
  const served = servedMounts(readOrNothing('/proc/self/mountinfo'));
  const isServed = (file: ByteString) =>
    served.some((point) => file === point || file.startsWith(`${point}/`));
  return files.map((file) => (isServed(file) ? '?' : stamp(file))).join();
}

/** @param firstNs what changed later is given a stamp that it never has again */
function stampOf(file: ByteString, firstNs: bigint | null): string {
  return look(file, (stat) => {
    const identity = `${stat.dev}:${stat.ino}:${stat.mode}:${stat.uid}`;
    // Directories like /tmp change all the time, and say nothing by it.
    if (stat.isDirectory() && (stat.mode & worldWritable) !== 0n) return identity;
    if (firstNs !== null && stat.ctimeNs >= firstNs) return 'new';
    return `${identity}:${stat.mtimeNs}:${stat.ctimeNs}`;
  });
}

function identityOf(directory: ByteString): string {
  return look(directory, ({ dev, ino, uid }) => `${dev}:${ino}:${uid}`);
}

function look(file: ByteString, tell: (stat: BigIntStats) => string): string {
  try {
    return tell(lstatSync(toBytes(file), { bigint: true }));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function processIds(proc: string): string[] {
  try {
    return readdirSync(proc).filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // then nothing is seen to begin or end
  }
}

/** Children of PHP's own count with their parents: servers begin and end them as they please. */
function sapiOf(proc: string, pid: string): ProcessSapi | 'none' {
  const [name, parent] = nameAndParent(proc, pid);
  const sapi = name === 'nginx' ? 'fpm' : programOf(name)?.sapi;
  if (sapi === undefined) return 'none';
  return sapi !== 'cli' && nameAndParent(proc, parent)[0] === name ? 'none' : sapi;
}

/** Of /proc/PID/stat: `PID (NAME) STATE PARENT`; the name may hold anything. */
function nameAndParent(proc: string, pid: string): readonly [name: string, parent: string] {
  const stat = readOrNothing(`${proc}/${pid}/stat`);
  const end = stat.lastIndexOf(')');
  const parent = stat.slice(end + 2).split(' ')[1] ?? '0';
  return [stat.slice(stat.indexOf('(') + 1, end), parent];
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
