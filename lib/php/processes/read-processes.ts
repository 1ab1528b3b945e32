/**
 * Finds the PHP that runs on this machine: what it was started with, which files it sees, and which
 * sessions it has open.
 *
 * First every process is looked at for as long as it takes to tell that it does not run PHP; then
 * those that may are read, root's first, so that no user can crowd them out.
 *
 * Invariant: nothing is run, attached to or stopped; processes that end meanwhile, or that may not be
 * looked into, are no errors. The time is bounded by the deadline, the memory by the limits here.
 */
import { type ByteString, printable } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import type { Setter, Warning } from '../provenance.js';
import { type Candidate, candidateOf, isForkOf, read } from './candidate.js';
import { readStat, UidJudge } from './identity.js';
import { OpenSessions } from './open-sessions.js';
import { listPids, ProcFiles } from './proc-files.js';
import type { PhpProcess, ProcessScan } from './process.js';
import { RootComparison } from './roots.js';
import { type Sighting, Trees } from './trees.js';

const maxProcesses = 16_384;
const maxProcessesPerUser = 1024;

export interface ReadProcessesOptions {
  /** Where procfs is mounted. Default `/proc`. */
  readonly proc?: ByteString;
  /** Tells that there is no time left. Default: there always is. */
  readonly deadline?: () => boolean;
  /** The user we are, whose word counts as root's. Default: the effective uid. */
  readonly callerUid?: number;
}

export function readProcesses({
  proc = '/proc',
  deadline = () => false,
  callerUid,
}: ReadProcessesOptions = {}): ProcessScan {
  const warnings: Warning[] = [];
  const judge = new UidJudge(proc, callerUid);
  const comparison = new RootComparison(proc);
  const candidates = findCandidates(proc, judge, deadline, warnings);
  const sightings: Sighting[] = [];
  for (const candidate of candidates.values()) {
    if (deadline()) {
      warnings.push(lateWarning(proc));
      break;
    }
    const sighting = sight(proc, candidate, candidates, comparison);
    if (sighting !== undefined) sightings.push(sighting);
  }
  const trees = new Trees(sightings, comparison, judge);
  const sessions = new OpenSessions();
  const processes = sightings.map((sighting): PhpProcess => {
    const process = processOf(sighting, judge, trees.rootOf(sighting));
    if (!deadline()) lookForSessions(sighting, process, sessions);
    return process;
  });
  if (sessions.isBounded) {
    warnings.push({
      message: 'not all open files of PHP processes were looked at: there are too many',
    });
  }
  return {
    processes,
    trees: trees.offered,
    openSessions: sessions.found,
    warnings: [...warnings, ...trees.warnings, ...closedWarning(processes)],
  };
}

/** Whether a process that was read before still runs, so that its pid is still its own. */
export function stillRuns(
  { pid, startTicks }: Pick<PhpProcess, 'pid' | 'startTicks'>,
  proc: ByteString = '/proc',
): boolean {
  const stat = readStat(new ProcFiles(proc, pid));
  return !(stat instanceof Unreadable) && stat.startTicks === startTicks && stat.state !== 'Z';
}

/** @returns root's first, each group in the order of the pids */
function findCandidates(
  proc: ByteString,
  judge: UidJudge,
  deadline: () => boolean,
  warnings: Warning[],
): Map<number, Candidate> {
  const pids = listPids(proc);
  if (pids instanceof Unreadable) {
    warnings.push({
      message: `${printable(proc)} cannot be read (${pids.reason}): running PHP is not looked at`,
    });
    return new Map();
  }
  const privileged: Candidate[] = [];
  const others: Candidate[] = [];
  const perUser = new Map<Setter, number>();
  const crowds = new Set<Setter>();
  for (const pid of pids) {
    if (deadline()) {
      warnings.push(lateWarning(proc));
      break;
    }
    const candidate = candidateOf(proc, pid);
    if (candidate === undefined) continue;
    const setBy = judge.setterOf(candidate.uids);
    const count = perUser.get(setBy) ?? 0;
    perUser.set(setBy, count + 1);
    if (setBy === 0) privileged.push(candidate);
    else if (count < maxProcessesPerUser) others.push(candidate);
    else crowds.add(setBy);
  }
  for (const setBy of crowds) {
    const whose = setBy === null ? 'several users' : `uid ${setBy}`;
    warnings.push({
      message: `${perUser.get(setBy)} PHP processes of ${whose}: only the first ${maxProcessesPerUser} were looked at`,
    });
  }
  const all = [...privileged, ...others];
  if (all.length > maxProcesses) {
    warnings.push({
      message: `${all.length} PHP processes: only ${maxProcesses} of them were looked at`,
    });
  }
  return new Map(all.slice(0, maxProcesses).map((candidate) => [candidate.pid, candidate]));
}

/** The first of the line of processes that it was forked from. */
function masterOf(candidate: Candidate, candidates: ReadonlyMap<number, Candidate>): number | null {
  let first = candidate;
  // A line cannot be longer than all of them, whatever is read of it.
  for (let steps = 0; steps < candidates.size; steps += 1) {
    const parent = candidates.get(first.stat.parent);
    if (parent === undefined || parent === first || !isForkOf(first, parent)) break;
    first = parent;
  }
  return first === candidate ? null : first.pid;
}

/** A process may have changed just now, as FPM's new workers do: then it is looked at anew, once. */
function sight(
  proc: ByteString,
  candidate: Candidate,
  candidates: ReadonlyMap<number, Candidate>,
  comparison: RootComparison,
): Sighting | undefined {
  const master = masterOf(candidate, candidates);
  const reading = read(candidate, master !== null, comparison);
  if (reading !== undefined) return { candidate, reading, master };
  const again = candidateOf(proc, candidate.pid);
  if (again === undefined) return undefined;
  const masterNow = masterOf(again, candidates);
  const readingNow = read(again, masterNow !== null, comparison);
  return readingNow && { candidate: again, reading: readingNow, master: masterNow };
}

function processOf(
  { candidate, reading, master }: Sighting,
  judge: UidJudge,
  root: ByteString | null,
): PhpProcess {
  const { pid, program, stat, uids } = candidate;
  return {
    pid,
    startTicks: stat.startTicks,
    sapi: program.sapi,
    label: reading.label,
    exe: reading.exe,
    version: program.version,
    uid: uids[1] ?? 0,
    setBy: judge.setterOf(uids),
    master,
    arguments: reading.arguments,
    environment: reading.environment,
    title: reading.title,
    workingDirectory: reading.workingDirectory,
    root,
    unit: reading.unit,
  };
}

function lookForSessions(
  { candidate, reading }: Sighting,
  { pid, label, uid, setBy, root }: PhpProcess,
  sessions: OpenSessions,
): void {
  if (reading.root === null || root === null) return;
  sessions.look(candidate.files, reading.root.path, { pid, label, uid, setBy, root });
}

function lateWarning(proc: ByteString): Warning {
  return { message: `looking through ${printable(proc)} took too long: not all PHP was found` };
}

/** Those that the caller may not look into. */
function closedWarning(processes: readonly PhpProcess[]): Warning[] {
  const closed = processes.filter(({ exe, environment, root, master }) => {
    return exe === null && environment === null && root === null && master === null;
  });
  const [first] = closed;
  if (first === undefined) return [];
  const others = closed.length === 1 ? '' : ` and ${closed.length - 1} more`;
  return [
    {
      message: `${first.label} (process ${first.pid})${others} may not be looked into: run sescle as root`,
      source: { kind: 'process', pid: first.pid },
    },
  ];
}
