/**
 * Whether what the stores were found by may say otherwise by now, at a cost that one can pay every
 * minute: the files and directories that were looked at, and which programs that run PHP are running.
 *
 * Invariant: nothing is read but what stat tells and the names of processes that are new; what it says
 * decides when to look, never what to remove.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { ByteString } from '../php/byte-string.js';
import { toBytes } from '../php/byte-string.js';
import { programOf } from '../php/processes/program.js';

export class Changes {
  readonly #files: readonly Buffer[];
  readonly #filesThen: string;
  readonly #watchesProcesses: boolean;
  /** All processes that were there, and whether they may run PHP. */
  #processes: ReadonlyMap<string, boolean> = new Map();

  /** @param files paths on this machine, as bytes */
  constructor(files: readonly ByteString[], watchesProcesses: boolean) {
    this.#files = files.map(toBytes);
    this.#filesThen = this.#stamps();
    this.#watchesProcesses = watchesProcesses;
    this.#haveProcessesChanged();
  }

  /** Whether anything has changed since this was made, or since this was last asked. */
  hasChanged(): boolean {
    const haveProcesses = this.#haveProcessesChanged();
    return haveProcesses || this.#stamps() !== this.#filesThen;
  }

  #stamps(): string {
    return this.#files.map(stampOf).join();
  }

  #haveProcessesChanged(): boolean {
    if (!this.#watchesProcesses) return false;
    const now = new Map<string, boolean>();
    let hasChanged = false;
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const known = this.#processes.get(pid);
      const isPhp = known ?? mayRunPhp(pid);
      if (known === undefined && isPhp) hasChanged = true;
      now.set(pid, isPhp);
    }
    for (const [pid, isPhp] of this.#processes) if (isPhp && !now.has(pid)) hasChanged = true;
    this.#processes = now;
    return hasChanged;
  }
}

function stampOf(file: Buffer): string {
  const stat = lstatSync(file, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '-' : `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

function mayRunPhp(pid: string): boolean {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd();
    return name === 'nginx' || programOf(name) !== undefined;
  } catch {
    return false; // it has ended
  }
}
