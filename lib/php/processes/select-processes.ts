/**
 * Which processes are read, of all that run: every one that runs purely as root, and so many of each
 * user's.
 *
 * The first look takes a few small reads a process, and no more than two where its user's quota is
 * used up. It goes through all processes, however many a user starts, so that root's are found always.
 * Workers (forks that have their configuration from another) are counted apart: to leave one out loses
 * nothing but the sessions that it has open.
 *
 * Invariant: where a process with a configuration of its own is left out, a warning tells whose word
 * that hides.
 */
import { type ByteString, printable } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import type { Setter, Warning } from '../provenance.js';
import { type Candidate, candidateOf, isForkOf } from './candidate.js';
import { listPids } from './proc-files.js';
import type { UidJudge } from './process-owner.js';

export interface ProcessLimits {
  readonly maxProcesses: number;
  /** Of each user but root: with a configuration of their own, and as many workers. */
  readonly maxProcessesPerUser: number;
  /** Of files that are not ours. */
  readonly maxTrees: number;
}

export const defaultLimits: ProcessLimits = {
  maxProcesses: 16_384,
  maxProcessesPerUser: 1024,
  maxTrees: 512,
};

export interface Selection {
  /** In the order of their pids. */
  readonly roots: readonly Candidate[];
  /** With a configuration of their own: the first of each user, then the second, and so on. */
  readonly own: readonly Candidate[];
  readonly workers: readonly Candidate[];
  readonly warnings: readonly Warning[];
}

export function selectProcesses(
  proc: ByteString,
  judge: UidJudge,
  { maxProcesses, maxProcessesPerUser }: Omit<ProcessLimits, 'maxTrees'>,
): Selection {
  const pids = listPids(proc);
  if (pids instanceof Unreadable) {
    const message = `${printable(proc)} cannot be read (${pids.reason}): sescle cannot see running PHP`;
    return { roots: [], own: [], workers: [], warnings: [{ message, hides: 0 }] };
  }
  const warnings: Warning[] = [];
  // hidepid hides the first process from all but root, and with it all that are not ours.
  if (pids[0] !== 1) {
    const message = `${printable(proc)} shows only your own processes: run sescle as root`;
    warnings.push({ message, hides: 0 });
  }
  const roots: Candidate[] = [];
  const crowd = new Crowd(proc, judge, maxProcessesPerUser);
  for (const pid of pids) {
    const candidate = candidateOf(proc, pid, crowd.isWanted);
    if (candidate === undefined) continue;
    if (judge.setterOf(candidate.uids) === 0) roots.push(candidate);
    else crowd.add(candidate);
  }
  const own = crowd.own;
  const keptRoots = roots.slice(0, maxProcesses);
  const keptOwn = own.slice(0, maxProcesses - keptRoots.length);
  const left = maxProcesses - keptRoots.length - keptOwn.length;
  const hidden = new Set<Setter>(crowd.crowded);
  for (const { uids } of own.slice(keptOwn.length)) hidden.add(judge.setterOf(uids));
  if (keptRoots.length < roots.length) hidden.add(0);
  for (const hides of hidden) {
    const message = `too many PHP processes of ${describeSetter(hides)}: not all were looked at`;
    warnings.push({ message, hides });
  }
  return { roots: keptRoots, own: keptOwn, workers: crowd.workers.slice(0, left), warnings };
}

/** The processes of users other than root. */
class Crowd {
  readonly #judge: UidJudge;
  readonly #proc: ByteString;
  readonly #quota: number;
  /** By user. */
  readonly #own = new Map<Setter, Candidate[]>();
  readonly #workersOf = new Map<Setter, number>();
  readonly workers: Candidate[] = [];
  /** The users of whom one was left out that has a configuration of its own. */
  readonly crowded = new Set<Setter>();
  /** Workers of one parent mostly follow one another. */
  #lastParent: { readonly pid: number; readonly candidate: Candidate | undefined } | undefined;

  constructor(proc: ByteString, judge: UidJudge, quota: number) {
    this.#proc = proc;
    this.#judge = judge;
    this.#quota = quota;
  }

  readonly isWanted = (uids: readonly number[]): boolean =>
    !this.crowded.has(this.#judge.setterOf(uids));

  add(candidate: Candidate): void {
    const setBy = this.#judge.setterOf(candidate.uids);
    if (this.#isWorker(candidate)) {
      const count = this.#workersOf.get(setBy) ?? 0;
      this.#workersOf.set(setBy, count + 1);
      if (count < this.#quota) this.workers.push(candidate);
      return;
    }
    const own = this.#own.get(setBy) ?? [];
    this.#own.set(setBy, own);
    if (own.length < this.#quota) own.push(candidate);
    else this.crowded.add(setBy);
  }

  /** One of each user in turn, so that no user's many come before another's few. */
  get own(): Candidate[] {
    const inTurn: Candidate[] = [];
    const groups = [...this.#own.values()];
    for (let turn = 0; turn < this.#quota; turn += 1) {
      const before = inTurn.length;
      for (const group of groups) {
        const candidate = group[turn];
        if (candidate !== undefined) inTurn.push(candidate);
      }
      if (inTurn.length === before) break;
    }
    return inTurn;
  }

  #isWorker(candidate: Candidate): boolean {
    const pid = candidate.stat.parent;
    if (this.#lastParent?.pid !== pid)
      this.#lastParent = { pid, candidate: pid > 0 ? candidateOf(this.#proc, pid) : undefined };
    const parent = this.#lastParent.candidate;
    return parent !== undefined && isForkOf(candidate, parent);
  }
}

/** As people call who can have set something. */
export function describeSetter(setBy: Setter): string {
  if (setBy === 0) return 'root';
  return setBy === null ? 'several users' : `uid ${setBy}`;
}
