/**
 * The web servers that run on this machine, in its own files or in others.
 *
 * Invariant: nothing is run, attached to or stopped. What a process says is worth as much as its uid,
 * unless a service of the system started it: then it is root's word, as whichever user it runs now.
 */
import type { ByteString } from '../byte-string.js';
import { Unreadable } from '../file-tree.js';
import { cgroupName } from '../processes/cgroup.js';
import { listPids, ProcFiles } from '../processes/proc-files.js';
import { readStat, readUids, UidJudge } from '../processes/process-owner.js';
import { withoutDeleted } from '../processes/program.js';
import { insideRoot, type ProcessRoot, RootComparison } from '../processes/roots.js';
import type { Setter } from '../provenance.js';
import { type ServerProgram, serverProgramOf } from './program.js';

export interface RunningServer {
  readonly pid: number;
  readonly startTicks: number;
  readonly program: ServerProgram;
  /** Below its root; null: it cannot be read. */
  readonly exe: ByteString | null;
  /** What follows its name; null: not known. */
  readonly arguments: readonly ByteString[] | null;
  readonly workingDirectory: ByteString | null;
  /** Null: it may not be looked into. */
  readonly root: ProcessRoot | null;
  /** As `docker 0123456789ab`, `lighttpd.service`; null: not known. */
  readonly place: string | null;
  /** The service of this machine that it is of; null: none. */
  readonly unit: string | null;
  readonly setBy: Setter;
  /** Who put together the files that it sees. */
  readonly arrangedBy: Setter;
}

const maxArgumentBytes = 256 * 1024;
const maxCgroupBytes = 64 * 1024;

export function runningServers(
  proc: ByteString = '/proc',
  callerUid: number = process.geteuid?.() ?? 0,
): RunningServer[] {
  const pids = listPids(proc);
  if (pids instanceof Unreadable) return [];
  const judge = new UidJudge(proc, callerUid);
  const comparison = new RootComparison(proc);
  const sighted = new Map<number, Sighting>();
  for (const pid of pids) {
    const sighting = sight(new ProcFiles(proc, pid), pid);
    if (sighting !== undefined) sighted.set(pid, sighting);
  }
  const masters = [...sighted.values()].filter(
    ({ parent, name }) => sighted.get(parent)?.name !== name,
  );
  return masters.map((sighting) => serverOf(sighting, judge, comparison));
}

interface Sighting {
  readonly pid: number;
  readonly files: ProcFiles;
  readonly name: ByteString;
  readonly program: ServerProgram;
  readonly exe: ByteString | null;
  readonly parent: number;
  readonly startTicks: number;
}

function sight(files: ProcFiles, pid: number): Sighting | undefined {
  const link = files.link('exe');
  // Kernel threads and zombies have none (ENOENT); those of others are EACCES to us.
  if (link instanceof Unreadable && (link.isMissing || link.reason === 'ESRCH')) return undefined;
  const exe = link instanceof Unreadable ? null : withoutDeleted(link);
  if (exe !== null && serverProgramOf(exe) === undefined) return undefined;
  const stat = readStat(files);
  if (stat instanceof Unreadable || stat.state === 'Z' || stat.state === 'X') return undefined;
  const program = serverProgramOf(exe ?? stat.comm);
  if (program === undefined) return undefined;
  const { parent, startTicks } = stat;
  return { pid, files, name: exe ?? stat.comm, program, exe, parent, startTicks };
}

function serverOf(
  { pid, startTicks, files, program, exe }: Sighting,
  judge: UidJudge,
  comparison: RootComparison,
): RunningServer {
  const root = comparison.rootOf(files);
  const below = (path: ByteString | Unreadable | null): ByteString | null =>
    root === null || path === null || path instanceof Unreadable
      ? null
      : insideRoot(path, root.path);
  const cgroup = files.read('cgroup', maxCgroupBytes);
  const { label, unit } = cgroupName(cgroup instanceof Unreadable ? '' : cgroup);
  const uids = readUids(files);
  const known = uids instanceof Unreadable ? [] : uids;
  return {
    pid,
    startTicks,
    program,
    exe: below(exe),
    arguments: argumentsOf(files),
    workingDirectory: below(files.link('cwd')),
    root,
    place: label,
    unit,
    setBy: unit === null ? judge.setterOf(known) : 0,
    arrangedBy: comparison.arrangerOf(files, known, judge),
  };
}

/** nginx writes a title over them, in which they stand behind its own words. */
function argumentsOf(files: ProcFiles): readonly ByteString[] | null {
  const text = files.read('cmdline', maxArgumentBytes);
  if (text instanceof Unreadable || text === '') return null;
  const title = /^nginx: master process ([^\0]*)/.exec(text)?.[1];
  const words = title === undefined ? text.split('\0').slice(0, -1) : title.trim().split(' ');
  return words.slice(1);
}
