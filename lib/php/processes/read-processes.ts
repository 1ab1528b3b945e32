/**
 * Finds the PHP that runs on this machine: what it was started with, which files it sees, and which
 * sessions it has open.
 *
 * First every process is looked at for as long as it takes to tell that it does not run PHP; then
 * those that may are read, root's first and without regard to the time, so that no user can crowd
 * them out.
 *
 * A process that we may not look into hides its user's word, since in a directory of ours we could
 * remove that user's files too; root's hides root's word, since root's PHP may write as anyone, unless
 * a systemd service tells what it was started with. So the processes of other
 * users keep nothing that belongs to an unprivileged user.
 *
 * Invariant: nothing is run, attached to or stopped; processes that end meanwhile are no errors. What
 * is left out with a configuration of its own is told, with whose word that hides. But for root's
 * processes the time is bounded by the deadline, the memory by the limits of select-processes.
 */
import { type ByteString, printable } from '../byte-string.js';
import { FileTree, Unreadable } from '../file-tree.js';
import type { Setter, Warning } from '../provenance.js';
import { type Candidate, candidateOf, isForkOf, read } from './candidate.js';
import { toldByItsService } from './closed-process.js';
import { OpenSessions } from './open-sessions.js';
import { ProcFiles } from './proc-files.js';
import type { PhpProcess, ProcessScan } from './process.js';
import { readStat, UidJudge } from './process-owner.js';
import { RootComparison } from './roots.js';
import {
  defaultLimits,
  describeSetter,
  type ProcessLimits,
  type Selection,
  selectProcesses,
} from './select-processes.js';
import { type Sighting, Trees } from './trees.js';

export interface ReadProcessesOptions {
  /** Where procfs is mounted. Default `/proc`. */
  readonly proc?: ByteString;
  /** Tells that there is no time left. Default: there always is. */
  readonly deadline?: () => boolean;
  /** The user we are, whose word counts as root's. Default: the effective uid. */
  readonly callerUid?: number;
  /** This machine's own files, for the services of processes that may not be looked into. */
  readonly host?: FileTree;
  readonly limits?: Partial<ProcessLimits>;
}

export function readProcesses({
  proc = '/proc',
  deadline = () => false,
  callerUid = process.geteuid?.() ?? 0,
  host = new FileTree('/'),
  limits,
}: ReadProcessesOptions = {}): ProcessScan {
  const { maxTrees, ...most } = { ...defaultLimits, ...limits };
  const judge = new UidJudge(proc, callerUid);
  const comparison = new RootComparison(proc);
  const selection = selectProcesses(proc, judge, most);
  const { sightings, late, unsteady, isWithoutWorkers } = sightAll(
    proc,
    selection,
    comparison,
    deadline,
  );
  const warnings: Warning[] = [
    ...selection.warnings,
    ...missingWarnings(proc, judge, late, unsteady, isWithoutWorkers),
  ];
  const trees = new Trees(sightings, comparison, judge, maxTrees);
  const sessions = new OpenSessions();
  const closed: PhpProcess[] = [];
  const processes = sightings.map((sighting): PhpProcess => {
    const found = processOf(sighting, judge, trees.rootOf(sighting));
    if (deadline()) sessions.isBounded = true;
    else lookForSessions(sighting, found, sessions);
    if (sighting.reading.root !== null || found.master !== null) return found;
    const told = found.setBy === 0 ? toldByItsService(found, host) : null;
    if (told === null) closed.push(found);
    return told ?? found;
  });
  if (sessions.isBounded) {
    warnings.push({
      message:
        'not all open files of PHP processes were looked at: there are too many, or it took too long',
    });
  }
  return {
    processes,
    trees: trees.offered,
    openSessions: sessions.found,
    warnings: [...warnings, ...trees.warnings, ...closedWarnings(closed, callerUid)],
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

interface Sightings {
  readonly sightings: readonly Sighting[];
  /** With a configuration of their own, left out for want of time. */
  readonly late: readonly Candidate[];
  /** Those that became another each time that they were looked at. */
  readonly unsteady: readonly Candidate[];
  readonly isWithoutWorkers: boolean;
}

function sightAll(
  proc: ByteString,
  { roots, own, workers }: Selection,
  comparison: RootComparison,
  deadline: () => boolean,
): Sightings {
  const candidates = new Map<number, Candidate>();
  for (const candidate of [...roots, ...own, ...workers]) candidates.set(candidate.pid, candidate);
  const sightings: Sighting[] = [];
  const late: Candidate[] = [];
  const unsteady: Candidate[] = [];
  const look = (candidate: Candidate) => {
    const sighting = sight(proc, candidate, candidates, comparison);
    if (sighting !== undefined) {
      sightings.push(sighting);
      return;
    }
    const still = candidateOf(proc, candidate.pid);
    if (still !== undefined && masterOf(still, candidates) === null) unsteady.push(still);
  };
  for (const candidate of roots) look(candidate);
  for (const candidate of own) {
    if (late.length > 0 || deadline()) late.push(candidate);
    else look(candidate);
  }
  let isWithoutWorkers = false;
  for (const candidate of workers) {
    isWithoutWorkers ||= deadline();
    if (!isWithoutWorkers) look(candidate);
  }
  return { sightings, late, unsteady, isWithoutWorkers };
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
    program: program.name,
    container: reading.container,
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

function missingWarnings(
  proc: ByteString,
  judge: UidJudge,
  late: readonly Candidate[],
  unsteady: readonly Candidate[],
  isWithoutWorkers: boolean,
): Warning[] {
  const tooLong = `looking through ${printable(proc)} took too long: not all`;
  const lateSetters = new Set(late.map(({ uids }) => judge.setterOf(uids)));
  return [
    ...Array.from(lateSetters, (hides) => ({
      message: `${tooLong} PHP of ${describeSetter(hides)} was looked at`,
      hides,
    })),
    ...unsteady.map(({ pid, program, uids }) => ({
      message: `${printable(program.name)} kept changing while sescle read it`,
      source: { kind: 'process' as const, pid },
      hides: judge.setterOf(uids),
    })),
    ...(isWithoutWorkers ? [{ message: `${tooLong} workers were looked at` }] : []),
  ];
}

/** Those that the caller may not look into, by whose word they hide. */
function closedWarnings(closed: readonly PhpProcess[], callerUid: number): Warning[] {
  const groups = new Map<Setter, PhpProcess[]>();
  for (const one of closed) {
    const group = groups.get(one.setBy);
    if (group === undefined) groups.set(one.setBy, [one]);
    else group.push(one);
  }
  const remedy = callerUid === 0 ? 'sescle needs CAP_SYS_PTRACE' : 'run sescle as root';
  return Array.from(groups, ([hides, [first, ...rest]]): Warning[] => {
    if (first === undefined) return [];
    const others = rest.length === 0 ? '' : ` and ${rest.length} more`;
    return [
      {
        message: `${first.label} (process ${first.pid})${others} may not be inspected: ${remedy}`,
        source: { kind: 'process', pid: first.pid },
        hides,
      },
    ];
  }).flat();
}
