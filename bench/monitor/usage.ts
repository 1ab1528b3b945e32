/**
 * What a process has used so far, and holds now, as /proc tells.
 *
 * Invariant: of all its threads, those that have ended among them; nothing of the process is asked or
 * slowed by it.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Holdings {
  /** Resident, in KiB. */
  readonly residentKiB: number;
  /** The part of it that is no file's: heaps and stacks. */
  readonly anonymousKiB: number;
  readonly peakKiB: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** USER_HZ, which is 100 on every Linux (proc(5)). */
const tickMs = 10;

/**
 * User and system time since the process began.
 *
 * @throws Error if there is no such process
 */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name, the second field, may have spaces and parentheses of its own.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** @throws Error if there is no such process */
export function holdings(pid: number): Holdings {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const value = (key: string): number =>
    Number(new RegExp(`^${key}:\\s*([0-9]+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    residentKiB: value('VmRSS'),
    anonymousKiB: value('RssAnon'),
    peakKiB: value('VmHWM'),
    threads: value('Threads'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}
