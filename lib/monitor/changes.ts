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
import { lstat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { coarseTickMs } from '../clock/reading.js';
import { type ByteString, toBytes } from '../php/byte-string.js';
import { servedMounts } from '../php/processes/mount-view.js';
import type { ProcessSapi } from '../php/processes/process.js';
import { programOf } from '../php/processes/program.js';
import { serverProgramOf } from '../php/web-servers/program.js';

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

/** How long a look beside the event loop is waited for. */
const patienceMs = 5000;
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
  #isLooking = false;

  /** @param sinceMs when finding the stores began: what has changed since then counts as changed */
  constructor(watched: Watched, sinceMs: number) {
    this.#watched = watched;
    const firstNs = BigInt(Math.floor(sinceMs - coarseTickMs)) * 1_000_000n;
    this.#sourcesThen = stampsOf(watched.sources, (stat) => stampOf(stat, firstNs));
    this.#storesThen = stampsOf(watched.stores, identityOf);
    this.#haveProcessesChanged();
  }

  /**
   * Whether anything has changed since this was made, or since this was last asked. Where a mount may be
   * dead, a directory may have been replaced by a link onto it: then this looks beside the event loop,
   * and gives up after a while.
   */
  async hasChanged(): Promise<boolean> {
    if (this.#haveProcessesChanged()) return true;
    const { sources, stores } = this.#watched;
    const served = servedHere();
    if (served.length === 0) {
      return (
        stampsOf(stores, identityOf) !== this.#storesThen ||
        stampsOf(sources, sourceStamp) !== this.#sourcesThen
      );
    }
    // One that still waits keeps a thread: no other is to follow it.
    if (this.#isLooking) return false;
    this.#isLooking = true;
    const looked = this.#haveStampsChanged(served).finally(() => {
      this.#isLooking = false;
    });
    return Promise.race([looked, setTimeout(patienceMs, false, { ref: false })]);
  }

  async #haveStampsChanged(served: readonly ByteString[]): Promise<boolean> {
    const { sources, stores } = this.#watched;
    const now = await stampsBeside(stores, identityOf, served);
    if (now !== this.#storesThen) return true;
    return (await stampsBeside(sources, sourceStamp, served)) !== this.#sourcesThen;
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

/** Of what stat tells, the part that matters. */
type Stamp = (stat: BigIntStats) => string;

function servedHere(): ByteString[] {
  return servedMounts(readOrNothing('/proc/self/mountinfo'));
}

function isOn(mounts: readonly ByteString[], file: ByteString): boolean {
  return mounts.some((mount) => file === mount || file.startsWith(`${mount}/`));
}

function stampsOf(files: readonly ByteString[], stamp: Stamp): string {
  const served = servedHere();
  return files.map((file) => (isOn(served, file) ? '?' : look(file, stamp))).join();
}

/** The same, in the thread pool and one after the other, so that one thread at most waits for ever. */
async function stampsBeside(
  files: readonly ByteString[],
  stamp: Stamp,
  served: readonly ByteString[],
): Promise<string> {
  const stamps: string[] = [];
  for (const file of files) stamps.push(isOn(served, file) ? '?' : await lookBeside(file, stamp));
  return stamps.join();
}

/** @param firstNs what changed later is given a stamp that it never has again */
function stampOf(stat: BigIntStats, firstNs: bigint | null): string {
  const identity = `${stat.dev}:${stat.ino}:${stat.mode}:${stat.uid}`;
  // Directories like /tmp change all the time, and say nothing by it.
  if (stat.isDirectory() && (stat.mode & worldWritable) !== 0n) return identity;
  if (firstNs !== null && stat.ctimeNs >= firstNs) return 'new';
  return `${identity}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

function sourceStamp(stat: BigIntStats): string {
  return stampOf(stat, null);
}

function identityOf({ dev, ino, uid }: BigIntStats): string {
  return `${dev}:${ino}:${uid}`;
}

function look(file: ByteString, tell: Stamp): string {
  try {
    return tell(lstatSync(toBytes(file), { bigint: true }));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

async function lookBeside(file: ByteString, tell: Stamp): Promise<string> {
  try {
    return tell(await lstat(toBytes(file), { bigint: true }));
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
  // Web servers have a say in what FPM does.
  const sapi = programOf(name)?.sapi ?? (serverProgramOf(name) === undefined ? undefined : 'fpm');
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
