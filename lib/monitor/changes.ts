/**
 * Whether what the stores were found by may say otherwise by now, at a cost that one can pay every
 * minute: the files and directories that were looked at, the stores, and which programs that run PHP
 * are running.
 *
 * Invariant: nothing is read but what stat tells and the names of processes that are new, and nothing of
 * a file system whose server may never answer; what it says decides when to look, never what to remove.
 * Whatever cannot be looked at is a state like any other.
 */
import { readdirSync } from 'node:fs';
import { Apart } from '../apart/apart.js';
import { coarseTickMs } from '../clock/reading.js';
import { fileText } from '../file-text.js';
import type { ProcessSapi } from '../php/processes/process.js';
import { programOf } from '../php/processes/program.js';
import { serverProgramOf } from '../php/web-servers/program.js';
import { mountsThatMayHang } from '../stores/silent-mounts.js';
import { type StampQuestion, stampsOf } from './stamps.js';

/** What to look at. */
export interface Watched extends Pick<StampQuestion, 'sources' | 'stores'> {
  readonly hasProcesses: boolean;
  /** Where the kernel tells of processes; /proc by default. */
  readonly proc?: string;
}

/** One that hangs keeps its process: no other is to follow it. */
const stampsApart = new Apart<StampQuestion, string>({
  program: 'monitor/stamps-child.js',
  deadlineMs: 5000,
  mostLeftBehind: 1,
  notAnswering: () => new Error('no answer'),
  failed: (reason) => new Error(reason),
});

export class Changes {
  readonly #watched: Watched;
  /** What the first look told; null: it did not come to an end. */
  readonly #then: Promise<string | null>;
  /** All processes that were there, and what of PHP they may run. */
  #processes: ReadonlyMap<string, ProcessSapi | 'none'> = new Map();
  /** PHP on a command line that was there the last time for the first time. */
  #newcomers: ReadonlySet<string> = new Set();

  /**
   * @param sinceMs when finding the stores began: what has changed since then counts as changed
   * @param signal ends the first look, where that is made apart
   */
  constructor(watched: Watched, sinceMs: number, signal?: AbortSignal) {
    this.#watched = watched;
    const firstNs = BigInt(Math.floor(sinceMs - coarseTickMs)) * 1_000_000n;
    this.#then = this.#look(firstNs, signal);
    this.#haveProcessesChanged();
  }

  /** Settles once the first look has been made, or given up. */
  get begun(): Promise<unknown> {
    return this.#then;
  }

  /**
   * Whether anything has changed since this was made, or since this was last asked. What cannot be
   * looked at has not changed; where it could not be looked at first, it has once it can be.
   *
   * @param signal ends a look that hangs
   */
  async hasChanged(signal?: AbortSignal): Promise<boolean> {
    if (this.#haveProcessesChanged()) return true;
    const before = await this.#then;
    const now = await this.#look(null, signal);
    return now !== null && now !== before;
  }

  /**
   * Where a mount may be dead, a directory may have been replaced by a link onto it: then the look is
   * made in a process of its own, and given up after a while.
   */
  async #look(firstNs: bigint | null, signal: AbortSignal | undefined): Promise<string | null> {
    const { sources, stores } = this.#watched;
    const question = { sources, stores, firstNs };
    const served = mountsThatMayHang();
    if (served.length === 0) return stampsOf(question, served);
    return stampsApart.ask(question, signal).catch(() => null);
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
  const stat = fileText(`${proc}/${pid}/stat`);
  const end = stat.lastIndexOf(')');
  const parent = stat.slice(end + 2).split(' ')[1] ?? '0';
  return [stat.slice(stat.indexOf('(') + 1, end), parent];
}
